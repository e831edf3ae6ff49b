#include <algorithm>
#include <bit>
#include <cstring>

#include "people/sort_cache.hpp"
#include "people/survey.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kRowsPerItem = 1U << 16U;
constexpr std::uint64_t kFew = 4096;  // so many are sorted by themselves, without everyone's order

struct Item {
  std::uint32_t shard = 0;
  std::uint32_t first = 0;
  std::uint32_t rows = 0;
};

std::vector<Item> items_of(const Image& image) {
  std::vector<Item> items;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t first = 0; first < image.people(shard); first += kRowsPerItem) {
      items.push_back(Item{shard, first, std::min(kRowsPerItem, image.people(shard) - first)});
    }
  }
  return items;
}

bool anyone_only_stored(const Image& image) {
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    std::uint8_t any = 0;
    for (const std::uint8_t stance : image.columns(shard).stance) {
      any |= stance;
    }
    if ((any & kRestricted) != 0) {
      return true;
    }
  }
  return false;
}

// The mask holds ones and zeros, so the bits set are the rows kept.
std::uint64_t count_kept(std::span<const std::uint8_t> mask) {
  std::uint64_t count = 0;
  std::size_t i = 0;
  for (; i + 8 <= mask.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, mask.data() + i, sizeof word);
    count += static_cast<std::uint64_t>(std::popcount(word));
  }
  for (; i < mask.size(); ++i) {
    count += mask[i];
  }
  return count;
}

void keep_equal(const std::vector<std::uint8_t>& column, std::uint8_t value, const Item& item,
                std::span<std::uint8_t> mask) {
  const std::uint8_t* values = column.data() + item.first;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<std::uint8_t>(mask[i] & (values[i] == value ? 1 : 0));
  }
}

void evaluate(const Image& image, const Selection& selection, const Item& item,
              const std::string& needle, std::span<std::uint8_t> mask) {
  selection.where.evaluate(image, item.shard, item.first, mask);
  const Columns& columns = image.columns(item.shard);
  if (selection.tier) {
    keep_equal(columns.tier, static_cast<std::uint8_t>(*selection.tier), item, mask);
  }
  if (selection.velocity) {
    keep_equal(columns.velocity, static_cast<std::uint8_t>(*selection.velocity), item, mask);
  }
  if (selection.only) {
    for (std::uint32_t i = 0; i < item.rows; ++i) {
      const bool here = *selection.only == PersonRef{item.shard, item.first + i};
      mask[i] = static_cast<std::uint8_t>(mask[i] & (here ? 1 : 0));
    }
  }
  if (!needle.empty()) {
    for (std::uint32_t i = 0; i < item.rows; ++i) {
      if (mask[i] != 0) {
        mask[i] = id_matches(image, PersonRef{item.shard, item.first + i}, needle, false) ? 1 : 0;
      }
    }
  }
}

std::string lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

using Masks = std::vector<std::vector<std::uint8_t>>;  // by shard

// Few people: sorted by themselves.
std::vector<PersonRef> sorted_few(const Image& image, const Selection& selection,
                                  const Masks& masks) {
  struct Keyed {
    std::int64_t value = 0;
    PersonRef person;
  };
  const bool by_id = selection.sort_column < 0;
  std::vector<Keyed> found;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t index = 0; index < image.people(shard); ++index) {
      if (masks[shard][index] != 0) {
        const PersonRef person{shard, index};
        found.push_back(
            Keyed{by_id ? 0 : column_value(image, selection.sort_column, person), person});
      }
    }
  }
  const Identity& identity = image.identity();
  const auto id_less = [&](PersonRef a, PersonRef b) {
    const ExternalId left = identity.primary(image.number_of(a));
    const ExternalId right = identity.primary(image.number_of(b));
    return left.name_space != right.name_space ? left.name_space < right.name_space
                                               : left.value < right.value;
  };
  std::sort(found.begin(), found.end(), [&](const Keyed& a, const Keyed& b) {
    if (a.value != b.value) {
      if (a.value == kNoValue || b.value == kNoValue) {
        return b.value == kNoValue;
      }
      return selection.descending ? a.value > b.value : a.value < b.value;
    }
    return by_id && selection.descending ? id_less(b.person, a.person)
                                         : id_less(a.person, b.person);
  });
  std::vector<PersonRef> people;
  for (const Keyed& keyed : found) {
    people.push_back(keyed.person);
  }
  return people;
}

