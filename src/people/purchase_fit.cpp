#include "people/purchase_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/check.hpp"
#include "base/hash.hpp"
#include "people/parallel.hpp"
#include "statistics/measures.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::string_view, 5> kChoices = {"likeliest", "bg_nbd", "mbg_nbd", "bg_cnbd_k",
                                                      "mbg_cnbd_k"};
constexpr std::uint64_t kSteps = 7;

template <typename T>
void append(std::string& bytes, const T& value) {
  std::array<char, sizeof(T)> raw;
  std::memcpy(raw.data(), &value, sizeof(T));
  bytes.append(raw.data(), raw.size());
}

std::string hex_of(const Hash128& hash) {
  std::array<char, 36> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text.data();
}

bool spend_before(const SpendHistory& a, const SpendHistory& b) {
  return a.purchases != b.purchases ? a.purchases < b.purchases : a.mean_spend < b.mean_spend;
}

std::string hash_of(const CollapsedHistories& histories, std::span<const SpendHistory> spends) {
  std::string bytes;
  for (const HistoryCell& cell : histories.cells) {
    append(bytes, cell.repeat_purchases);
    append(bytes, histories.recencies_days[cell.recency]);
    append(bytes, histories.ages_days[cell.age]);
    append(bytes, cell.customers);
  }
  append(bytes, histories.log_interval_sum);
  for (const SpendHistory& spend : spends) {
    append(bytes, spend.purchases);
    append(bytes, spend.mean_spend);
  }
  return hex_of(hash128(bytes));
}

/// One fit under way.
///
/// Place       fit_purchases().
/// Threads     One owner.
class Fitting {
 public:
  Fitting(std::span<const PersonPurchases> people, Day through, const PurchaseFitOptions& options)
      : options_(options) {
    fit_.as_of = through;
    fit_.choice = options.choice;
    fit_.customers = people.size();
    histories_.reserve(people.size());
    for (const PersonPurchases& person : people) {
      histories_.push_back(history_of(person, through));
      const SpendHistory spend = spend_of(person);
      fit_.repeaters += person.days > 1 ? 1U : 0U;
      fit_.purchases += person.days - 1;
      if (spend.purchases > 0) {
        spends_.push_back(spend);
      }
    }
    fit_.spenders = spends_.size();
    std::ranges::sort(spends_, spend_before);
  }

  Result<PurchaseFit> run() {
    GUANXI_TRY_VOID(step("collapse", 0));
    cells_ = collapse(histories_);
    fit_.data_hash = hash_of(cells_, spends_);
    GUANXI_TRY_VOID(fit_buying());
    GUANXI_TRY_VOID(step("spend", 5));
    fit_spending();
    GUANXI_TRY_VOID(step("predict", 6));
    if (fit_.buying) {
      fit_.totals = totals_by(fit_.buying->model);
    }
    if (options_.before != nullptr && options_.before->used()) {
      fit_.totals_before = totals_by(options_.before->buying->model);
    }
    GUANXI_TRY_VOID(step("done", kSteps));
    return std::move(fit_);
  }

 private:
  Result<void> step(std::string_view name, std::uint64_t done) const {
    if (options_.go_on && !options_.go_on(name, done, kSteps)) {
      return fail(ErrorCode::conflict, "the fit was stopped; nothing of it is kept");
    }
    return {};
  }

  [[nodiscard]] bool wanted(PurchaseChoice choice) const {
    return fit_.choice == choice || fit_.choice == PurchaseChoice::likeliest;
  }

  Result<void> fit_buying() {
    struct Member {
      PurchaseChoice choice;
      Dropout dropout;
      bool regular;
      std::string_view name;
    };
    constexpr std::array<Member, 4> kMembers = {
        {{PurchaseChoice::bg_nbd, Dropout::after_repeat, false, "BG/NBD"},
         {PurchaseChoice::mbg_nbd, Dropout::after_every, false, "MBG/NBD"},
         {PurchaseChoice::bg_cnbd, Dropout::after_repeat, true, "BG/CNBD-k"},
         {PurchaseChoice::mbg_cnbd, Dropout::after_every, true, "MBG/CNBD-k"}}};
    std::uint64_t done = 1;
    for (const Member& member : kMembers) {
      GUANXI_TRY_VOID(step(member.name, done++));
      if (!wanted(member.choice)) {
        continue;
      }
      take(member.name, member.regular
                            ? fit_regular_beta_geometric(cells_, member.dropout)
                            : fit_beta_geometric(cells_, BetaGeometricKind{member.dropout, 1}));
    }
    return {};
  }

  // A rhythm that was looked for and not found (k = 1) is the plain model again.
  void take(std::string_view name, Result<BetaGeometricFit> found) {
    PurchaseFit::Candidate candidate;
    if (!found) {
      candidate.name = name;
      candidate.refused = found.error().message;
      if (!fit_.buying) {
        fit_.buying_refused = found.error().message;
      }
      fit_.candidates.push_back(std::move(candidate));
      return;
    }
    candidate.name = name_of(found->model.kind());
    candidate.log_likelihood = found->report.log_likelihood;
    const bool known = std::ranges::any_of(
        fit_.candidates, [&](const auto& other) { return other.name == candidate.name; });
    if (!known) {
      fit_.candidates.push_back(std::move(candidate));
    }
    if (!fit_.buying || found->report.log_likelihood > fit_.buying->report.log_likelihood) {
      fit_.buying.emplace(std::move(*found));
      fit_.buying_refused.clear();
    }
  }

