#include "relationship/apportion.hpp"

#include <algorithm>
#include <numeric>

namespace guanxi {
namespace {

struct Remainder {
  Int128 left;
  std::size_t at;
};

}  // namespace

std::vector<std::int64_t> apportion(std::int64_t total, std::span<const Int128> exact) {
  std::vector<std::int64_t> shares(exact.size(), 0);
  Int128 sum = 0;
  Int128 positive_sum = 0;
  for (const Int128 value : exact) {
    sum += value;
    positive_sum += value > 0 ? value : 0;
  }
  if (sum <= 0 || total == 0) {
    return shares;
  }
  std::int64_t to_positive = total;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i] < 0) {
      shares[i] = -static_cast<std::int64_t>(-exact[i] * total / sum);
      to_positive -= shares[i];
    }
  }
  std::vector<Remainder> remainders;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i] > 0) {
      const Int128 scaled = exact[i] * to_positive;
      shares[i] = static_cast<std::int64_t>(scaled / positive_sum);
      given += shares[i];
      remainders.push_back({scaled % positive_sum, i});
    }
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const Remainder& a, const Remainder& b) { return a.left > b.left; });
  for (std::size_t i = 0; given < to_positive; ++i, ++given) {
    ++shares[remainders[i].at];
  }
  return shares;
}

}  // namespace guanxi