void cut_page(const Selection& selection, const std::vector<PersonRef>& sorted, Page& page) {
  const std::uint64_t first = std::min<std::uint64_t>(selection.offset, sorted.size());
  const std::uint64_t last = first + std::min(selection.limit, sorted.size() - first);
  page.people.assign(sorted.begin() + static_cast<std::ptrdiff_t>(first),
                     sorted.begin() + static_cast<std::ptrdiff_t>(last));
}

// Walks everyone's order, past `offset` of those kept; without masks everyone is kept.
void walk_page(const Image& image, const Selection& selection, const Masks* masks, unsigned threads,
               Page& page) {
  const SortCache::Order order =
      image.sort_cache().order(image, selection.sort_column, selection.descending, threads);
  std::uint64_t skip = selection.offset;
  std::size_t at = 0;
  if (masks == nullptr) {
    at = static_cast<std::size_t>(std::min<std::uint64_t>(skip, order->size()));
    skip = 0;
  }
  for (; at < order->size() && page.people.size() < selection.limit; ++at) {
    const PersonRef person = image.ref_of((*order)[at]);
    if (masks != nullptr && (*masks)[person.shard][person.index] == 0) {
      continue;
    }
    if (skip > 0) {
      --skip;
    } else {
      page.people.push_back(person);
    }
  }
}

}  // namespace

Page select(const Image& image, const Selection& asked, unsigned threads) {
  const unsigned workers = threads == 0 ? default_threads() : threads;
  Selection selection = asked;
  if (selection.sort_column >= 0 &&
      people_columns()[static_cast<std::size_t>(selection.sort_column)].type == ColumnType::text) {
    selection.sort_column = -1;
  }
  Page page;
  if (selection.where.everyone() && !selection.tier && !selection.velocity &&
      selection.text.empty() && !selection.only && !anyone_only_stored(image)) {
    page.total = image.people();
    walk_page(image, selection, nullptr, workers, page);
    return page;
  }
  Masks masks(image.shards());
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    masks[shard].resize(image.people(shard));
  }
  const std::vector<Item> items = items_of(image);
  const std::string needle = lower(selection.text);
  std::vector<std::uint64_t> kept(items.size());
  for_each_item(items.size(), workers, [&](unsigned, std::size_t i) {
    const std::span<std::uint8_t> mask =
        std::span(masks[items[i].shard]).subspan(items[i].first, items[i].rows);
    evaluate(image, selection, items[i], needle, mask);
    kept[i] = count_kept(mask);
  });
  for (const std::uint64_t count : kept) {
    page.total += count;
  }
  if (page.total <= kFew) {
    cut_page(selection, sorted_few(image, selection, masks), page);
  } else if (selection.offset < page.total) {
    walk_page(image, selection, &masks, workers, page);
  }
  return page;
}

std::uint64_t count(const Image& image, const Expression& where, unsigned threads) {
  if (where.everyone() && !anyone_only_stored(image)) {
    return image.people();
  }
  const std::vector<Item> items = items_of(image);
  std::vector<std::uint64_t> kept(items.size());
  for_each_item(items.size(), threads, [&](unsigned, std::size_t i) {
    std::vector<std::uint8_t> mask(items[i].rows);
    where.evaluate(image, items[i].shard, items[i].first, mask);
    kept[i] = count_kept(mask);
  });
  std::uint64_t sum = 0;
  for (const std::uint64_t count : kept) {
    sum += count;
  }
  return sum;
}

}  // namespace guanxi
