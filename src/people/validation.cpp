#include "people/validation.hpp"

#include <algorithm>

#include "people/survey_fold.hpp"
#include "relationship/encounter.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr std::int32_t kDaysAWeek = 7;
constexpr std::uint32_t kHorizonMost = 36500;

struct Stand {
  const Model& model;
  Day at;
  Day known;    ///< the last day that is known
  Day earlier;  ///< the last day that was known one horizon before
  Day end;      ///< the last day looked at
};

std::int32_t week_of(Day day, Day at) {
  const std::int32_t days = day.number - at.number;
  return days >= 0 ? days / kDaysAWeek : (days + 1) / kDaysAWeek - 1;
}

/// A worker's share of the testimony.
struct Gathered {
  PurchaseMemory memory;
  std::vector<Witnessed> people;
  std::vector<std::uint64_t> weekly;  ///< from the week of day 0 on
};

std::size_t place_of_week(Day day, Day at) {
  return static_cast<std::size_t>(week_of(day, at) - week_of(Day{0}, at));
}

/// What they had bought by then; false when nothing.
bool look_back(Witnessed& row, std::span<const CompactEvent> events, const Stand& stand,
               PurchaseMemory& memory) {
  const auto bought = purchases_of(events, stand.model, stand.known, memory);
  if (!bought) {
    return false;
  }
  row.bought = *bought;
  row.bought.person = row.person;
  if (const auto earlier = purchases_of(events, stand.model, stand.earlier, memory)) {
    row.earlier_last = earlier->last;
    row.earlier_days = earlier->days;
    row.earlier_paid_minor = earlier->paid_minor;
  }
  for (const PurchaseDay& day : purchase_days_of(events, stand.model, stand.known, memory)) {
    if (day.day > stand.earlier) {
      ++row.lately_days;
      row.lately_paid_minor += day.paid_minor;
    }
  }
  return true;
}

/// What they bought and did from then on.
void look_ahead(Witnessed& row, std::span<const CompactEvent> events, const Stand& stand,
                Gathered& gathered) {
  for (const PurchaseDay& day : purchase_days_of(events, stand.model, stand.end, gathered.memory)) {
    if (day.day > row.bought.first) {
      ++gathered.weekly[place_of_week(day.day, stand.at)];
    }
    if (day.day > stand.known) {
      ++row.next_days;
      row.next_paid_minor += day.paid_minor;
    }
  }
  for (const CompactEvent& event : events) {
    const Day day = stand.model.zone.day_of(event.occurred_at());
    if (day <= stand.known || day > stand.end) {
      continue;
    }
    const EventKind kind = event.kind();
    if (is_taking_back(kind)) {
      ++row.next_refunds;
      row.next_refunded_minor +=
          event.has(kForeignCurrency) ? 0 : std::max<std::int64_t>(0, -event.amount_minor());
    } else if (kind == EventKind::complaint_raised || kind == EventKind::promise_broken) {
      ++row.next_complaints;
    } else if (kind == EventKind::referred_order) {
      ++row.next_referred_orders;
    }
  }
}

bool may_be_judged(const Image& image, PersonRef person) {
  return (image.stance(person) & kNotFolded) == 0;
}

