#include "people/validation.hpp"

#include <algorithm>
#include <map>

#include "people/survey_fold.hpp"
#include "relationship/encounter.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/measures.hpp"

namespace guanxi {
namespace {

/// One person as known at `at`, and what they did afterwards.
struct Row {
  std::uint32_t person = 0;
  Tier tier = Tier::none;
  std::uint32_t index_milli = 0;
  std::int32_t first_order = 0;
  std::int32_t last_order = 0;
  std::uint32_t order_days = 0;
  std::int64_t spent_minor = 0;
  // Afterwards.
  bool buys_again = false;
  std::int64_t next_spent_minor = 0;
  std::int64_t next_refunded_minor = 0;
  std::uint32_t next_refunds = 0;
  std::uint32_t next_complaints = 0;
  std::uint32_t next_referred_orders = 0;
};

struct Stand {
  const Model& model;
  Day known;  ///< the last day that is known
  Day end;    ///< the last day looked at
};

/// A fee alone (postage, a line written by hand) is an order of that day too.
bool buys(const CompactEvent& event) {
  return is_buying(event.kind()) ||
         (event.kind() == EventKind::fee_charged && event.amount_minor() >= 0);
}

/// An order's own amount is below zero where a discount exceeds its postage: it counts.
std::int64_t paid(const CompactEvent& event) {
  return event.has(kForeignCurrency) ? 0 : event.amount_minor();
}

void look_back(Row& row, const CompactEvent& event, Day day) {
  if (!buys(event)) {
    return;
  }
  row.first_order = row.order_days == 0 ? day.number : row.first_order;
  if (row.order_days == 0 || day.number != row.last_order) {
    ++row.order_days;
    row.last_order = day.number;
  }
  row.spent_minor += paid(event);
}

void look_ahead(Row& row, const CompactEvent& event) {
  const EventKind kind = event.kind();
  if (buys(event)) {
    row.buys_again = true;
    row.next_spent_minor += paid(event);
  } else if (is_taking_back(kind)) {
    ++row.next_refunds;
    row.next_refunded_minor +=
        event.has(kForeignCurrency) ? 0 : std::max<std::int64_t>(0, -event.amount_minor());
  } else if (kind == EventKind::complaint_raised || kind == EventKind::promise_broken) {
    ++row.next_complaints;
  } else if (kind == EventKind::referred_order) {
    ++row.next_referred_orders;
  }
}

std::vector<Row> rows_of(const Image& image, const Stand& stand, unsigned threads) {
  auto workers = for_everyone<std::vector<Row>>(
      image, threads, [&](Worker<std::vector<Row>>& worker, PersonRef person) {
        Row row;
        row.person = image.number_of(person);
        for (const CompactEvent& event : image.timeline(person)) {
          const Day day = stand.model.zone.day_of(event.occurred_at());
          if (day <= stand.known) {
            look_back(row, event, day);
          } else if (day <= stand.end) {
            look_ahead(row, event);
          }
        }
        if (row.order_days > 0) {
          const Reading reading =
              fold_reading(image.timeline(person), stand.model, stand.known, worker.memory);
          row.tier = reading.tier;
          row.index_milli = reading.index_milli;
          worker.tally.push_back(row);
        }
      });
  std::vector<Row> rows;
  for (Worker<std::vector<Row>>& worker : workers) {
    rows.insert(rows.end(), worker.tally.begin(), worker.tally.end());
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.person < b.person; });
  return rows;
}

double share(double sum, std::uint64_t of) { return of == 0 ? 0 : sum / static_cast<double>(of); }

TierOutcome outcome_of(Tier tier, const std::vector<Row>& rows) {
  TierOutcome outcome;
  outcome.tier = tier;
  std::int64_t spent = 0;
  std::int64_t refunded = 0;
  std::uint64_t refunds = 0;
  std::uint64_t complaints = 0;
  std::uint64_t referred = 0;
  for (const Row& row : rows) {
    if (row.tier == tier) {
      ++outcome.people;
      outcome.buyers += row.buys_again ? 1U : 0U;
      spent += row.next_spent_minor;
      refunded += row.next_refunded_minor;
      refunds += row.next_refunds;
      complaints += row.next_complaints;
      referred += row.next_referred_orders;
    }
  }
  outcome.repeat_rate = share(static_cast<double>(outcome.buyers), outcome.people);
  outcome.mean_spend_minor = share(static_cast<double>(spent), outcome.people);
  outcome.mean_refunded_minor = share(static_cast<double>(refunded), outcome.people);
  outcome.mean_refunds = share(static_cast<double>(refunds), outcome.people);
  outcome.mean_complaints = share(static_cast<double>(complaints), outcome.people);
  outcome.mean_referred_orders = share(static_cast<double>(referred), outcome.people);
  return outcome;
}

std::vector<Decile> deciles_of(const std::vector<Row>& rows, const std::vector<double>& index) {
  constexpr std::size_t kTenths = 10;
  struct Sum {
    std::uint64_t index_milli = 0;
    std::uint64_t buyers = 0;
    std::int64_t spent = 0;
  };
  std::vector<Decile> deciles(kTenths);
  std::array<Sum, kTenths> sums{};
  const std::vector<double> ranks = midranks(index);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto tenth = std::min(
        kTenths - 1,
        static_cast<std::size_t>((ranks[i] - 0.5) * kTenths / static_cast<double>(rows.size())));
    ++deciles[tenth].people;
    sums[tenth].index_milli += rows[i].index_milli;
    sums[tenth].buyers += rows[i].buys_again ? 1U : 0U;
    sums[tenth].spent += rows[i].next_spent_minor;
  }
  for (std::size_t tenth = 0; tenth < kTenths; ++tenth) {
    const std::uint64_t people = deciles[tenth].people;
    deciles[tenth].mean_index = share(static_cast<double>(sums[tenth].index_milli) / 1000, people);
    deciles[tenth].repeat_rate = share(static_cast<double>(sums[tenth].buyers), people);
    deciles[tenth].mean_spend_minor = share(static_cast<double>(sums[tenth].spent), people);
  }
  return deciles;
}

