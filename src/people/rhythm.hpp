#pragma once

#include "relationship/model.hpp"
#include "statistics/beta_geometric.hpp"

namespace guanxi {

/// What a fitted buying model says of own rhythms, in the fold's integers. Of a customer with x
/// repeat purchases over t_x days it expects a mean gap of k (alpha + t_x) / (r + k x) days: alpha
/// days stand for r / k gaps. With k stages a gap is Erlang(k); `surprise_16` is the silence that
/// is exceeded with the probability of three mean gaps at k = 1, exp(-3), over three mean gaps.
[[nodiscard]] Rhythm rhythm_of(const BetaGeometric& model);

}  // namespace guanxi