Testimony gather(const Image& image, const Stand& stand, const ValidationWork& work) {
  const std::size_t weeks = place_of_week(stand.end, stand.at) + 1;
  auto workers = for_everyone<Gathered>(
      image, work.threads,
      [&](Worker<Gathered>& worker, PersonRef person) {
        if (!may_be_judged(image, person) || (work.stopped && work.stopped())) {
          return;
        }
        Gathered& gathered = worker.tally;
        gathered.weekly.resize(weeks);
        const std::span<const CompactEvent> events = image.timeline(person);
        Witnessed row;
        row.person = image.number_of(person);
        if (!look_back(row, events, stand, gathered.memory)) {
          return;
        }
        look_ahead(row, events, stand, gathered);
        const Reading reading = fold_reading(events, stand.model, stand.known, worker.memory);
        row.tier = reading.tier;
        row.index_milli = reading.index_milli;
        row.id_hash = hash64(image.id_text(person));
        gathered.people.push_back(row);
      },
      [&](std::uint64_t done, std::uint64_t total) {
        if (work.progress) {
          work.progress("fold", image.people() * done / total, image.people());
        }
      });
  Testimony testimony;
  testimony.first_week = week_of(Day{0}, stand.at);
  testimony.weekly.resize(weeks);
  for (Worker<Gathered>& worker : workers) {
    testimony.people.insert(testimony.people.end(), worker.tally.people.begin(),
                            worker.tally.people.end());
    for (std::size_t week = 0; week < worker.tally.weekly.size(); ++week) {
      testimony.weekly[week] += worker.tally.weekly[week];
    }
  }
  std::sort(testimony.people.begin(), testimony.people.end(),
            [](const Witnessed& a, const Witnessed& b) { return a.person < b.person; });
  return testimony;
}

/// Weeks before the first repeat purchase are left out, but for the week of the first order.
void drop_empty_weeks(Testimony& testimony) {
  std::int32_t first = testimony.at.number;
  for (const Witnessed& person : testimony.people) {
    first = std::min(first, person.bought.first.number);
  }
  const std::int32_t week = week_of(Day{first}, testimony.at);
  testimony.weekly.erase(testimony.weekly.begin(),
                         testimony.weekly.begin() + (week - testimony.first_week));
  testimony.first_week = week;
}

}  // namespace

Result<Testimony> bear_witness(const Image& image, const Model& model, Day at,
                               std::uint32_t horizon_days, const ValidationWork& work) {
  if (horizon_days == 0 || horizon_days > kHorizonMost) {
    return fail(ErrorCode::invalid, "the horizon must be 1 to 36500 days");
  }
  if (at.number < 1) {
    return fail(ErrorCode::invalid, "nobody had bought before " + to_string(at));
  }
  const auto horizon = static_cast<std::int32_t>(horizon_days);
  const Day known{at.number - 1};
  const Model then = model.with(calibration_at(image, model, known, work.threads));
  const Stand stand{then, at, known, Day{known.number - horizon}, Day{known.number + horizon}};
  Testimony testimony = gather(image, stand, work);
  if (work.stopped && work.stopped()) {
    return fail(ErrorCode::conflict, "it was stopped");
  }
  if (testimony.people.empty()) {
    return fail(ErrorCode::invalid, "nobody had bought before " + to_string(at));
  }
  testimony.at = at;
  testimony.horizon_days = horizon_days;
  drop_empty_weeks(testimony);
  return testimony;
}

std::vector<std::uint32_t> buyers_of_week(const Image& image, const Model& model, Day at, Day from,
                                          unsigned threads) {
  struct Found {
    PurchaseMemory memory;
    std::vector<std::uint32_t> people;
  };
  const Day through{from.number + kDaysAWeek - 1};
  auto workers = for_everyone<Found>(image, threads, [&](Worker<Found>& worker, PersonRef person) {
    if (!may_be_judged(image, person)) {
      return;
    }
    const auto days = purchase_days_of(image.timeline(person), model, through, worker.tally.memory);
    const bool repeats = days.size() > 1 && days.front().day < at && days.back().day >= from;
    if (repeats) {
      worker.tally.people.push_back(image.number_of(person));
    }
  });
  std::vector<std::uint32_t> found;
  for (const Worker<Found>& worker : workers) {
    found.insert(found.end(), worker.tally.people.begin(), worker.tally.people.end());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<Validation> validate(const Image& image, const Model& model, Day at,
                            std::uint32_t horizon_days, unsigned threads) {
  const ValidationWork work{.threads = threads};
  GUANXI_TRY(testimony, bear_witness(image, model, at, horizon_days, work));
  return judge(testimony, work);
}

}  // namespace guanxi
