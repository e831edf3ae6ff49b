#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "people/image.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {

/// One tier on one day, or "not known yet".
struct TierThen {
  bool known = false;
  Tier tier = Tier::none;
};

/// Days of a person's first event and first order; kNoDay without one.
struct FirstDays {
  Day event = kNoDay;
  Day order = kNoDay;
};

/// Answers where people stood under a model, folding only those whose answer does not already
/// stand in the image.
///
/// Place       survey.cpp; one per survey, shared by its workers.
/// Threads     Immutable; each worker brings its own FoldMemory.
class Lookback {
 public:
  Lookback(const Image& image, const Model& model);
  /// Whether the image was folded under this very model.
  [[nodiscard]] bool is_own() const { return own_; }
  [[nodiscard]] TierThen tier_on(PersonRef person, Day day, FoldMemory& memory) const;
  /// By the close of `until`, or later than that.
  [[nodiscard]] FirstDays first_days(PersonRef person, Day until, FoldMemory& memory) const;
  /// False when no change of tier can lie after `day` (up to `until`).
  [[nodiscard]] bool may_change_after(PersonRef person, Day day, Day until) const;

 private:
  const Image& image_;
  const Model& model_;
  bool own_;
};

/// A worker's own results and scratch.
template <typename Tally>
struct Worker {
  FoldMemory memory;
  Tally tally{};
};

/// Calls visit(worker, person) for everyone, in parallel, and returns the workers.
template <typename Tally, typename Visit>
std::vector<Worker<Tally>> for_everyone(const Image& image, unsigned threads, Visit&& visit,
                                        const Progress& progress = {}) {
  constexpr std::uint32_t kPeoplePerItem = 2048;
  const unsigned count = threads == 0 ? default_threads() : threads;
  std::vector<Worker<Tally>> workers(count);
  std::vector<PersonRef> items;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t index = 0; index < image.people(shard); index += kPeoplePerItem) {
      items.push_back(PersonRef{shard, index});
    }
  }
  for_each_item(
      items.size(), count,
      [&](unsigned worker, std::size_t item) {
        const PersonRef first = items[item];
        const std::uint32_t end = std::min(image.people(first.shard), first.index + kPeoplePerItem);
        for (std::uint32_t index = first.index; index < end; ++index) {
          visit(workers[worker], PersonRef{first.shard, index});
        }
      },
      progress);
  return workers;
}

/// Order of ids: namespace, then bytes.
[[nodiscard]] bool id_before(const Image& image, PersonRef a, PersonRef b);

}  // namespace guanxi
