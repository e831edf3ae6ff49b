#pragma once

#include "base/instant.hpp"
#include "events/event.hpp"
#include "simulation/life.hpp"

namespace guanxi {

/// Puts words to the numbers of a life: ids, subjects, titles.
///
/// Place       simulation.cpp, one a block.
/// Invariants  A function of the draft and the brand's first moment.
/// Threads     A value.
class Renderer {
 public:
  Renderer(std::uint64_t seed, Instant first_midnight)
      : seed_(seed), first_midnight_(first_midnight) {}

  /// Appends the event to the batch, which keeps its texts.
  void render(const Draft& draft, EventBatch& batch) const;

 private:
  void name_people(const Draft& draft, EventBatch& batch, Event& event) const;

  std::uint64_t seed_;
  Instant first_midnight_;
};

}  // namespace guanxi
