#include "people/survey.hpp"

#include <algorithm>

#include "people/survey_fold.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

std::size_t at(Tier tier) { return static_cast<std::size_t>(tier); }

bool was_referred_by(std::span<const CompactEvent> events, const Model& model, Day day) {
  return std::any_of(events.begin(), events.end(), [&](const CompactEvent& event) {
    return event.kind() == EventKind::referral_accepted &&
           model.zone.day_of(event.occurred_at()) <= day;
  });
}

void add_matrix(TierMatrix& sum, const TierMatrix& more) {
  for (std::size_t from = 0; from < kTiers; ++from) {
    for (std::size_t to = 0; to < kTiers; ++to) {
      sum[from][to] += more[from][to];
    }
  }
}

void add_flows(Flows& sum, const Flows& more) {
  add_matrix(sum.people, more.people);
  sum.rises += more.rises;
  sum.falls += more.falls;
  sum.entered += more.entered;
  sum.newcomers += more.newcomers;
  sum.referred_newcomers += more.referred_newcomers;
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    sum.newcomers_to[tier] += more.newcomers_to[tier];
    sum.referred_newcomers_to[tier] += more.referred_newcomers_to[tier];
  }
}

/// One change before its id is written out.
struct Found {
  PersonRef person;
  std::uint32_t nth = 0;  // of the person's
  Posting posting;
};

bool is_rise(const Found& found) { return found.posting.to > found.posting.from; }

}  // namespace

bool id_before(const Image& image, PersonRef a, PersonRef b) {
  const ExternalId left = image.identity().primary(image.number_of(a));
  const ExternalId right = image.identity().primary(image.number_of(b));
  return left.name_space != right.name_space ? left.name_space < right.name_space
                                             : left.value < right.value;
}

Lookback::Lookback(const Image& image, const Model& model)
    : image_(image), model_(model), own_(image.folded() && image.model().hash == model.hash) {}

TierThen Lookback::tier_on(PersonRef person, Day day, FoldMemory& memory) const {
  if (own_ && day <= image_.as_of()) {
    const State& now = image_.state(person);
    if (now.first_day == kNoDay || now.first_day > day) {
      return TierThen{};
    }
    if (now.tier_since <= day) {
      return TierThen{true, now.tier};
    }
  }
  const State then = fold(image_.timeline(person), model_, day, memory);
  return TierThen{then.first_day != kNoDay, then.tier};
}

bool Lookback::may_change_after(PersonRef person, Day day, Day until) const {
  return !own_ || until > image_.as_of() || image_.state(person).tier_since > day;
}

TierCounts tiers_at(const Image& image, const Model& model, Day day, unsigned threads) {
  const Lookback lookback(image, model);
  const bool today = lookback.is_own() && day == image.as_of();
  const auto workers =
      for_everyone<TierCounts>(image, threads, [&](Worker<TierCounts>& worker, PersonRef person) {
        const TierThen then = lookback.tier_on(person, day, worker.memory);
        if (then.known) {
          ++worker.tally.people[at(then.tier)];
          ++worker.tally.total;
          if (today) {
            ++worker.tally.velocities[image.columns(person.shard).velocity[person.index]];
          }
        }
      });
  TierCounts counts;
  counts.day = day;
  for (const Worker<TierCounts>& worker : workers) {
    for (std::size_t tier = 0; tier < kTiers; ++tier) {
      counts.people[tier] += worker.tally.people[tier];
    }
    for (std::size_t velocity = 0; velocity < kVelocities; ++velocity) {
      counts.velocities[velocity] += worker.tally.velocities[velocity];
    }
    counts.total += worker.tally.total;
  }
  return counts;
}