  void fit_spending() {
    auto found = fit_gamma_gamma(spends_);
    if (!found) {
      fit_.spending_refused = found.error().message;
    } else if (!found->model.has_mean()) {
      fit_.spending_refused =
          "spends differ so much that their mean does not exist (Gamma-Gamma, q <= 1)";
    } else {
      fit_.spending.emplace(std::move(*found));
    }
    std::vector<double> often;
    std::vector<double> much;
    for (const SpendHistory& spend : spends_) {
      often.push_back(spend.purchases);
      much.push_back(spend.mean_spend);
    }
    fit_.spend_correlation = spearman(often, much);
  }

  [[nodiscard]] PurchaseFit::Totals totals_by(const BetaGeometric& model) const {
    constexpr std::size_t kPerItem = 1024;
    std::vector<PurchaseFit::Totals> parts((cells_.cells.size() + kPerItem - 1) / kPerItem);
    for_each_item(
        parts.size(), options_.threads == 0 ? default_threads() : options_.threads,
        [&](unsigned, std::size_t part) {
          const std::size_t end = std::min(cells_.cells.size(), (part + 1) * kPerItem);
          for (std::size_t i = part * kPerItem; i < end; ++i) {
            const HistoryCell& cell = cells_.cells[i];
            const PurchaseHistory history{.repeat_purchases = cell.repeat_purchases,
                                          .recency_days = cells_.recencies_days[cell.recency],
                                          .age_days = cells_.ages_days[cell.age]};
            parts[part].next_90 += cell.customers * model.expected_purchases(history, 90);
            parts[part].next_365 += cell.customers * model.expected_purchases(history, 365);
          }
        });
    PurchaseFit::Totals totals;
    for (const PurchaseFit::Totals& part : parts) {
      totals.next_90 += part.next_90;
      totals.next_365 += part.next_365;
    }
    return totals;
  }

  const PurchaseFitOptions& options_;
  PurchaseFit fit_;
  std::vector<PurchaseHistory> histories_;
  std::vector<SpendHistory> spends_;
  CollapsedHistories cells_;
};

std::vector<KnownParameter> known(std::initializer_list<std::pair<std::string_view, double>> all,
                                  const FitReport& report) {
  std::vector<KnownParameter> parameters;
  for (const auto& [name, value] : all) {
    KnownParameter parameter{std::string(name), value, std::nullopt};
    const double error =
        report.covariance.empty() ? std::nan("") : report.standard_error(parameters.size()) * value;
    if (std::isfinite(error)) {
      parameter.standard_error = error;
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

void add_drift(const std::vector<KnownParameter>& before, const std::vector<KnownParameter>& now,
               std::vector<ParameterDrift>& drift) {
  for (std::size_t i = 0; i < before.size() && i < now.size(); ++i) {
    ParameterDrift one{now[i].name, before[i].value, now[i].value, std::nullopt};
    if (before[i].standard_error && now[i].standard_error) {
      const double error = std::hypot(*before[i].standard_error, *now[i].standard_error);
      one.standard_errors = error > 0 ? (one.now - one.before) / error : 0;
    }
    drift.push_back(std::move(one));
  }
}

}  // namespace

std::string_view name_of(PurchaseChoice choice) {
  return kChoices.at(static_cast<std::size_t>(choice));
}

std::optional<PurchaseChoice> purchase_choice_named(std::string_view name) {
  const auto found = std::ranges::find(kChoices, name);
  return found == kChoices.end()
             ? std::nullopt
             : std::optional(static_cast<PurchaseChoice>(found - kChoices.begin()));
}

ValueModels PurchaseFit::models() const {
  GUANXI_CHECK(buying && spending, "both models were found");
  return {buying->model, buying->report.covariance, spending->model, spending->report.covariance};
}

Result<PurchaseFit> fit_purchases(std::span<const PersonPurchases> people, Day through,
                                  const PurchaseFitOptions& options) {
  return Fitting(people, through, options).run();
}

std::vector<KnownParameter> parameters_of(const BetaGeometricFit& fit) {
  const auto& [r, alpha_days, a, b] = fit.model.parameters();
  return known({{"r", r}, {"alpha_days", alpha_days}, {"a", a}, {"b", b}}, fit.report);
}

std::vector<KnownParameter> parameters_of(const GammaGammaFit& fit) {
  const auto& [p, q, v] = fit.model.parameters();
  return known({{"p", p}, {"q", q}, {"v", v}}, fit.report);
}

std::vector<ParameterDrift> drift_of(const PurchaseFit& before, const PurchaseFit& now) {
  std::vector<ParameterDrift> drift;
  if (before.buying && now.buying && before.buying->model.kind() == now.buying->model.kind()) {
    add_drift(parameters_of(*before.buying), parameters_of(*now.buying), drift);
  }
  if (before.spending && now.spending) {
    add_drift(parameters_of(*before.spending), parameters_of(*now.spending), drift);
  }
  return drift;
}

}  // namespace guanxi
