#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "events/event_source.hpp"
#include "events/identity.hpp"

// A small made-up shop as a source of events, for tests of the engine.
namespace guanxi {

/// What the shop's file holds: row i is a function of i and the seed, so that any part of it, in
/// any order, can be read as a file of its own.
struct ShopFile {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;  ///< row numbers [first, end)
  std::uint64_t end = 5000;
  std::uint64_t people = 300;
  std::uint64_t shuffle_seed = 0;  ///< 0: in order
  std::size_t rows_a_run = 700;
  std::uint64_t refused_every = 0;  ///< 0: none
  bool foreign = false;             ///< half of the amounts in another currency
};

/// Gives a ShopFile's rows: orders of lines, refunds, reviews, referrals, second names, visits of
/// nobody.
class ShopSource : public EventSource {
 public:
  explicit ShopSource(const ShopFile& file) : file_(file) {
    for (std::uint64_t row = file.first; row < file.end; ++row) {
      rows_.push_back(row);
    }
    if (file.shuffle_seed != 0) {
      Random random(file.shuffle_seed);
      for (std::size_t i = rows_.size(); i > 1; --i) {
        std::swap(rows_[i - 1], rows_[random.below(i)]);
      }
    }
  }

  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override {
    if (next_ == rows_.size()) {
      return false;
    }
    const std::size_t end = std::min(rows_.size(), next_ + file_.rows_a_run);
    for (; next_ < end; ++next_) {
      give(rows_[next_], batch, refused);
    }
    at_.rows = next_;
    return true;
  }
  [[nodiscard]] SourceProgress progress() const override { return at_; }

 private:
  void give(std::uint64_t row, EventBatch& batch, std::vector<Refusal>& refused) {
    if (file_.refused_every != 0 && row % file_.refused_every == 0) {
      refused.push_back(Refusal{.source = "shop.csv",
                                .line = row + 1,
                                .field = "price",
                                .reason = "'x' is no amount; valid: 19.99",
                                .original = "customer-" + std::to_string(row) + ",x"});
      ++at_.refused;
      return;
    }
    Random random(mix64(file_.seed * 1'000'003 + row));
    const std::uint64_t person = random.below(file_.people);
    Event event;
    event.id_hash = identity_of_message({}, "row-" + std::to_string(row), 0);
    event.occurred_at =
        Instant{1'300'000'000 + static_cast<std::int64_t>(random.below(40'000'000))};
    event.received_at = Instant{1'400'000'000};
    event.message_id = batch.keep("row-" + std::to_string(row));
    event.person = {IdNamespace::user, batch.keep("customer-" + std::to_string(person))};
    event.currency = *parse_currency(file_.foreign && row % 3 == 0 ? "EUR" : "GBP");
    const std::uint64_t choice = random.below(100);
    if (choice < 75) {
      event.kind = EventKind::order_line;
      event.order_id = batch.keep("o-" + std::to_string(row / 4));
      event.subject = batch.keep("sku-" + std::to_string(random.below(60)));
      event.amount_minor = static_cast<std::int64_t>(100 + random.below(5000));
      event.quantity = 1;
    } else if (choice < 80) {
      event.kind = EventKind::line_returned;
      event.order_id = batch.keep("o-" + std::to_string(row / 4));
      event.subject = batch.keep("sku-" + std::to_string(random.below(60)));
      event.amount_minor = -500;
    } else if (choice < 90) {
      event.kind = EventKind::review_posted;
      event.quantity = static_cast<std::int64_t>(random.below(101));
      event.title = batch.keep("what I think of it");
    } else if (choice < 93) {
      event.kind = EventKind::referral_accepted;
      event.subject = batch.keep("user:customer-" + std::to_string(random.below(file_.people)));
    } else if (choice < 97) {
      event.kind = EventKind::identified;
      event.also_known_as = {IdNamespace::email,
                             batch.keep("c" + std::to_string(person) + "@example.org")};
    } else {
      event.kind = EventKind::visit;
      event.person = {};
    }
    batch.events.push_back(event);
    ++at_.events;
  }

  ShopFile file_;
  std::vector<std::uint64_t> rows_;
  std::size_t next_ = 0;
  SourceProgress at_;
};

}  // namespace guanxi
