#include <algorithm>

#include "people/survey.hpp"
#include "people/survey_fold.hpp"

namespace guanxi {
namespace {

/// The people with the smallest hashes of their ids: a fair sample that does not depend on who is
/// looked at first.
class Sample {
 public:
  Sample() = default;
  explicit Sample(std::size_t most) : most_(most) {}

  void offer(std::uint64_t key, const Mover& mover) {
    if (most_ == 0 || (kept_.size() == most_ && key >= kept_.front().key)) {
      return;
    }
    if (kept_.size() == most_) {
      std::pop_heap(kept_.begin(), kept_.end());
      kept_.pop_back();
    }
    kept_.push_back(Kept{key, mover});
    std::push_heap(kept_.begin(), kept_.end());
  }
  [[nodiscard]] std::size_t most() const { return most_; }
  void offer_all(const Sample& other) {
    for (const Kept& kept : other.kept_) {
      offer(kept.key, kept.mover);
    }
  }
  [[nodiscard]] std::vector<Mover> in_order_of_id(const Image& image) const {
    std::vector<Mover> movers;
    for (const Kept& kept : kept_) {
      movers.push_back(kept.mover);
    }
    std::sort(movers.begin(), movers.end(),
              [&](const Mover& a, const Mover& b) { return id_before(image, a.person, b.person); });
    for (Mover& mover : movers) {
      mover.id = image.id_text(mover.person);
    }
    return movers;
  }

 private:
  struct Kept {
    std::uint64_t key = 0;
    Mover mover;
    friend bool operator<(const Kept& a, const Kept& b) { return a.key < b.key; }
  };
  std::size_t most_ = 0;
  std::vector<Kept> kept_;
};

struct Tally {
  TierMatrix people{};
  Sample risers;
  Sample fallers;
};

std::uint64_t sample_key(const Image& image, PersonRef person) {
  const ExternalId id = image.identity().primary(image.number_of(person));
  return hash64(id.value, static_cast<std::uint64_t>(id.name_space));
}

WhatIf summed(const Image& image, const std::vector<Worker<Tally>>& workers, std::size_t sample) {
  WhatIf result;
  Sample risers(sample);
  Sample fallers(sample);
  for (const Worker<Tally>& worker : workers) {
    risers.offer_all(worker.tally.risers);
    fallers.offer_all(worker.tally.fallers);
    for (std::size_t before = 0; before < kTiers; ++before) {
      for (std::size_t after = 0; after < kTiers; ++after) {
        const std::uint64_t people = worker.tally.people[before][after];
        result.people[before][after] += people;
        result.rises += after > before ? people : 0;
        result.falls += after < before ? people : 0;
      }
    }
  }
  result.risers = risers.in_order_of_id(image);
  result.fallers = fallers.in_order_of_id(image);
  return result;
}

}  // namespace

WhatIf what_if(const Image& image, const Model& active, const Model& draft, Day day,
               const WhatIfOptions& options, const Progress& progress) {
  const Lookback lookback(image, active);
  const auto workers = for_everyone<Tally>(
      image, options.threads,
      [&](Worker<Tally>& worker, PersonRef person) {
        Tally& tally = worker.tally;
        const State after = fold(image.timeline(person), draft, day, worker.memory);
        if (after.first_day == kNoDay) {
          return;
        }
        const Tier before = lookback.tier_on(person, day, worker.memory).tier;
        ++tally.people[static_cast<std::size_t>(before)][static_cast<std::size_t>(after.tier)];
        if (before != after.tier) {
          Sample& sample = after.tier > before ? tally.risers : tally.fallers;
          if (sample.most() == 0) {
            sample = Sample(options.sample);
          }
          sample.offer(sample_key(image, person), Mover{person, "", before, after.tier});
        }
      },
      progress);
  WhatIf result = summed(image, workers, options.sample);
  result.day = day;
  return result;
}

}  // namespace guanxi
