#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "people/image.hpp"
#include "statistics/gamma_gamma.hpp"
#include "statistics/purchase_history.hpp"

namespace guanxi {

/// One day on which a person bought, and what of its money they kept paid.
struct PurchaseDay {
  Day day;
  std::int64_t paid_minor = 0;  ///< returns taken off, never below 0
  bool money_known = false;     ///< something on it was in the brand's own currency
  friend bool operator==(const PurchaseDay&, const PurchaseDay&) = default;
};

/// What one person bought through the close of a day: all that models of buying and spending ask.
struct PersonPurchases {
  std::uint32_t person = 0;  ///< Image::number_of
  Day first;
  Day last;
  std::uint32_t days = 0;         ///< purchase days, the first included; at least 1
  double log_interval_sum = 0;    ///< of the days between purchases
  std::int64_t paid_minor = 0;    ///< on all of them, returns taken off
  std::uint32_t money_days = 0;   ///< repeat days whose money is known
  std::int64_t repeat_minor = 0;  ///< paid on these
  friend bool operator==(const PersonPurchases&, const PersonPurchases&) = default;
};
/// As buying models see them at the close of `through`. REQUIRES through >= purchases.last.
[[nodiscard]] PurchaseHistory history_of(const PersonPurchases& purchases, Day through);
/// As spending models see them: the repeat days whose money is known, in minor units.
[[nodiscard]] SpendHistory spend_of(const PersonPurchases& purchases);

/// Scratch of purchase_days_of(): one per thread, kept so that nothing is allocated again.
struct PurchaseMemory {
  struct Bought {
    std::uint32_t order_ref = 0;
    std::int32_t day = 0;
    std::int64_t amount_minor = 0;
    bool money_known = false;
    bool taken_back = false;
  };
  std::vector<Bought> bought;
  /// What gave something back, and how many purchases were made before it.
  std::vector<std::pair<const CompactEvent*, std::size_t>> given_back;
  std::vector<std::uint32_t> by_order;  ///< places in `bought`, when something was given back
  std::vector<PurchaseDay> days;
};

/// The days with a purchase through the close of `through`, oldest first; valid until the next call
/// with the same memory.
/// A purchase is a buying event, or a fee of no less than 0 (postage, a line written by hand). An
/// order that was cancelled or wholly given back by then is none. What is given back of an order is
/// taken off its money, and what names no order off the latest purchases before it.
/// REQUIRES events in canonical order.
[[nodiscard]] std::span<const PurchaseDay> purchase_days_of(std::span<const CompactEvent> events,
                                                            const Model& model, Day through,
                                                            PurchaseMemory& memory);
/// The same in sum; nothing of one who never bought. `person` is left 0.
[[nodiscard]] std::optional<PersonPurchases> purchases_of(std::span<const CompactEvent> events,
                                                          const Model& model, Day through,
                                                          PurchaseMemory& memory);

/// Of everyone who had bought by the close of `through`, in order of their numbers. Left out is who
/// objected to profiling, or whose data are restricted, by then. Same for any number of threads.
/// Threads   Beside other readers.
[[nodiscard]] std::vector<PersonPurchases> purchase_histories(const Image& image,
                                                              const Model& model, Day through,
                                                              unsigned threads = 0,
                                                              const Progress& progress = {});

}  // namespace guanxi
