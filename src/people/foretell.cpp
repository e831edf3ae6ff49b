#include "people/foretell.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <tuple>

#include "statistics/measures.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kCellsAnItem = 256;
constexpr std::size_t kLearnersLeast = 100;  ///< whom RFM must have to learn from
constexpr double kCellPrior = 10;            ///< people that a cell of RFM borrows from all
constexpr std::uint32_t kFifths = 5;

/// Calls fill(i) for i in [0, size), in parallel.
template <class Fill>
void fill_each(std::size_t size, unsigned threads, Fill&& fill) {
  for_each_item((size + kCellsAnItem - 1) / kCellsAnItem, threads,
                [&](unsigned /*worker*/, std::size_t item) {
                  const std::size_t end = std::min(size, (item + 1) * kCellsAnItem);
                  for (std::size_t i = item * kCellsAnItem; i < end; ++i) {
                    fill(i);
                  }
                });
}

FittedParameters told(std::string model, const FitReport& report,
                      std::initializer_list<std::pair<const char*, double>> values) {
  FittedParameters fitted;
  fitted.model = std::move(model);
  fitted.log_likelihood = report.log_likelihood;
  for (const auto& [name, value] : values) {
    const double error = value * report.standard_error(fitted.parameters.size());
    fitted.parameters.push_back(
        {name, value, std::isfinite(error) ? std::optional(error) : std::nullopt});
  }
  return fitted;
}

/// Everybody's cell by fifths of recency, frequency and money.
std::vector<std::uint32_t> rfm_cells(std::span<const double> recency,
                                     std::span<const double> frequency,
                                     std::span<const double> money) {
  std::vector<std::uint32_t> cells(recency.size());
  for (const std::span<const double> figure : {recency, frequency, money}) {
    const std::vector<std::uint8_t> fifths = parts_by_score(figure, kFifths);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i] = cells[i] * kFifths + fifths[i];
    }
  }
  return cells;
}

/// Recency, frequency and money at one stand.
struct Rfm {
  std::vector<double> recency, frequency, money;
  void add(Day last, std::uint32_t days, std::int64_t spent) {
    recency.push_back(last.number);
    frequency.push_back(days);
    money.push_back(static_cast<double>(spent));
  }
  [[nodiscard]] std::vector<std::uint32_t> cells() const {
    return rfm_cells(recency, frequency, money);
  }
};

/// What the people of one cell did within a horizon, drawn towards what all did.
struct CellMeans {
  double people = 0;
  double purchases = 0;
  double spend = 0;
  double active = 0;
  void add(double days, double minor) {
    people += 1;
    purchases += days;
    spend += minor;
    active += days > 0 ? 1 : 0;
  }
  void draw_towards(const CellMeans& all) {
    const double n = people + kCellPrior;
    purchases = (purchases + kCellPrior * all.purchases / all.people) / n;
    spend = (spend + kCellPrior * all.spend / all.people) / n;
    active = (active + kCellPrior * all.active / all.people) / n;
  }
};

}  // namespace

Foresight::Foresight(const Testimony& testimony, const ValidationWork& work)
    : testimony_(testimony), work_(work) {
  const Day known{testimony.at.number - 1};
  histories_.reserve(testimony.people.size());
  for (const Witnessed& person : testimony.people) {
    histories_.push_back(history_of(person.bought, known));
  }
  collapsed_ = collapse(histories_);
  const auto key = [&](std::uint32_t i) {
    const PurchaseHistory& h = histories_[i];
    return std::tuple(h.repeat_purchases, h.recency_days, h.age_days);
  };
  std::vector<std::uint32_t> order(histories_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  cell_of_.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || key(order[i]) != key(order[i - 1])) {
      cells_.push_back(histories_[order[i]]);
    }
    cell_of_[order[i]] = static_cast<std::uint32_t>(cells_.size() - 1);
  }
  fit_spend();
}

void Foresight::fit_spend() {
  std::vector<SpendHistory> spends;
  std::vector<double> counts;
  std::vector<double> means;
  for (const Witnessed& person : testimony_.people) {
    spends.push_back(spend_of(person.bought));
    if (spends.back().purchases > 0) {
      counts.push_back(spends.back().purchases);
      means.push_back(spends.back().mean_spend);
    }
  }
  correlation_ = forecast_errors(counts, means).correlation;
  const Result<GammaGammaFit> fit = fit_gamma_gamma(spends);
  if (!fit) {
    spend_note_ = fit.error().message;
    return;
  }
  const auto& [p, q, v] = fit->model.parameters();
  spend_fit_ = told("Gamma-Gamma", fit->report, {{"p", p}, {"q", q}, {"v", v}});
  const double middle = means.empty() ? 0 : quantile(means, 0.5);
  if (!fit->model.has_mean()) {
    spend_note_ =
        "everybody's mean spend does not exist (q <= 1): who never bought again is given "
        "the median";
  }
  spend_each_.reserve(spends.size());
  for (const SpendHistory& spend : spends) {
    const double expected = fit->model.expected_spend(spend);
    spend_each_.push_back(std::isfinite(expected) ? expected : middle);
  }
}

