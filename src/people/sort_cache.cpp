#include "people/sort_cache.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "people/expression.hpp"
#include "people/image.hpp"

namespace guanxi {
namespace {

constexpr int kById = -1;

/// The first bytes of an id, so that most comparisons need no look at the id itself.
struct IdKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint32_t person = 0;
};

std::uint64_t big_endian(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

IdKey key_of(const Identity& identity, std::uint32_t person) {
  const ExternalId id = identity.primary(person);
  std::array<char, 16> bytes{};
  bytes[0] = static_cast<char>(id.name_space);
  std::memcpy(bytes.data() + 1, id.value.data(), std::min<std::size_t>(15, id.value.size()));
  return IdKey{big_endian(bytes.data()), big_endian(bytes.data() + 8), person};
}

std::vector<std::uint32_t> sorted_by_id(const Image& image, unsigned threads) {
  const Identity& identity = image.identity();
  std::vector<IdKey> keys(identity.people());
  const auto less = [&](const IdKey& a, const IdKey& b) {
    if (a.high != b.high) {
      return a.high < b.high;
    }
    if (a.low != b.low) {
      return a.low < b.low;
    }
    return identity.primary(a.person).value < identity.primary(b.person).value;
  };
  const std::size_t parts = threads > 1 && keys.size() > 10000 ? 2 : 1;
  const std::size_t middle = parts == 2 ? keys.size() / 2 : keys.size();
  for_each_item(parts, threads, [&](unsigned, std::size_t part) {
    const std::size_t first = part == 0 ? 0 : middle;
    const std::size_t last = part == 0 ? middle : keys.size();
    for (std::size_t i = first; i < last; ++i) {
      keys[i] = key_of(identity, static_cast<std::uint32_t>(i));
    }
    std::sort(keys.begin() + static_cast<std::ptrdiff_t>(first),
              keys.begin() + static_cast<std::ptrdiff_t>(last), less);
  });
  std::inplace_merge(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(middle), keys.end(),
                     less);
  std::vector<std::uint32_t> order(keys.size());
  std::transform(keys.begin(), keys.end(), order.begin(),
                 [](const IdKey& key) { return key.person; });
  return order;
}

// Values as unsigned keys from 0, reversed when descending; missing values last either way.
std::vector<std::uint64_t> keys_of(const Image& image, int column, bool descending,
                                   unsigned threads) {
  std::vector<std::uint64_t> keys(image.people());
  std::vector<std::int64_t> lowest(image.shards(), INT64_MAX);
  std::vector<std::int64_t> highest(image.shards(), INT64_MIN);
  for_each_item(image.shards(), threads, [&](unsigned, std::size_t shard) {
    std::vector<std::int64_t> values(image.people(static_cast<std::uint32_t>(shard)));
    column_values(image, column, static_cast<std::uint32_t>(shard), 0, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      keys[i * image.shards() + shard] = static_cast<std::uint64_t>(values[i]);
      if (values[i] != kNoValue) {
        lowest[shard] = std::min(lowest[shard], values[i]);
        highest[shard] = std::max(highest[shard], values[i]);
      }
    }
  });
  const std::int64_t low = *std::min_element(lowest.begin(), lowest.end());
  const std::int64_t high = *std::max_element(highest.begin(), highest.end());
  const auto missing = low > high
                           ? std::uint64_t{0}
                           : static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  for (std::uint64_t& key : keys) {
    const auto value = static_cast<std::int64_t>(key);
    if (value == kNoValue) {
      key = missing;
    } else {
      key = descending ? static_cast<std::uint64_t>(high) - key
                       : key - static_cast<std::uint64_t>(low);
    }
  }
  return keys;
}

// Least significant byte first, so that ties keep the order they come in.
std::vector<std::uint32_t> radix_sorted(std::vector<std::uint32_t> order,
                                        const std::vector<std::uint64_t>& keys) {
  const std::uint64_t most = keys.empty() ? 0 : *std::max_element(keys.begin(), keys.end());
  std::vector<std::uint32_t> other(order.size());
  constexpr unsigned kBits = 11;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  for (unsigned shift = 0; shift < 64 && (most >> shift) != 0; shift += kBits) {
    std::array<std::size_t, kBuckets + 1> begin{};
    for (const std::uint64_t key : keys) {
      ++begin[((key >> shift) & (kBuckets - 1)) + 1];
    }
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      begin[bucket + 1] += begin[bucket];
    }
    for (const std::uint32_t person : order) {
      other[begin[(keys[person] >> shift) & (kBuckets - 1)]++] = person;
    }
    order.swap(other);
  }
  return order;
}

}  // namespace

SortCache::Order SortCache::find(std::uint64_t version, int column, bool descending) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->version == version && entry->column == column && entry->descending == descending) {
      entries_.splice(entries_.begin(), entries_, entry);
      return entries_.front().order;
    }
  }
  return nullptr;
}

void SortCache::put(Entry entry) {
  const std::lock_guard lock(mutex_);
  entries_.remove_if([&](const Entry& other) {
    return other.column == entry.column && other.descending == entry.descending;
  });
  entries_.push_front(std::move(entry));
  while (entries_.size() > kKept) {
    entries_.pop_back();
  }
}

SortCache::Order SortCache::by_id(const Image& image, unsigned threads) {
  if (Order known = find(image.people_version(), kById, false); known != nullptr) {
    return known;
  }
  auto order = std::make_shared<const std::vector<std::uint32_t>>(sorted_by_id(image, threads));
  put(Entry{image.people_version(), kById, false, order});
  return order;
}

SortCache::Order SortCache::order(const Image& image, int column, bool descending,
                                  unsigned threads) {
  const bool text = column == kById;
  if (text && !descending) {
    return by_id(image, threads);
  }
  const std::uint64_t version = text ? image.people_version() : image.version();
  if (Order known = find(version, column, descending); known != nullptr) {
    return known;
  }
  std::vector<std::uint32_t> people = *by_id(image, threads);
  if (text) {
    std::reverse(people.begin(), people.end());
  } else {
    people = radix_sorted(std::move(people), keys_of(image, column, descending, threads));
  }
  auto order = std::make_shared<const std::vector<std::uint32_t>>(std::move(people));
  put(Entry{version, column, descending, order});
  return order;
}

std::size_t SortCache::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const Entry& entry : entries_) {
    bytes += entry.order->capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

void SortCache::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

}  // namespace guanxi