Flows flows(const Image& image, const Model& model, Day from, Day to, unsigned threads) {
  GUANXI_CHECK(from <= to, "a period ends after it begins");
  const Lookback lookback(image, model);
  const auto within = [&](Day day) { return day != kNoDay && day > from && day <= to; };
  const auto workers =
      for_everyone<Flows>(image, threads, [&](Worker<Flows>& worker, PersonRef person) {
        const TierThen after = lookback.tier_on(person, to, worker.memory);
        if (!after.known) {
          return;
        }
        Flows& tally = worker.tally;
        const TierThen before = lookback.may_change_after(person, from, to)
                                    ? lookback.tier_on(person, from, worker.memory)
                                    : TierThen{true, after.tier};
        ++tally.people[at(before.tier)][at(after.tier)];
        tally.rises += after.tier > before.tier ? 1U : 0U;
        tally.falls += after.tier < before.tier ? 1U : 0U;
        const FirstDays first = lookback.first_days(person, to, worker.memory);
        tally.entered += within(first.event) ? 1U : 0U;
        if (within(first.order)) {
          ++tally.newcomers;
          ++tally.newcomers_to[at(after.tier)];
          if (was_referred_by(image.timeline(person), model, to)) {
            ++tally.referred_newcomers;
            ++tally.referred_newcomers_to[at(after.tier)];
          }
        }
      });
  Flows flows;
  flows.from = from;
  flows.to = to;
  for (const Worker<Flows>& worker : workers) {
    add_flows(flows, worker.tally);
  }
  return flows;
}

FirstDays Lookback::first_days(PersonRef person, Day until, FoldMemory& memory) const {
  if (own_ && until <= image_.as_of()) {
    return FirstDays{image_.state(person).first_day, image_.state(person).first_order_day};
  }
  const State then = fold(image_.timeline(person), model_, until, memory);
  return FirstDays{then.first_day, then.first_order_day};
}

ChangePage changes(const Image& image, const Model& model, const ChangeQuery& query,
                   unsigned threads) {
  const Lookback lookback(image, model);
  const auto workers = for_everyone<std::vector<Found>>(
      image, threads, [&](Worker<std::vector<Found>>& worker, PersonRef person) {
        if (!lookback.may_change_after(person, query.from, query.to)) {
          return;
        }
        std::vector<Posting> postings;
        (void)fold(image.timeline(person), model, query.to, worker.memory, &postings);
        for (std::size_t i = 0; i < postings.size(); ++i) {
          if (postings[i].day > query.from && postings[i].day <= query.to) {
            worker.tally.push_back(Found{person, static_cast<std::uint32_t>(i), postings[i]});
          }
        }
      });
  std::vector<Found> all;
  for (const Worker<std::vector<Found>>& worker : workers) {
    all.insert(all.end(), worker.tally.begin(), worker.tally.end());
  }
  ChangePage page;
  page.rises = static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), is_rise));
  page.falls = all.size() - page.rises;
  if (query.direction != Direction::any) {
    std::erase_if(all, [&](const Found& found) {
      return is_rise(found) != (query.direction == Direction::rise);
    });
  }
  page.total = all.size();
  const std::size_t first = std::min<std::uint64_t>(query.offset, all.size());
  const std::size_t last = first + std::min<std::uint64_t>(query.limit, all.size() - first);
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last), all.end(),
                    [&](const Found& a, const Found& b) {
                      if (a.posting.day != b.posting.day) {
                        return a.posting.day > b.posting.day;
                      }
                      return a.person != b.person ? id_before(image, a.person, b.person)
                                                  : a.nth < b.nth;
                    });
  for (std::size_t i = first; i < last; ++i) {
    page.changes.push_back(Change{all[i].person, image.id_text(all[i].person), all[i].posting});
  }
  return page;
}

std::vector<Change> changes(const Image& image, const Model& model, Day from, Day to,
                            unsigned threads) {
  return changes(image, model, ChangeQuery{from, to, 0, UINT64_MAX}, threads).changes;
}

std::vector<HistoryPoint> history(const Image& image, PersonRef person, const Model& model,
                                  Day from, Day to, std::uint32_t step_days) {
  const std::span<const CompactEvent> events = image.timeline(person);
  const auto step = static_cast<std::int32_t>(std::max(1U, step_days));
  std::vector<HistoryPoint> points;
  FoldMemory memory;
  State state = begin(model);
  std::size_t next = 0;
  const std::int32_t span = std::max(0, to.number - from.number);
  for (std::int32_t day = to.number - span / step * step; day <= to.number; day += step) {
    for (; next < events.size() && model.zone.day_of(events[next].occurred_at()).number <= day;
         ++next) {
      advance(state, events[next], model, memory);
    }
    points.push_back(HistoryPoint{Day{day}, read(state, model, Day{day})});
  }
  points.back().reading = fold_reading(events, model, to, memory);
  return points;
}

}  // namespace guanxi
