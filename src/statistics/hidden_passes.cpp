#include "statistics/hidden_passes.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace guanxi {

// Chances of the counts in each state, the largest scaled to 1; returns the logarithm of the scale.
double HiddenPasses::weigh_counts(std::span<const std::uint32_t> counts,
                                  std::span<double> weights) const {
  const auto& rates = model_.parameters().rates;
  double most = -HUGE_VAL;
  double constant = 0;
  for (const std::uint32_t count : counts) {
    constant += std::lgamma(count + 1.0);
  }
  for (std::size_t state = 0; state < weights.size(); ++state) {
    double log_chance = 0;
    for (std::size_t e = 0; e < counts.size(); ++e) {
      const double rate = rates[state * counts.size() + e];
      log_chance += counts[e] * std::log(rate) - rate;
    }
    weights[state] = log_chance;
    most = std::max(most, log_chance);
  }
  for (double& weight : weights) {
    weight = std::exp(weight - most);
  }
  return most - constant;
}

double HiddenPasses::forward(const PeriodSequence& sequence) {
  const auto& shape = model_.shape();
  const std::size_t states = shape.states;
  GUANXI_CHECK(sequence.counts.size() % shape.emissions == 0, "whole periods");
  periods_ = sequence.counts.size() / shape.emissions;
  GUANXI_CHECK(shape.kinds == 0 || sequence.encounters.size() == periods_ * shape.kinds,
               "encounters of every period");
  weights_.assign(periods_ * states, 0);
  filtered_.assign(periods_ * states, 0);
  moves_.assign(periods_ * states * states, 0);
  scales_.assign(periods_, 0);
  double log_likelihood = 0;
  for (std::size_t t = 0; t < periods_; ++t) {
    const std::span weights = std::span(weights_).subspan(t * states, states);
    log_likelihood += weigh_counts(
        std::span(sequence.counts).subspan(t * shape.emissions, shape.emissions), weights);
    const std::span now = std::span(filtered_).subspan(t * states, states);
    if (t == 0) {
      std::ranges::copy(model_.parameters().start, now.begin());
    } else {
      const std::span before = std::span(filtered_).subspan((t - 1) * states, states);
      const auto encounters =
          shape.kinds == 0
              ? std::span<const float>{}
              : std::span(sequence.encounters).subspan((t - 1) * shape.kinds, shape.kinds);
      for (std::size_t from = 0; from < states; ++from) {
        const std::span row = std::span(moves_).subspan(((t - 1) * states + from) * states, states);
        model_.step(from, encounters, row);
        for (std::size_t to = 0; to < states; ++to) {
          now[to] += before[from] * row[to];
        }
      }
    }
    double sum = 0;
    for (std::size_t state = 0; state < states; ++state) {
      now[state] *= weights[state];
      sum += now[state];
    }
    for (double& chance : now) {
      chance /= sum;
    }
    scales_[t] = sum;
    log_likelihood += std::log(sum);
  }
  return log_likelihood;
}

void HiddenPasses::backward() {
  const std::size_t states = model_.shape().states;
  smoothed_.assign(periods_ * states, 0);
  std::vector<double> later(states, 1);
  std::vector<double> weighed(states);
  for (std::size_t t = periods_; t-- > 0;) {
    for (std::size_t state = 0; state < states; ++state) {
      smoothed_[t * states + state] = filtered_[t * states + state] * later[state];
    }
    if (t == 0) {
      break;
    }
    for (std::size_t to = 0; to < states; ++to) {
      weighed[to] = weights_[t * states + to] * later[to] / scales_[t];
    }
    for (std::size_t from = 0; from < states; ++from) {
      double sum = 0;
      for (std::size_t to = 0; to < states; ++to) {
        double& move = moves_[((t - 1) * states + from) * states + to];
        sum += move * weighed[to];
        move *= filtered_[(t - 1) * states + from] * weighed[to];
      }
      later[from] = sum;
    }
  }
}

std::vector<double> HiddenPasses::last_filtered() const {
  if (periods_ == 0) {
    return model_.parameters().start;
  }
  const std::size_t states = model_.shape().states;
  return {filtered_.end() - static_cast<std::ptrdiff_t>(states), filtered_.end()};
}

std::span<const double> HiddenPasses::smoothed(std::size_t period) const {
  const std::size_t states = model_.shape().states;
  return std::span(smoothed_).subspan(period * states, states);
}

std::span<const double> HiddenPasses::steps(std::size_t period) const {
  const std::size_t states = model_.shape().states;
  return std::span(moves_).subspan(period * states * states, states * states);
}

}  // namespace guanxi