Forecast Foresight::of(Foreteller by) const {
  Forecast forecast;
  const auto& people = testimony_.people;
  const auto rank_by = [&](auto&& figure) {
    for (const Witnessed& person : people) {
      forecast.rank.push_back(static_cast<double>(figure(person)));
    }
  };
  switch (by) {
    case Foreteller::index:
      rank_by([](const Witnessed& person) { return person.index_milli; });
      return forecast;
    case Foreteller::frequency:
      rank_by([](const Witnessed& person) { return person.bought.days; });
      return forecast;
    case Foreteller::recency:
      rank_by([](const Witnessed& person) { return person.bought.last.number; });
      return forecast;
    case Foreteller::naive:
      return naive();
    case Foreteller::rfm:
      return rfm();
    case Foreteller::bg_nbd:
      return beta_geometric(fit_beta_geometric(collapsed_));
    case Foreteller::mbg_nbd:
      return beta_geometric(fit_beta_geometric(collapsed_, {Dropout::after_every, 1}));
    case Foreteller::mbg_cnbd_k:
      return beta_geometric(fit_regular_beta_geometric(collapsed_, Dropout::after_every));
    case Foreteller::pareto_nbd:
      return pareto_nbd();
  }
  return forecast;
}

Forecast Foresight::naive() const {
  Forecast forecast;
  for (std::size_t i = 0; i < histories_.size(); ++i) {
    const double age = histories_[i].age_days;
    const double share = age > 0 ? testimony_.horizon_days / age : 0;
    const Witnessed& person = testimony_.people[i];
    forecast.purchases.push_back(histories_[i].repeat_purchases * share);
    forecast.spend_minor.push_back(static_cast<double>(person.bought.repeat_minor) * share);
  }
  forecast.rank = forecast.purchases;
  return forecast;
}

Forecast Foresight::rfm() const {
  Forecast forecast;
  Rfm now;
  Rfm before;
  std::vector<const Witnessed*> learners;
  for (const Witnessed& person : testimony_.people) {
    now.add(person.bought.last, person.bought.days, person.bought.paid_minor);
    if (person.earlier_days > 0) {
      learners.push_back(&person);
      before.add(person.earlier_last, person.earlier_days, person.earlier_paid_minor);
    }
  }
  forecast.rank = rfm_rank_sums(now.recency, now.frequency, now.money);
  if (learners.size() < kLearnersLeast) {
    forecast.note = "only " + std::to_string(learners.size()) +
                    " people had bought one horizon earlier: too few to learn amounts from";
    return forecast;
  }
  std::array<CellMeans, std::size_t{kFifths} * kFifths * kFifths> cells{};
  CellMeans all;
  const std::vector<std::uint32_t> cells_before = before.cells();
  for (std::size_t i = 0; i < learners.size(); ++i) {
    const Witnessed& person = *learners[i];
    const auto paid = static_cast<double>(person.lately_paid_minor);
    cells[cells_before[i]].add(person.lately_days, paid);
    all.add(person.lately_days, paid);
  }
  for (CellMeans& cell : cells) {
    cell.draw_towards(all);
  }
  for (const std::uint32_t cell : now.cells()) {
    forecast.purchases.push_back(cells[cell].purchases);
    forecast.spend_minor.push_back(cells[cell].spend);
    forecast.activity.push_back(cells[cell].active);
  }
  return forecast;
}

template <class Model>
Forecast Foresight::forecast_by(const Model& model) const {
  const double horizon = testimony_.horizon_days;
  std::vector<double> purchases(cells_.size());
  std::vector<double> activity(cells_.size());
  fill_each(cells_.size(), work_.threads, [&](std::size_t i) {
    if (work_.stopped && work_.stopped()) {
      return;
    }
    purchases[i] = model.expected_purchases(cells_[i], horizon);
    activity[i] = std::clamp(1 - model.probability_of(cells_[i], 0, horizon), 0.0, 1.0);
  });
  Forecast forecast;
  for (std::size_t i = 0; i < cell_of_.size(); ++i) {
    forecast.purchases.push_back(purchases[cell_of_[i]]);
    forecast.activity.push_back(activity[cell_of_[i]]);
    if (!spend_each_.empty()) {
      forecast.spend_minor.push_back(purchases[cell_of_[i]] * spend_each_[i]);
    }
  }
  forecast.rank = forecast.purchases;
  forecast.note = spend_each_.empty() ? spend_note_ : "";
  std::int32_t first = testimony_.at.number;
  for (const Witnessed& person : testimony_.people) {
    first = std::min(first, person.bought.first.number);
  }
  forecast.newcomer.resize(static_cast<std::size_t>(testimony_.at.number - first) +
                           testimony_.horizon_days);
  fill_each(forecast.newcomer.size(), work_.threads, [&](std::size_t days) {
    if (!(work_.stopped && work_.stopped())) {
      forecast.newcomer[days] =
          days == 0 ? 0 : model.expected_purchases({}, static_cast<double>(days));
    }
  });
  return forecast;
}

Forecast Foresight::beta_geometric(const Result<BetaGeometricFit>& fit) const {
  Forecast forecast;
  if (!fit) {
    forecast.missing = fit.error().message;
    return forecast;
  }
  forecast = forecast_by(fit->model);
  const auto& [r, alpha, a, b] = fit->model.parameters();
  forecast.fitted = told(name_of(fit->model.kind()), fit->report,
                         {{"r", r}, {"alpha", alpha}, {"a", a}, {"b", b}});
  return forecast;
}

Forecast Foresight::pareto_nbd() const {
  Forecast forecast;
  const Result<ParetoNbdFit> fit = fit_pareto_nbd(collapsed_);
  if (!fit) {
    forecast.missing = fit.error().message;
    return forecast;
  }
  forecast = forecast_by(fit->model);
  const auto& [r, alpha, s, beta] = fit->model.parameters();
  forecast.fitted =
      told("Pareto/NBD", fit->report, {{"r", r}, {"alpha", alpha}, {"s", s}, {"beta", beta}});
  return forecast;
}

}  // namespace guanxi
