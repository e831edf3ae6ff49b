#include "people/product_records.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "people/parallel.hpp"
#include "relationship/encounter.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kPeoplePerItem = 2048;

Signal signal_of(EventKind kind) {
  if (kind == EventKind::product_viewed) {
    return Signal::looked;
  }
  if (kind == EventKind::product_added) {
    return Signal::cart;
  }
  return kind == EventKind::wishlist_added ? Signal::wish : Signal::none;
}

std::int64_t units_of(const CompactEvent& event) {
  return std::max<std::int64_t>(1, std::abs(std::int64_t{event.quantity()}));
}

}  // namespace

ProductIndex::ProductIndex(std::vector<std::string> names) : names_(std::move(names)) {
  std::sort(names_.begin(), names_.end());
}

std::uint32_t ProductIndex::find(std::string_view name) const {
  const auto found = std::lower_bound(names_.begin(), names_.end(), name);
  return found != names_.end() && *found == name
             ? static_cast<std::uint32_t>(found - names_.begin())
             : kNone;
}

std::vector<std::uint32_t> ProductIndex::places(const Dictionary& subjects) const {
  std::vector<std::uint32_t> places(subjects.size() + 1, kNone);
  for (std::uint32_t product = 0; product < size(); ++product) {
    const std::uint32_t number = subjects.find(names_[product]);
    if (number != 0 && number < places.size()) {
      places[number] = product;
    }
  }
  return places;
}

bool is_about_product(EventKind kind) {
  return is_buying(kind) || signal_of(kind) != Signal::none || kind == EventKind::line_returned ||
         kind == EventKind::idea_submitted || kind == EventKind::review_posted;
}

std::string_view name_of(Signal signal) {
  constexpr std::array<std::string_view, kSignals> kNames = {"none", "looked", "cart", "wish"};
  return kNames.at(static_cast<std::size_t>(signal));
}

void PersonProducts::read(std::span<const CompactEvent> events, const Zone& zone, Day day,
                          const ProductOf& product_of) {
  day_ = day;
  touches_.clear();
  days_.clear();
  records_.clear();
  gaps_.clear();
  purchases_ = 0;
  find_called_off(events, zone);
  for (const CompactEvent& event : events) {
    if (event.subject() == 0 || event.has(kDerived) || !is_about_product(event.kind())) {
      continue;
    }
    const std::uint32_t product = product_of(event.subject());
    if (product == ProductIndex::kNone) {
      continue;
    }
    const std::int32_t on = zone.day_of(event.occurred_at()).number;
    if (on > day.number) {
      break;
    }
    if (is_buying(event.kind()) &&
        std::binary_search(called_off_.begin(), called_off_.end(), event.order_ref())) {
      continue;
    }
    touches_.push_back({product, on, &event});
    if (is_buying(event.kind())) {
      days_.push_back(on);
    }
  }
  first_order_ = days_.empty() ? kNoDay : Day{days_.front()};
  last_order_ = days_.empty() ? kNoDay : Day{days_.back()};
  order_days_ = static_cast<std::uint32_t>(std::unique(days_.begin(), days_.end()) - days_.begin());
  std::sort(touches_.begin(), touches_.end(), [](const Touch& a, const Touch& b) {
    return a.product != b.product ? a.product < b.product : a.event < b.event;
  });
  for (std::size_t first = 0; first < touches_.size();) {
    std::size_t end = first;
    while (end < touches_.size() && touches_[end].product == touches_[first].product) {
      ++end;
    }
    record(std::span(touches_).subspan(first, end - first));
    first = end;
  }
}

void PersonProducts::find_called_off(std::span<const CompactEvent> events, const Zone& zone) {
  called_off_.clear();
  for (const CompactEvent& event : events) {
    const bool whole = event.kind() == EventKind::order_cancelled ||
                       (event.kind() == EventKind::order_refunded && !event.has(kPartial));
    if (whole && event.order_ref() != 0 && zone.day_of(event.occurred_at()) <= day_) {
      called_off_.push_back(event.order_ref());
    }
  }
  std::sort(called_off_.begin(), called_off_.end());
}

void PersonProducts::buy(ProductRecord& record, const Touch& touch, std::int64_t& units_of_day) {
  const std::int64_t units = units_of(*touch.event);
  if (record.bought_days == 0 || record.last_bought.number != touch.day) {
    if (record.bought_days > 0) {
      gaps_.push_back(touch.day - record.last_bought.number);
    } else {
      record.first_bought = Day{touch.day};
      record.first_ordinal = touch.event->ordinal();
    }
    ++record.bought_days;
    record.last_bought = Day{touch.day};
    units_of_day = 0;
  }
  record.unit_squares +=
      (units_of_day + units) * (units_of_day + units) - units_of_day * units_of_day;
  units_of_day += units;
  record.units += units;
  record.amount_minor += touch.event->has(kForeignCurrency) ? 0 : touch.event->amount_minor();
  record.last_ordinal = touch.event->ordinal();
  record.looks = 0;
  record.signal = Signal::none;
}

