#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analytics/cell.hpp"
#include "analytics/mapping.hpp"
#include "analytics/occurrence_counter.hpp"
#include "analytics/row_reader.hpp"
#include "analytics/time_format.hpp"
#include "base/fixed.hpp"
#include "base/instant.hpp"

namespace guanxi {

/// Another file of the same folder, held in memory by one of its columns.
///
/// Place       Loaded by FileImport for the tables that join it; looked up by TableMapper.
/// Invariants  The first row of a key counts.
/// Threads     Immutable after loading.
class JoinTable {
 public:
  void add(std::string_view key, std::span<const std::string_view> values);
  /// Nothing when there is no such key.
  [[nodiscard]] const std::vector<std::string_view>* find(std::string_view key) const;

  std::vector<std::string> columns;

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> rows_;
};

/// What a file of many rows came to, for people to read.
struct MappingCounts {
  struct Named {
    std::string name;
    std::uint64_t count = 0;
  };
  std::vector<Named> events;         ///< by rule
  std::vector<Named> skipped;        ///< rows, by filter
  std::uint64_t unmatched_rows = 0;  ///< no rule fits
  std::uint64_t nobody_events = 0;   ///< events that name no person
  std::uint64_t rounded_events = 0;  ///< amounts with more decimals than the currency has
  __extension__ __int128 exact_total_nano = 0;  ///< the sum of amounts before rounding, in 10^-9
};
/// exact_total_nano as "9539484.634".
[[nodiscard]] std::string exact_total_text(const MappingCounts& counts);

/// A TableMapping bound to the columns of one file: turns rows into events.
///
/// Place       Made by FileImport for each file; called for every row.
/// Invariants  A row gives all its events or is refused whole. Events get their identity here: the
///             message id, or the content and how often it has come in this file.
/// Threads     One owner.
class TableMapper {
 public:
  struct Context {
    std::string source;  ///< the file's name in refusals
    Zone zone;           ///< the brand's own
    Currency currency;   ///< when neither row nor mapping names one
    Instant received_at;
    bool sampling = false;  ///< for previews: errors are kept, events are thrown away by caller
  };
  struct Join {
    const JoinRule* rule = nullptr;
    std::shared_ptr<const JoinTable> table;
  };
  enum class Outcome { events, skipped, refused };

  /// Errors: invalid when the mapping names a column that the file has not, with those it has.
  [[nodiscard]] static Result<std::unique_ptr<TableMapper>> bind(const TableMapping& table,
                                                                 Currency mapping_currency,
                                                                 std::vector<std::string> columns,
                                                                 std::vector<Join> joins,
                                                                 Context context);

  Outcome map(const Row& row, EventBatch& batch, std::vector<Refusal>& refused);
  [[nodiscard]] const MappingCounts& counts() const { return counts_; }

 private:
  struct BoundText {
    struct Part {
      std::string text;
      int slot = -1;
    };
    std::vector<Part> parts;
    bool upper = false;
    bool integer = false;
  };
  struct BoundTest {
    RowTest test;
    int slot = 0;
    int other_slot = -1;
    std::vector<TimeFormat> formats;
  };
  struct BoundAmount {
    int column = -1, price = -1, quantity = -1;
    AmountRule::Sign sign = AmountRule::Sign::as_is;
  };
  struct BoundRule {
    const EventRule* rule = nullptr;
    std::vector<BoundTest> when;
    BoundText person, also_known_as, order_id, subject, title, origin, currency, message_id, time;
    BoundAmount amount;
    int quantity = -1;
    std::vector<TimeFormat> formats;
    std::size_t likely_format = 0;
    Zone zone;
    bool for_each = false;
    std::uint8_t flags = 0;   ///< the rule's and the kind's own
    bool below_zero = false;  ///< money of this kind is kept below zero
    std::string last_time_text;
    Instant last_time;
  };
  struct BoundJoin {
    Join join;
    int key = 0;
    int first_slot = 0;
  };
  class Binder;

  TableMapper(const TableMapping& table, Context context);

  [[nodiscard]] bool load_values(const Row& row);
  [[nodiscard]] std::string_view value(int slot) const {
    return static_cast<std::size_t>(slot) < values_.size()
               ? trimmed(values_[static_cast<std::size_t>(slot)])
               : std::string_view();
  }
  [[nodiscard]] bool holds(const BoundTest& test) const;
  [[nodiscard]] bool hold(const std::vector<BoundTest>& tests) const;
  [[nodiscard]] std::string_view build(const BoundText& text, std::string& scratch) const;
  [[nodiscard]] bool make(BoundRule& rule, std::uint32_t line, EventBatch& batch);
  [[nodiscard]] bool make_each(BoundRule& rule, std::uint32_t& line, EventBatch& batch);
  [[nodiscard]] bool fill_texts(const BoundRule& rule, Event& event, EventBatch& batch);
  [[nodiscard]] bool fill_time(BoundRule& rule, Event& event);
  [[nodiscard]] bool fill_amount(const BoundRule& rule, Event& event);
  [[nodiscard]] bool fill_quantity(const BoundRule& rule, Event& event);
  [[nodiscard]] std::optional<Decimal> amount_of(const BoundAmount& amount);
  void identify(Event& event);
  bool refuse(std::string_view field, std::string reason);
  void report(const Row& row, std::vector<Refusal>& refused) const;
  [[nodiscard]] std::string name_of_slot(int slot) const;

  const TableMapping& table_;
  Context context_;
  Currency currency_;
  std::vector<std::string> columns_;  ///< the file's, then those joined
  std::size_t file_columns_ = 0;
  int rest_slot_ = -1;  ///< where each of the rest columns appears in turn
  std::vector<BoundJoin> joins_;
  std::vector<std::vector<BoundTest>> skips_;
  std::vector<BoundRule> rules_;
  std::vector<std::string_view> values_;
  std::vector<std::string_view> rest_;
  OccurrenceCounter occurrences_;
  MappingCounts counts_;
  std::string wrong_field_;
  std::string wrong_reason_;
  std::string scratch_;
  std::string content_;
  std::string row_number_;
};

}  // namespace guanxi
