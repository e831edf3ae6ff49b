#include "people/purchase_histories.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "people/survey_fold.hpp"
#include "relationship/encounter.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

using Bought = PurchaseMemory::Bought;

bool is_purchase(const CompactEvent& event) {
  return is_buying(event.kind()) ||
         (event.kind() == EventKind::fee_charged && event.amount_minor() >= 0);
}

// A fee below 0 (a voucher) gives money back too.
bool gives_back(const CompactEvent& event) {
  return is_taking_back(event.kind()) || event.kind() == EventKind::fee_charged;
}

std::int64_t take(Bought& bought, std::int64_t amount_minor) {
  const std::int64_t taken = std::min(std::max<std::int64_t>(bought.amount_minor, 0), amount_minor);
  bought.amount_minor -= taken;
  return amount_minor - taken;
}

// An order's purchases, in order of time.
std::span<const std::uint32_t> places_of(std::uint32_t order_ref, const PurchaseMemory& memory) {
  const auto ref_of = [&](std::uint32_t place) { return memory.bought[place].order_ref; };
  const auto first = std::ranges::lower_bound(memory.by_order, order_ref, {}, ref_of);
  const auto last = std::ranges::upper_bound(memory.by_order, order_ref, {}, ref_of);
  return {first, last};
}

bool takes_all(const CompactEvent& event) {
  return is_taking_back(event.kind()) && event.kind() != EventKind::line_returned &&
         !event.has(kPartial) && event.amount_minor() == 0;
}

// Takes what the event gives back from the first `before` purchases.
void take_back(const CompactEvent& event, std::size_t before, PurchaseMemory& memory) {
  const std::int64_t amount =
      event.has(kForeignCurrency) ? 0 : std::max<std::int64_t>(-event.amount_minor(), 0);
  std::int64_t left = amount;
  std::int64_t kept = 0;
  std::span<const std::uint32_t> places;
  if (event.order_ref() != 0) {
    places = places_of(event.order_ref(), memory);
    places = places.first(
        static_cast<std::size_t>(std::ranges::lower_bound(places, before) - places.begin()));
  }
  if (places.empty()) {
    for (std::size_t i = before; i > 0 && left > 0; --i) {
      left = take(memory.bought[i - 1], left);
    }
    return;
  }
  for (const std::uint32_t place : places) {
    left = take(memory.bought[place], left);
    kept += memory.bought[place].amount_minor;
  }
  if (takes_all(event) || (is_taking_back(event.kind()) && amount > 0 && kept <= 0)) {
    for (const std::uint32_t place : places) {
      memory.bought[place].taken_back = true;
      memory.bought[place].amount_minor = 0;
    }
  }
}

void gather(std::span<const CompactEvent> events, const Model& model, Day through,
            PurchaseMemory& memory) {
  memory.bought.clear();
  memory.given_back.clear();
  for (const CompactEvent& event : events) {
    const bool purchase = is_purchase(event);
    if (!purchase && !gives_back(event)) {
      continue;
    }
    const Day day = model.zone.day_of(event.occurred_at());
    if (day > through) {
      break;
    }
    if (!purchase) {
      memory.given_back.emplace_back(&event, memory.bought.size());
      continue;
    }
    const bool known = !event.has(kForeignCurrency);
    memory.bought.push_back(
        {event.order_ref(), day.number, known ? event.amount_minor() : 0, known, false});
  }
  memory.by_order.resize(memory.given_back.empty() ? 0 : memory.bought.size());
  std::iota(memory.by_order.begin(), memory.by_order.end(), 0U);
  std::ranges::stable_sort(memory.by_order, {},
                           [&](std::uint32_t place) { return memory.bought[place].order_ref; });
  for (const auto& [event, before] : memory.given_back) {
    take_back(*event, before, memory);
  }
}

}  // namespace

std::span<const PurchaseDay> purchase_days_of(std::span<const CompactEvent> events,
                                              const Model& model, Day through,
                                              PurchaseMemory& memory) {
  gather(events, model, through, memory);
  std::vector<PurchaseDay>& days = memory.days;
  days.clear();
  for (const Bought& bought : memory.bought) {
    if (bought.taken_back) {
      continue;
    }
    if (days.empty() || days.back().day.number != bought.day) {
      days.push_back({Day{bought.day}, 0, false});
    }
    days.back().paid_minor += bought.amount_minor;
    days.back().money_known = days.back().money_known || bought.money_known;
  }
  for (PurchaseDay& day : days) {
    day.paid_minor = std::max<std::int64_t>(day.paid_minor, 0);
  }
  return days;
}

std::optional<PersonPurchases> purchases_of(std::span<const CompactEvent> events,
                                            const Model& model, Day through,
                                            PurchaseMemory& memory) {
  const std::span<const PurchaseDay> days = purchase_days_of(events, model, through, memory);
  if (days.empty()) {
    return std::nullopt;
  }
  PersonPurchases sum;
  sum.first = days.front().day;
  sum.last = days.back().day;
  sum.days = static_cast<std::uint32_t>(days.size());
  sum.paid_minor = days.front().paid_minor;
  for (std::size_t i = 1; i < days.size(); ++i) {
    sum.log_interval_sum += std::log(days[i].day.number - days[i - 1].day.number);
    sum.paid_minor += days[i].paid_minor;
    if (days[i].money_known) {
      ++sum.money_days;
      sum.repeat_minor += days[i].paid_minor;
    }
  }
  return sum;
}

PurchaseHistory history_of(const PersonPurchases& purchases, Day through) {
  PurchaseHistory history;
  history.repeat_purchases = purchases.days - 1;
  history.recency_days = purchases.last.number - purchases.first.number;
  history.age_days = through.number - purchases.first.number;
  history.log_interval_sum = purchases.log_interval_sum;
  return history;
}

SpendHistory spend_of(const PersonPurchases& purchases) {
  if (purchases.money_days == 0 || purchases.repeat_minor <= 0) {
    return {};
  }
  return {purchases.money_days, static_cast<double>(purchases.repeat_minor) / purchases.money_days};
}

std::vector<PersonPurchases> purchase_histories(const Image& image, const Model& model, Day through,
                                                unsigned threads, const Progress& progress) {
  struct Tally {
    PurchaseMemory memory;
    std::vector<PersonPurchases> people;
  };
  const bool today = through == image.as_of() && image.folded();
  auto workers = for_everyone<Tally>(
      image, threads,
      [&](Worker<Tally>& worker, PersonRef person) {
        const std::span<const CompactEvent> events = image.timeline(person);
        const std::uint8_t stance =
            today ? image.stance(person) : stance_on(events, model, through);
        if ((stance & kNotFolded) != 0) {
          return;
        }
        auto purchases = purchases_of(events, model, through, worker.tally.memory);
        if (purchases) {
          purchases->person = image.number_of(person);
          worker.tally.people.push_back(*purchases);
        }
      },
      progress);
  std::vector<PersonPurchases> people;
  for (Worker<Tally>& worker : workers) {
    people.insert(people.end(), worker.tally.people.begin(), worker.tally.people.end());
  }
  std::ranges::sort(people, {}, &PersonPurchases::person);
  return people;
}

}  // namespace guanxi