void PersonProducts::look(ProductRecord& record, const Touch& touch) const {
  const Signal signal = signal_of(touch.event->kind());
  if (record.bought_days == 0) {
    record.first_look = record.first_look == kNoDay ? Day{touch.day} : record.first_look;
    record.first_signal = std::max(record.first_signal, signal);
  }
  if (day_.number - touch.day < kLookDays) {
    ++record.looks;
    record.last_look = Day{touch.day};
    record.look_ordinal = touch.event->ordinal();
    record.signal = std::max(record.signal, signal);
  }
}

void PersonProducts::record(std::span<const Touch> touches) {
  ProductRecord record;
  record.product = touches.front().product;
  record.gaps_first = static_cast<std::uint32_t>(gaps_.size());
  std::int64_t units_of_day = 0;
  for (const Touch& touch : touches) {
    const CompactEvent& event = *touch.event;
    if (is_buying(event.kind())) {
      buy(record, touch, units_of_day);
    } else if (signal_of(event.kind()) != Signal::none) {
      look(record, touch);
    } else if (event.kind() == EventKind::line_returned) {
      record.returned_units += units_of(event);
    } else {
      const bool idea = event.kind() == EventKind::idea_submitted;
      record.last_said = Day{touch.day};
      record.said_ordinal = event.ordinal();
      record.ideas += idea ? 1U : 0U;
      record.ratings += idea ? 0U : 1U;
      record.rating_sum +=
          idea ? 0U : static_cast<std::uint32_t>(std::clamp(event.quantity(), 0, 100));
    }
    if (is_buying(event.kind()) || signal_of(event.kind()) != Signal::none) {
      record.named_ordinal = event.ordinal();
      record.named_s = event.occurred_s();
    }
  }
  purchases_ += record.bought_days;
  records_.push_back(record);
}

const ProductRecord* PersonProducts::find(std::uint32_t product) const {
  const auto found =
      std::lower_bound(records_.begin(), records_.end(), product,
                       [](const ProductRecord& a, std::uint32_t b) { return a.product < b; });
  return found != records_.end() && found->product == product ? &*found : nullptr;
}

std::span<const double> PersonProducts::gaps(const ProductRecord& record) const {
  return std::span(gaps_).subspan(record.gaps_first,
                                  record.bought_days == 0 ? 0 : record.bought_days - 1);
}

ForShards shards_of(const Image& image, const Model& model) {
  return [&image, &model](std::string_view /*phase*/, const ShardWork& work) -> Result<void> {
    for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
      work(image, model, shard);
    }
    return {};
  };
}

void for_people_of(const Image& image, std::uint32_t shard, unsigned threads,
                   const std::function<void(unsigned worker, PersonRef person)>& visit) {
  const std::uint32_t people = image.people(shard);
  for_each_item((people + kPeoplePerItem - 1) / kPeoplePerItem, threads,
                [&](unsigned worker, std::size_t item) {
                  const auto first = static_cast<std::uint32_t>(item) * kPeoplePerItem;
                  const std::uint32_t end = std::min(people, first + kPeoplePerItem);
                  for (std::uint32_t index = first; index < end; ++index) {
                    const PersonRef person{shard, index};
                    if ((image.stance(person) & kNotFolded) == 0) {
                      visit(worker, person);
                    }
                  }
                });
}

Result<ProductIndex> products_heard_of(const ForShards& shards, std::uint32_t most,
                                       unsigned threads) {
  std::vector<std::vector<std::uint32_t>> heard(threads);  // by worker, by subject
  std::map<std::string, std::uint64_t> products;
  GUANXI_TRY_VOID(shards("products", [&](const Image& image, const Model&, std::uint32_t shard) {
    const std::size_t subjects = image.subjects().size() + 1;
    for (std::vector<std::uint32_t>& counts : heard) {
      counts.assign(subjects, 0);
    }
    const auto hear = [&](unsigned worker, std::span<const CompactEvent> events) {
      for (const CompactEvent& event : events) {
        if (event.subject() != 0 && is_about_product(event.kind())) {
          ++heard[worker][event.subject()];
        }
      }
    };
    for_people_of(image, shard, threads,
                  [&](unsigned worker, PersonRef person) { hear(worker, image.timeline(person)); });
    for (std::uint32_t part = shard; part < Image::kNobodyParts; part += image.shards()) {
      hear(0, image.nobody(part));
    }
    for (std::size_t subject = 1; subject < subjects; ++subject) {
      std::uint64_t count = 0;
      for (const std::vector<std::uint32_t>& counts : heard) {
        count += counts[subject];
      }
      if (count > 0) {
        products[std::string(image.subjects().text(static_cast<std::uint32_t>(subject)))] += count;
      }
    }
  }));
  products.erase("");
  std::vector<std::pair<std::uint64_t, std::string>> ranked;
  for (const auto& [name, count] : products) {
    ranked.emplace_back(~count, name);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min<std::size_t>(ranked.size(), most));
  std::vector<std::string> names;
  for (auto& [count, name] : ranked) {
    names.push_back(std::move(name));
  }
  return ProductIndex(std::move(names));
}

}  // namespace guanxi
