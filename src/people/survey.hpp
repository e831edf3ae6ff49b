#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "people/expression.hpp"
#include "people/image.hpp"

namespace guanxi {

/// How many people stand in each tier.
struct TierCounts {
  Day day;
  std::array<std::uint64_t, kTiers> people{};
  std::array<std::uint64_t, kVelocities> velocities{};  ///< only for the day of the image itself
  std::uint64_t total = 0;
};

/// A count for each pair of tiers: [from][to].
using TierMatrix = std::array<std::array<std::uint64_t, kTiers>, kTiers>;

/// Where people stood at the close of one day and of a later one.
struct Flows {
  Day from, to;
  TierMatrix people{};      ///< everyone known at `to`; unknown at `from` counts as none
  std::uint64_t rises = 0;  ///< people who stand higher than before
  std::uint64_t falls = 0;
  std::uint64_t entered = 0;             ///< first event of any kind within (from, to]
  std::uint64_t newcomers = 0;           ///< first order within (from, to]
  std::uint64_t referred_newcomers = 0;  ///< of these, with a referral on their timeline by `to`
  std::array<std::uint64_t, kTiers> newcomers_to{};
  std::array<std::uint64_t, kTiers> referred_newcomers_to{};
};

/// One change of tier of one person.
struct Change {
  PersonRef person;
  std::string id;  ///< primary id
  Posting posting;
};

enum class Direction : std::uint8_t { any, rise, fall };

/// Which changes, which page of them.
struct ChangeQuery {
  Day from;  ///< changes after the close of this day
  Day to;    ///< up to the close of this one
  std::uint64_t offset = 0;
  std::uint64_t limit = 100;
  Direction direction = Direction::any;
};
struct ChangePage {
  std::vector<Change> changes;  ///< newest day first, then by id, then in their own order
  std::uint64_t total = 0;      ///< of the direction asked for
  std::uint64_t rises = 0;      ///< in the period, whatever was asked for
  std::uint64_t falls = 0;
};

/// One person whom a draft model would move.
struct Mover {
  PersonRef person;
  std::string id;
  Tier before = Tier::none;
  Tier after = Tier::none;
};

/// What a draft model would change, before anything is changed.
struct WhatIf {
  Day day;
  TierMatrix people{};  ///< [under the active model][under the draft]
  std::uint64_t rises = 0;
  std::uint64_t falls = 0;
  std::vector<Mover> risers;  ///< a fair sample, in order of id
  std::vector<Mover> fallers;
};

/// 128 bits over everyone's folded state: equal for equal sets of events, whatever the order of
/// arrival, batches, shards or threads.
struct Digest {
  Hash128 sum;
  std::uint64_t people = 0;
  friend bool operator==(const Digest&, const Digest&) = default;
};
/// 32 hexadecimal digits.
[[nodiscard]] std::string to_string(const Digest& digest);

/// Whom to list, in which order, which page.
struct Selection {
  Expression where;
  std::optional<Tier> tier;
  std::optional<Velocity> velocity;
  std::string text;               ///< part of an id, letter case ignored; empty: any
  std::optional<PersonRef> only;  ///< nobody but this one
  int sort_column = -1;           ///< -1: by id
  bool descending = false;        ///< missing values stand last either way, ties by id
  std::uint64_t offset = 0;
  std::uint64_t limit = 50;
};

struct Page {
  std::vector<PersonRef> people;
  std::uint64_t total = 0;  ///< who meet the conditions, on all pages
};

/// One day of one person's history.
struct HistoryPoint {
  Day day;
  Reading reading;  ///< velocity as fold_reading gives it on the last point only
};

// Every function below reads a folded image and may run beside other readers. Those that take a
// model fold what is needed under it; when it is the image's own, people who have not changed since
// are not folded again. `threads` 0: as many as there are processors.

/// People known by the close of `day`, by the tier they stood in then.
[[nodiscard]] TierCounts tiers_at(const Image& image, const Model& model, Day day,
                                  unsigned threads = 0);
/// REQUIRES from <= to.
[[nodiscard]] Flows flows(const Image& image, const Model& model, Day from, Day to,
                          unsigned threads = 0);
/// Changes within (from, to], newest day first, then by id, then in their order of that day.
[[nodiscard]] std::vector<Change> changes(const Image& image, const Model& model, Day from, Day to,
                                          unsigned threads = 0);
/// One page of them.
[[nodiscard]] ChangePage changes(const Image& image, const Model& model, const ChangeQuery& query,
                                 unsigned threads = 0);
struct WhatIfOptions {
  std::size_t sample = 20;  ///< most risers named, and fallers
  unsigned threads = 0;
};
/// In one pass over everyone.
[[nodiscard]] WhatIf what_if(const Image& image, const Model& active, const Model& draft, Day day,
                             const WhatIfOptions& options = {}, const Progress& progress = {});
[[nodiscard]] Page select(const Image& image, const Selection& selection, unsigned threads = 0);
/// How many meet the condition.
[[nodiscard]] std::uint64_t count(const Image& image, const Expression& where,
                                  unsigned threads = 0);
[[nodiscard]] Digest digest(const Image& image, const Model& model, Day day, unsigned threads = 0,
                            const Progress& progress = {});
/// Readings at the close of `to`, `to` - step ... back to `from`, oldest first.
[[nodiscard]] std::vector<HistoryPoint> history(const Image& image, PersonRef person,
                                                const Model& model, Day from, Day to,
                                                std::uint32_t step_days = 1);
}  // namespace guanxi
