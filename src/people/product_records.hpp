#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "people/dictionary.hpp"
#include "people/image.hpp"

namespace guanxi {

/// The products of a brand by place, in order of their names: the same places whatever the order in
/// which events came.
///
/// Place       One per NeedModel.
/// Threads     Immutable.
class ProductIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  ProductIndex() = default;
  /// REQUIRES each name once.
  explicit ProductIndex(std::vector<std::string> names);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }
  [[nodiscard]] const std::string& name(std::uint32_t product) const { return names_[product]; }
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  /// By number in the dictionary: the product, or kNone.
  [[nodiscard]] std::vector<std::uint32_t> places(const Dictionary& subjects) const;

 private:
  std::vector<std::string> names_;  ///< sorted
};

/// Whether events of this kind are about a product, as something bought, looked at or talked of.
[[nodiscard]] bool is_about_product(EventKind kind);

/// How somebody showed that they want a product, the weakest first.
enum class Signal : std::uint8_t { none, looked, cart, wish };
inline constexpr std::size_t kSignals = 4;
[[nodiscard]] std::string_view name_of(Signal signal);

/// One person with one product, by the close of a day.
struct ProductRecord {
  std::uint32_t product = 0;
  // Bought. Several purchases on one day are one.
  std::uint32_t bought_days = 0;
  Day first_bought = kNoDay;
  Day last_bought = kNoDay;
  std::uint32_t first_ordinal = 0;  ///< of the first purchase, and of the last
  std::uint32_t last_ordinal = 0;
  std::int64_t units = 0;
  std::int64_t unit_squares = 0;  ///< of the units of each day
  std::int64_t returned_units = 0;
  std::int64_t amount_minor = 0;
  std::uint32_t gaps_first = 0;  ///< where their gaps begin, one fewer than bought_days
  // Looked at before it was ever bought.
  Day first_look = kNoDay;
  Signal first_signal = Signal::none;  ///< the strongest
  // Looked at within the window and not bought since.
  std::uint32_t looks = 0;
  Day last_look = kNoDay;
  std::uint32_t look_ordinal = 0;
  Signal signal = Signal::none;  ///< the strongest
  // Said.
  Day last_said = kNoDay;
  std::uint32_t said_ordinal = 0;
  std::uint32_t ideas = 0;
  std::uint32_t ratings = 0;
  std::uint32_t rating_sum = 0;     ///< 0..100 each
  std::uint32_t named_ordinal = 0;  ///< of the last purchase or look, which tells its name
  std::uint32_t named_s = 0;

  [[nodiscard]] bool kept() const { return bought_days > 0 && returned_units < units; }
};

/// Who says what a subject is: the product, or ProductIndex::kNone.
using ProductOf = std::function<std::uint32_t(std::uint32_t subject)>;

/// What one person has to do with which products, by the close of a day. What was bought in an
/// order that was called off or wholly given back by then was not bought.
///
/// Place       One per thread that surveys; read() forgets the person before.
/// Invariants  records() stand in order of product. A function of the person's events by that day.
/// Threads     One owner.
class PersonProducts {
 public:
  /// Looks count for so many days.
  static constexpr std::int32_t kLookDays = 60;

  void read(std::span<const CompactEvent> events, const Zone& zone, Day day,
            const ProductOf& product_of);

  [[nodiscard]] std::span<const ProductRecord> records() const { return records_; }
  [[nodiscard]] const ProductRecord* find(std::uint32_t product) const;
  /// Days between purchases of it, oldest first.
  [[nodiscard]] std::span<const double> gaps(const ProductRecord& record) const;
  /// Days with a purchase of any product.
  [[nodiscard]] std::uint32_t order_days() const { return order_days_; }
  [[nodiscard]] Day first_order() const { return first_order_; }
  [[nodiscard]] Day last_order() const { return last_order_; }
  /// Products bought on each of these days, in sum.
  [[nodiscard]] std::uint32_t purchases() const { return purchases_; }
  [[nodiscard]] Day day() const { return day_; }

 private:
  struct Touch {
    std::uint32_t product = 0;
    std::int32_t day = 0;
    const CompactEvent* event = nullptr;
  };
  void find_called_off(std::span<const CompactEvent> events, const Zone& zone);
  void record(std::span<const Touch> touches);
  void buy(ProductRecord& record, const Touch& touch, std::int64_t& units_of_day);
  void look(ProductRecord& record, const Touch& touch) const;

  Day day_ = kNoDay;
  std::vector<Touch> touches_;
  std::vector<std::uint32_t> called_off_;  ///< orders, sorted
  std::vector<std::int32_t> days_;
  std::vector<ProductRecord> records_;
  std::vector<double> gaps_;
  std::uint32_t order_days_ = 0;
  std::uint32_t purchases_ = 0;
  Day first_order_ = kNoDay;
  Day last_order_ = kNoDay;
};

/// One shard of an image, held still while it is looked at.
using ShardWork = std::function<void(const Image& image, const Model& model, std::uint32_t shard)>;
/// Calls `work` for every shard, one after the other; `phase` says what for. What is held still may
/// differ from shard to shard where the brand is live. Errors: whoever gave it may stop it.
using ForShards = std::function<Result<void>(std::string_view phase, const ShardWork& work)>;
/// Over an image that stands still.
[[nodiscard]] ForShards shards_of(const Image& image, const Model& model);

/// Calls visit(worker, person) for everyone of a shard whose data may be used, in parallel.
void for_people_of(const Image& image, std::uint32_t shard, unsigned threads,
                   const std::function<void(unsigned worker, PersonRef person)>& visit);

/// The products of which most is heard, at most `most`; of equals the first by name.
[[nodiscard]] Result<ProductIndex> products_heard_of(const ForShards& shards, std::uint32_t most,
                                                     unsigned threads);

}  // namespace guanxi
