#pragma once

#include <cstdint>

#include "relationship/fold.hpp"
#include "relationship/model.hpp"

namespace guanxi {

/// In what unit a fact is stored and written in model files.
enum class FactUnit : std::uint8_t {
  count,     ///< whole number
  share_16,  ///< 0..1, stored in 1/65536
  milli,     ///< 0..100, stored in thousandths
  times_16,  ///< a multiple, stored in 1/65536
  days       ///< whole days
};
[[nodiscard]] FactUnit unit_of(Fact fact);
/// A bar from a model file in the fact's stored unit; `text_milli` is the number times 1000... see
/// model_toml.cpp. Stored value of `micros` millionths.
[[nodiscard]] std::int64_t stored_from_micros(Fact fact, std::int64_t micros);

/// Figures of a state decayed to one day.
struct Standing {
  std::array<std::uint32_t, kDimensions> invested_16{};
  std::uint32_t good_16 = 0;
  std::uint32_t bad_16 = 0;
};
/// REQUIRES day >= state.day.
[[nodiscard]] Standing standing_on(const State& state, const Model& model, Day day);

/// trust = (r + a W) / (r + s + W), in 1/65536 (Josang & Ismail 2002, with base rate a).
[[nodiscard]] std::uint32_t trust_16(std::uint32_t good_16, std::uint32_t bad_16,
                                     std::uint32_t initial_trust_16, const Model& model);
[[nodiscard]] std::uint32_t uncertainty_16(std::uint32_t good_16, std::uint32_t bad_16,
                                           const Model& model);
/// I / (I + k), in 1/65536.
[[nodiscard]] inline std::uint32_t saturated_16(std::uint32_t invested_16,
                                                std::uint32_t saturation_16) {
  return static_cast<std::uint32_t>((std::uint64_t{invested_16} << 16U) /
                                    (std::uint64_t{invested_16} + saturation_16));
}
[[nodiscard]] std::uint32_t depth_16(const std::array<std::uint32_t, kDimensions>& invested_16,
                                     const Model& model);
[[nodiscard]] std::uint32_t index_milli(std::uint32_t trust, std::uint32_t depth);

/// Days since the last order over the person's own rhythm: their mean gap between order days, to
/// which the brand's typical gap counts as one more; or, with [velocity] rhythm = "fitted", the
/// mean gap that the buying model expects of them (k (alpha + t_x) / (r + k x)), shortened for
/// regular buyers so that as many rhythms of silence are as rare as for one who buys at random.
/// Stored in 1/65536; INT64_MAX without orders.
[[nodiscard]] std::int64_t silence_rhythms_16(const State& state, const Model& model, Day day);

/// The value of a fact on `day`. Cost: a division for each dimension where depth is asked for.
[[nodiscard]] std::int64_t fact_value(Fact fact, const State& state, const Standing& standing,
                                      const Model& model, Day day);

/// Trust and depth of one state on its own day, worked out when first asked for and kept until the
/// state changes: gates ask for them at nearly every event, and each costs divisions.
///
/// Place       FoldMemory holds the one of the fold under way.
/// Invariants  safe_until: through that day no trust, depth or index that the gates of safe_tier
///             ask for falls under its bar, whatever good happens; what is bad makes it void.
/// Threads     One owner.
class Figures {
 public:
  void forget() {
    trust_known_ = false;
    depth_known_ = false;
  }
  void forget_trust() { trust_known_ = false; }
  void forget_depth() { depth_known_ = false; }
  [[nodiscard]] std::uint32_t trust(const State& state, const Model& model) {
    if (!trust_known_) {
      trust_ = trust_16(state.good_16, state.bad_16, state.initial_trust_16, model);
      trust_known_ = true;
    }
    return trust_;
  }
  [[nodiscard]] std::uint32_t depth(const State& state, const Model& model) {
    if (!depth_known_) {
      depth_ = depth_16(state.invested_16, model);
      depth_known_ = true;
    }
    return depth_;
  }
  [[nodiscard]] bool safe(Tier tier, Day day) const {
    return tier == safe_tier_ && day <= safe_until_;
  }
  void make_safe(Tier tier, Day until) {
    safe_tier_ = tier;
    safe_until_ = until;
  }
  void make_unsafe() { safe_until_ = kNoDay; }

 private:
  std::uint32_t trust_ = 0;
  std::uint32_t depth_ = 0;
  Day safe_until_ = kNoDay;
  Tier safe_tier_ = Tier::none;
  bool trust_known_ = false;
  bool depth_known_ = false;
};

/// fact_value() on state.day, from kept figures.
[[nodiscard]] std::int64_t fact_now(Fact fact, const State& state, const Model& model,
                                    Figures& figures);

/// A value that an at-least fact surely reaches on every day from state.day to `last`, cheaply:
/// r f / (r f + B) and I f / (I f + k) are concave in f, so they lie above their chords. `slack` is
/// what rounding may take on the way, in 1/65536: a few for one step, more for many.
struct Ahead {
  Day last;
  std::int64_t slack = 0;
};
[[nodiscard]] std::int64_t fact_surely_at_least(Fact fact, const State& state, const Model& model,
                                                const Ahead& ahead, Figures& figures);

/// Whether time alone makes the fact smaller: trust, depth, index and the dimensions' depths.
[[nodiscard]] inline bool fades(Fact fact) {
  return (fact >= Fact::trust && fact <= Fact::values_depth);
}

/// The least and the most that a fact can be on any day from `first` to `last`.
struct FactBounds {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
struct Span {
  Day first;
  Day last;
  Standing at_first;
  Standing at_last;
};
[[nodiscard]] FactBounds fact_bounds(Fact fact, const State& state, const Span& span,
                                     const Model& model);

}  // namespace guanxi
