#include "statistics/hidden_states.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/check.hpp"
#include "statistics/hidden_passes.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

Result<void> bad(const std::string& why) {
  return fail(ErrorCode::invalid, "hidden states: " + why);
}

Result<void> check_parameters(const HiddenStates::Shape& shape, const HiddenStates::Parameters& p) {
  const std::size_t k = shape.states;
  if (k < 1 || k > HiddenStates::kStatesMost || shape.emissions < 1) {
    return bad("1 to 8 states, at least one count");
  }
  if (p.start.size() != k || p.rates.size() != k * shape.emissions ||
      p.thresholds.size() != k * (k - 1) || p.effects.size() != k * shape.kinds) {
    return bad("lengths do not fit the shape");
  }
  const double sum = std::accumulate(p.start.begin(), p.start.end(), 0.0);
  if (std::abs(sum - 1) > 1e-9 || !std::ranges::all_of(p.start, [](double x) { return x >= 0; })) {
    return bad("chances of the start do not sum to 1");
  }
  if (!std::ranges::all_of(p.rates, [](double x) { return x > 0 && std::isfinite(x); })) {
    return bad("a rate is not above 0");
  }
  for (std::size_t state = 0; state < k; ++state) {
    for (std::size_t j = 1; j + 1 < k; ++j) {
      if (!(p.thresholds[state * (k - 1) + j - 1] <= p.thresholds[state * (k - 1) + j])) {
        return bad("thresholds do not rise");
      }
    }
  }
  return {};
}

}  // namespace

Result<HiddenStates> HiddenStates::create(const Shape& shape, Parameters parameters) {
  GUANXI_TRY_VOID(check_parameters(shape, parameters));
  return HiddenStates(shape, std::move(parameters));
}

void HiddenStates::step(std::size_t state, std::span<const float> encounters,
                        std::span<double> row) const {
  double push = 0;
  for (std::size_t i = 0; i < shape_.kinds && i < encounters.size(); ++i) {
    push += parameters_.effects[state * shape_.kinds + i] * static_cast<double>(encounters[i]);
  }
  const std::size_t steps = shape_.states - 1;
  double above_last = 1;
  for (std::size_t j = 0; j < steps; ++j) {
    const double above = logistic(push - parameters_.thresholds[state * steps + j]);
    row[j] = std::max(above_last - above, 0.0);
    above_last = above;
  }
  row[steps] = above_last;
}

std::vector<double> HiddenStates::filtered(const PeriodSequence& sequence) const {
  HiddenPasses passes(*this);
  passes.forward(sequence);
  return passes.last_filtered();
}

std::vector<double> HiddenStates::predicted(const PeriodSequence& sequence) const {
  const std::vector<double> now = filtered(sequence);
  std::vector<double> next(shape_.states);
  std::vector<double> row(shape_.states);
  const std::size_t periods = sequence.counts.size() / shape_.emissions;
  const auto last = periods == 0 || shape_.kinds == 0
                        ? std::span<const float>{}
                        : std::span(sequence.encounters).subspan((periods - 1) * shape_.kinds);
  for (std::size_t state = 0; state < shape_.states; ++state) {
    step(state, last, row);
    for (std::size_t to = 0; to < shape_.states; ++to) {
      next[to] += now[state] * row[to];
    }
  }
  return next;
}

double HiddenStates::expected_count(const PeriodSequence& sequence, std::size_t emission,
                                    std::size_t periods) const {
  GUANXI_CHECK(emission < shape_.emissions, "an emission of the model");
  std::vector<double> state = predicted(sequence);
  std::vector<double> row(shape_.states);
  double sum = 0;
  for (std::size_t period = 0; period < periods; ++period) {
    std::vector<double> next(shape_.states);
    for (std::size_t k = 0; k < shape_.states; ++k) {
      sum += state[k] * parameters_.rates[k * shape_.emissions + emission];
      step(k, {}, row);
      for (std::size_t to = 0; to < shape_.states; ++to) {
        next[to] += state[k] * row[to];
      }
    }
    state = next;
  }
  return sum;
}

double HiddenStates::log_likelihood(const PeriodSequence& sequence) const {
  HiddenPasses passes(*this);
  return passes.forward(sequence);
}

}  // namespace guanxi