/// The figures that foretell, and what came, side by side.
struct Scores {
  std::vector<double> index, frequency, recency, money, spend;
  std::vector<std::uint8_t> bought;
};

Scores scores_of(const std::vector<Row>& rows) {
  Scores scores;
  for (const Row& row : rows) {
    scores.index.push_back(row.index_milli);
    scores.frequency.push_back(row.order_days);
    scores.recency.push_back(row.last_order);
    scores.money.push_back(static_cast<double>(row.spent_minor));
    scores.spend.push_back(static_cast<double>(row.next_spent_minor));
    scores.bought.push_back(row.buys_again ? 1 : 0);
  }
  return scores;
}

Result<std::vector<double>> expected_purchases(const std::vector<Row>& rows, const Stand& stand) {
  std::vector<PurchaseHistory> histories;
  for (const Row& row : rows) {
    PurchaseHistory history;
    history.repeat_purchases = row.order_days - 1;
    history.recency_days = row.last_order - row.first_order;
    history.age_days = stand.known.number - row.first_order;
    histories.push_back(history);
  }
  GUANXI_TRY(fit, fit_beta_geometric(std::span<const PurchaseHistory>(histories)));
  const double horizon_days = stand.end.number - stand.known.number;
  std::map<std::array<double, 3>, double> known;
  std::vector<double> expected;
  for (const PurchaseHistory& history : histories) {
    const std::array<double, 3> key = {static_cast<double>(history.repeat_purchases),
                                       history.recency_days, history.age_days};
    auto [place, is_new] = known.try_emplace(key, 0);
    if (is_new) {
      place->second = fit.model.expected_purchases(history, horizon_days);
    }
    expected.push_back(place->second);
  }
  return expected;
}

Predictor judge(std::string name, const std::vector<double>& score, const Scores& scores) {
  Predictor predictor;
  predictor.name = std::move(name);
  predictor.auc_buys_again = auc(score, scores.bought);
  predictor.spearman_spend = spearman(score, scores.spend);
  return predictor;
}

bool rises(const std::vector<TierOutcome>& tiers) {
  double last = -1;
  for (const TierOutcome& tier : tiers) {
    if (tier.people > 0) {
      if (tier.repeat_rate <= last) {
        return false;
      }
      last = tier.repeat_rate;
    }
  }
  return true;
}

}  // namespace

Result<Validation> validate(const Image& image, const Model& model, Day at,
                            std::uint32_t horizon_days, unsigned threads) {
  if (horizon_days == 0 || horizon_days > 36500) {
    return fail(ErrorCode::invalid, "the horizon must be 1 to 36500 days");
  }
  const Day known{at.number - 1};
  const Model then = model.with(calibration_at(image, model, known, threads));
  const Stand stand{then, known, Day{known.number + static_cast<std::int32_t>(horizon_days)}};
  const std::vector<Row> rows = rows_of(image, stand, threads);
  if (rows.empty()) {
    return fail(ErrorCode::invalid, "nobody had ordered before " + to_string(at));
  }
  const Scores scores = scores_of(rows);
  Validation validation;
  validation.at = at;
  validation.horizon_days = horizon_days;
  validation.people = rows.size();
  for (const Row& row : rows) {
    validation.buyers += row.buys_again ? 1U : 0U;
  }
  validation.repeat_rate = share(static_cast<double>(validation.buyers), validation.people);
  for (int tier = 0; tier < kTiers; ++tier) {
    validation.tiers.push_back(outcome_of(static_cast<Tier>(tier), rows));
  }
  validation.repeat_rate_rises = rises(validation.tiers);
  validation.predictors.push_back(judge("index", scores.index, scores));
  validation.predictors.push_back(judge("frequency", scores.frequency, scores));
  validation.predictors.push_back(judge("recency", scores.recency, scores));
  validation.predictors.push_back(
      judge("rfm", rfm_rank_sums(scores.recency, scores.frequency, scores.money), scores));
  if (const auto expected = expected_purchases(rows, stand)) {
    validation.predictors.push_back(judge("bg_nbd", *expected, scores));
  } else {
    validation.bg_nbd_note = expected.error().message;
  }
  validation.deciles = deciles_of(rows, scores.index);
  return validation;
}

}  // namespace guanxi
