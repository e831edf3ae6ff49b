#include "analytics/image_tables.hpp"

#include <algorithm>
#include <atomic>

#include "people/expression.hpp"
#include "relationship/explain.hpp"
#include "relationship/facts.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

using Type = TableColumn::Type;

// Blocks of people, then the lists of nobody's events: shared out by one counter.
struct Pieces final : RowTable::Scan {
  std::atomic<std::uint64_t> next{0};
};

struct Piece {
  std::uint32_t shard = 0;
  std::uint32_t first = 0;
  std::uint32_t end = 0;  ///< first == end: none
};

// The people of an image in blocks of `block`.
class PeopleBlocks {
 public:
  PeopleBlocks(const Image& image, std::uint32_t block) : image_(image), block_(block) {
    std::uint64_t count = 0;
    for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
      begins_.push_back(count);
      count += (image.people(shard) + block - 1) / block;
    }
    count_ = count;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Piece at(std::uint64_t number) const {
    const auto after = std::upper_bound(begins_.begin(), begins_.end(), number);
    const auto shard = static_cast<std::uint32_t>(after - begins_.begin() - 1);
    const auto first = static_cast<std::uint32_t>(number - begins_[shard]) * block_;
    return {shard, first, std::min(first + block_, image_.people(shard))};
  }

 private:
  const Image& image_;
  std::uint32_t block_;
  std::vector<std::uint64_t> begins_;
  std::uint64_t count_ = 0;
};

Type type_of(ColumnType type, unsigned decimals) {
  switch (type) {
    case ColumnType::number:
      return decimals == 0 ? Type::integer : Type::decimal;
    case ColumnType::money:
      return Type::decimal;
    case ColumnType::day:
      return Type::day;
    case ColumnType::tier:
      return Type::tier;
    case ColumnType::velocity:
      return Type::velocity;
    case ColumnType::yes_no:
      return Type::truth;
    case ColumnType::text:
      return Type::text;
  }
  return Type::text;
}

std::vector<TableColumn> people_table_columns(Currency currency) {
  std::vector<TableColumn> columns;
  for (const ColumnInfo& info : people_columns()) {
    const unsigned scale = info.type == ColumnType::money ? currency.minor_digits() : info.decimals;
    columns.push_back({std::string(info.name), type_of(info.type, info.decimals), scale,
                       std::string(info.description)});
  }
  return columns;
}

std::vector<TableColumn> events_table_columns(Currency currency) {
  return {{"person", Type::text, 0, "Primary id of the person; NULL: nobody's"},
          {"kind", Type::kind, 0, "What happened, in the order of docs/events.md"},
          {"occurred_at", Type::moment, 0, "When, UTC"},
          {"day", Type::day, 0, "The day in the brand's zone"},
          {"subject", Type::text, 0, "Product, member of staff, campaign, referrer ...; by kind"},
          {"order_ref", Type::integer, 0, "Equal for events of one order; NULL: of none"},
          {"amount", Type::decimal, currency.minor_digits(), "Money; below zero when given back"},
          {"quantity", Type::integer, 0, "Units, rating 0 to 100, or minutes; by kind"},
          {"full_price", Type::truth, 0, "Bought without discount"},
          {"prepaid", Type::truth, 0, "Paid ahead"},
          {"early", Type::truth, 0, "A product that had just come out"},
          {"by_customer", Type::truth, 0, "The customer began it"},
          {"derived", Type::truth, 0, "Made by Guanxi from another person's events"},
          {"foreign_currency", Type::truth, 0, "In another currency; not summed by the model"},
          {"partial", Type::truth, 0, "A refund of part of an order"},
          {"reachable", Type::truth, 0, "Shows a direct way to reach them"},
          {"ordinal", Type::integer, 0, "Place of the original in the log; NULL: derived"},
          {"id_hash", Type::unsigned64, 0, "Identity of the event"}};
}

std::vector<TableColumn> changes_table_columns() {
  return {{"person", Type::text, 0, "Primary id"},
          {"day", Type::day, 0, "The day of the change, in the brand's zone"},
          {"from_tier", Type::tier, 0, "Tier before"},
          {"to_tier", Type::tier, 0, "Tier after"},
          {"cause", Type::text, 0, "evidence, breach or silence"},
          {"fact", Type::text, 0, "The condition that was met last, or that failed"},
          {"value", Type::text, 0, "The fact's value then"},
          {"bar", Type::text, 0, "What it had to be"},
          {"ordinal", Type::integer, 0, "The event that tipped it; NULL: silence"}};
}

std::vector<TableColumn> evidence_table_columns() {
  return {{"person", Type::text, 0, "Primary id"},
          {"occurred_at", Type::moment, 0, "When the event happened, UTC"},
          {"kind", Type::kind, 0, "The event's kind"},
          {"rule", Type::text, 0, "The model's rule that it met"},
          {"dimension", Type::text, 0, "What it speaks about"},
          {"points_first", Type::decimal, 4, "Points when it happened"},
          {"points_now", Type::decimal, 4, "Points today"},
          {"good_now", Type::decimal, 4, "Good outcomes today"},
          {"bad_now", Type::decimal, 4, "Bad outcomes today"},
          {"index_share", Type::decimal, 3, "Share of the index; a person's lines sum to it"},
          {"ordinal", Type::integer, 0, "Place of the event in the log; NULL: derived"}};
}

// 1/65536 in ten-thousandths, rounded half away from zero.
std::int64_t from_16(std::int64_t value) {
  const std::int64_t scaled = value * 10000;
  return (scaled >= 0 ? scaled + 32768 : scaled - 32768) / 65536;
}

// A person's primary id, or the handle in its place.
std::string shown_id(const Image& image, PersonRef person, const Masking* masking) {
  std::string id = image.id_text(person);
  return masking == nullptr ? id : masking->handle_of(id);
}

class PeopleTable final : public RowTable {
 public:
  PeopleTable(const Image& image, Currency currency, const Masking* masking)
      : image_(image),
        masking_(masking),
        columns_(people_table_columns(currency)),
        blocks_(image, static_cast<std::uint32_t>(TableOutput::capacity())) {}
  [[nodiscard]] const std::vector<TableColumn>& columns() const override { return columns_; }
  [[nodiscard]] std::uint64_t rows_about() const override { return image_.people(); }
  [[nodiscard]] std::uint64_t threads_most() const override { return blocks_.count() + 1; }
  [[nodiscard]] std::shared_ptr<Scan> begin_query() const override {
    return std::make_shared<Pieces>();
  }
  [[nodiscard]] std::unique_ptr<Scan> begin_thread() const override {
    return std::make_unique<Scan>();
  }

  [[nodiscard]] Result<std::size_t> fill(Scan& query, Scan&, TableOutput& out) const override {
    std::vector<PersonRef> people;
    while (people.empty()) {
      const std::uint64_t number = static_cast<Pieces&>(query).next.fetch_add(1);
      if (number >= blocks_.count()) {
        return std::size_t{0};
      }
      people = to_be_shown(blocks_.at(number));
    }
    for (std::size_t place = 0; place < out.columns().size(); ++place) {
      if (out.columns()[place] >= columns_.size()) {
        continue;  // no column at all: rows are only counted
      }
      const auto column = static_cast<int>(out.columns()[place]);
      const Type type = columns_[out.columns()[place]].type;
      for (std::size_t row = 0; row < people.size(); ++row) {
        const PersonRef person = people[row];
        if (type == Type::text) {
          out.set_text(place, row, shown_id(image_, person, masking_));
          continue;
        }
        const std::int64_t value = column_value(image_, column, person);
        if (value == kNoValue) {
          out.set_null(place, row);
        } else {
          out.set_number(place, row, type, value);
        }
      }
    }
    return people.size();
  }

 private:
  [[nodiscard]] std::vector<PersonRef> to_be_shown(const Piece& piece) const {
    std::vector<PersonRef> people;
    for (std::uint32_t i = piece.first; i < piece.end; ++i) {
      if (const PersonRef person{piece.shard, i}; !image_.only_stored(person)) {
        people.push_back(person);
      }
    }
    return people;
  }

  const Image& image_;
  const Masking* masking_;
  std::vector<TableColumn> columns_;
  PeopleBlocks blocks_;
};

class EventsTable final : public RowTable {
 public:
  EventsTable(const Image& image, Currency currency, const Masking* masking)
      : image_(image),
        masking_(masking),
        columns_(events_table_columns(currency)),
        blocks_(image, 256) {}
  [[nodiscard]] const std::vector<TableColumn>& columns() const override { return columns_; }
  [[nodiscard]] std::uint64_t rows_about() const override {
    return image_.events() + image_.derived_events() + image_.nobody_events();
  }
  [[nodiscard]] std::uint64_t threads_most() const override { return blocks_.count() + 1; }
  [[nodiscard]] std::shared_ptr<Scan> begin_query() const override {
    return std::make_shared<Pieces>();
  }
  [[nodiscard]] std::unique_ptr<Scan> begin_thread() const override {
    return std::make_unique<Place>();
  }

  [[nodiscard]] Result<std::size_t> fill(Scan& query, Scan& thread,
                                         TableOutput& out) const override {
    auto& place = static_cast<Place&>(thread);
    std::size_t rows = 0;
    while (rows < TableOutput::capacity()) {
      if (place.at == place.events.size() && !advance(static_cast<Pieces&>(query), place)) {
        break;
      }
      const std::size_t count =
          std::min(place.events.size() - place.at, TableOutput::capacity() - rows);
      for (std::size_t column = 0; column < out.columns().size(); ++column) {
        write(out, column, rows, place.events.subspan(place.at, count), place.id);
      }
      place.at += count;
      rows += count;
    }
    return rows;
  }

 private:
  struct Place final : Scan {
    Piece piece;
    bool nobody = false;
    std::span<const CompactEvent> events;
    std::size_t at = 0;
    std::string id;
  };

  // The next person of the piece, or the first of the next piece; false at the end.
  [[nodiscard]] bool advance(Pieces& pieces, Place& place) const {
    while (true) {
      if (place.piece.first < place.piece.end) {
        const PersonRef person{place.piece.shard, place.piece.first++};
        place.events = image_.timeline(person);
        place.at = 0;
        place.id = shown_id(image_, person, masking_);
        if (!place.events.empty() && !image_.only_stored(person)) {
          return true;
        }
        place.at = place.events.size();
        continue;
      }
      const std::uint64_t number = pieces.next.fetch_add(1);
      if (number < blocks_.count()) {
        place.piece = blocks_.at(number);
        continue;
      }
      const std::uint64_t part = number - blocks_.count();
      if (part >= Image::kNobodyParts) {
        return false;
      }
      place.id.clear();
      place.events = image_.nobody(static_cast<std::uint32_t>(part));
      place.at = 0;
      if (!place.events.empty()) {
        return true;
      }
    }
  }

  void write(TableOutput& out, std::size_t place, std::size_t row,
             std::span<const CompactEvent> events, const std::string& id) const {
    const std::size_t column = out.columns()[place];
    for (const CompactEvent& event : events) {
      write_one(out, place, row++, column, event, id);
    }
  }

  void set_subject(TableOutput& out, std::size_t place, std::size_t row,
                   const CompactEvent& event) const {
    if (event.subject() == 0) {
      return out.set_null(place, row);
    }
    const std::string_view subject = image_.subjects().text(event.subject());
    out.set_text(place, row,
                 masking_ == nullptr ? subject : masked_subject(event.kind(), subject, *masking_));
  }

  void write_one(TableOutput& out, std::size_t place, std::size_t row, std::size_t column,
                 const CompactEvent& event, const std::string& id) const {
    constexpr std::array<EventFlag, 8> kFlags = {kFullPrice,  kPrepaid,  kEarly,
                                                 kByCustomer, kDerived,  kForeignCurrency,
                                                 kPartial,    kReachable};
    switch (column) {
      case 0:
        return id.empty() ? out.set_null(place, row) : out.set_text(place, row, id);
      case 1:
        return out.set(place, row, static_cast<std::uint8_t>(event.kind()));
      case 2:
        return out.set(place, row, std::int64_t{event.occurred_s()});
      case 3:
        return out.set(place, row, image_.model().zone.day_of(event.occurred_at()).number);
      case 4:
        return set_subject(out, place, row, event);
      case 5:
        return event.order_ref() == 0 ? out.set_null(place, row)
                                      : out.set(place, row, std::int64_t{event.order_ref()});
      case 6:
        return out.set(place, row, event.amount_minor());
      case 7:
        return out.set(place, row, std::int64_t{event.quantity()});
      case 16:
        return event.has(kDerived) ? out.set_null(place, row)
                                   : out.set(place, row, std::int64_t{event.ordinal()});
      case 17:
        return out.set(place, row, event.id_hash());
      default:
        if (column >= 8 && column < 16) {
          out.set(place, row, event.has(kFlags.at(column - 8)));
        }
    }
  }

  const Image& image_;
  const Masking* masking_;
  std::vector<TableColumn> columns_;
  PeopleBlocks blocks_;
};

// A table of which one person gives some rows, worked out person by person.
template <typename RowOf>
class WorkedOutTable : public RowTable {
 public:
  WorkedOutTable(const Image& image, std::vector<TableColumn> columns, const Masking* masking)
      : image_(image), masking_(masking), columns_(std::move(columns)), blocks_(image, 64) {}
  [[nodiscard]] const std::vector<TableColumn>& columns() const override { return columns_; }
  [[nodiscard]] std::uint64_t rows_about() const override { return image_.people(); }
  [[nodiscard]] std::uint64_t threads_most() const override { return blocks_.count() + 1; }
  [[nodiscard]] std::shared_ptr<Scan> begin_query() const override {
    return std::make_shared<Pieces>();
  }
  [[nodiscard]] std::unique_ptr<Scan> begin_thread() const override {
    return std::make_unique<Place>();
  }

  [[nodiscard]] Result<std::size_t> fill(Scan& query, Scan& thread,
                                         TableOutput& out) const override {
    auto& place = static_cast<Place&>(thread);
    std::size_t rows = 0;
    while (rows < TableOutput::capacity()) {
      if (place.at == place.rows.size() && !advance(static_cast<Pieces&>(query), place)) {
        break;
      }
      for (std::size_t column = 0; column < out.columns().size(); ++column) {
        if (out.columns()[column] == 0) {
          out.set_text(column, rows, place.id);
        } else {
          write(out, column, rows, out.columns()[column], place.rows[place.at]);
        }
      }
      ++place.at;
      ++rows;
    }
    return rows;
  }

 protected:
  virtual void work_out(PersonRef person, FoldMemory& memory, std::vector<RowOf>& rows) const = 0;
  virtual void write(TableOutput& out, std::size_t place, std::size_t row, std::size_t column,
                     const RowOf& value) const = 0;
  [[nodiscard]] const Image& image() const { return image_; }

 private:
  struct Place final : Scan {
    Piece piece;
    std::vector<RowOf> rows;
    std::size_t at = 0;
    std::string id;
    FoldMemory memory;
  };

  [[nodiscard]] bool advance(Pieces& pieces, Place& place) const {
    while (true) {
      if (place.piece.first == place.piece.end) {
        const std::uint64_t number = pieces.next.fetch_add(1);
        if (number >= blocks_.count()) {
          return false;
        }
        place.piece = blocks_.at(number);
        continue;
      }
      const PersonRef person{place.piece.shard, place.piece.first++};
      place.rows.clear();
      place.at = 0;
      if (!image_.only_stored(person)) {
        work_out(person, place.memory, place.rows);
      }
      if (!place.rows.empty()) {
        place.id = shown_id(image_, person, masking_);
        return true;
      }
    }
  }

  const Image& image_;
  const Masking* masking_;
  std::vector<TableColumn> columns_;
  PeopleBlocks blocks_;
};

class ChangesTable final : public WorkedOutTable<Posting> {
 public:
  ChangesTable(const Image& image, const Masking* masking)
      : WorkedOutTable(image, changes_table_columns(), masking) {}

 protected:
  void work_out(PersonRef person, FoldMemory& memory, std::vector<Posting>& rows) const override {
    static_cast<void>(
        fold(image().timeline(person), image().model(), image().as_of(), memory, &rows));
  }
  void write(TableOutput& out, std::size_t place, std::size_t row, std::size_t column,
             const Posting& posting) const override {
    constexpr std::array<std::string_view, 3> kCauses = {"evidence", "breach", "silence"};
    switch (column) {
      case 1:
        return out.set(place, row, posting.day.number);
      case 2:
        return out.set(place, row, static_cast<std::uint8_t>(posting.from));
      case 3:
        return out.set(place, row, static_cast<std::uint8_t>(posting.to));
      case 4:
        return out.set_text(place, row, kCauses.at(static_cast<std::size_t>(posting.cause)));
      case 5:
        return out.set_text(place, row, name_of(posting.fact));
      case 6:
        return out.set_text(place, row, fact_text(posting.fact, posting.value));
      case 7:
        return out.set_text(place, row, fact_text(posting.fact, posting.bar));
      case 8:
        return posting.event_id_hash == 0
                   ? out.set_null(place, row)
                   : out.set(place, row, std::int64_t{posting.event_ordinal});
      default:
        break;
    }
  }
};

class EvidenceTable final : public WorkedOutTable<EvidenceLine> {
 public:
  EvidenceTable(const Image& image, const Masking* masking)
      : WorkedOutTable(image, evidence_table_columns(), masking) {}

 protected:
  void work_out(PersonRef person, FoldMemory& memory,
                std::vector<EvidenceLine>& rows) const override {
    rows = explain(image().timeline(person), image().model(), image().as_of(), memory).evidence;
  }
  void write(TableOutput& out, std::size_t place, std::size_t row, std::size_t column,
             const EvidenceLine& line) const override {
    const Model& model = image().model();
    switch (column) {
      case 1:
        return out.set(place, row, std::int64_t{line.event.occurred_s()});
      case 2:
        return out.set(place, row, static_cast<std::uint8_t>(line.event.kind()));
      case 3:
        return line.rule < model.rules.size()
                   ? out.set_text(place, row, model.rules[line.rule].name)
                   : out.set_null(place, row);
      case 4:
        return out.set_text(place, row, name_of(line.dimension));
      case 5:
        return out.set(place, row, from_16(line.first_16));
      case 6:
        return out.set(place, row, from_16(line.worth_16));
      case 7:
        return out.set(place, row, from_16(line.good_16));
      case 8:
        return out.set(place, row, from_16(line.bad_16));
      case 9:
        return out.set(place, row, line.index_milli);
      case 10:
        return line.event.has(kDerived) ? out.set_null(place, row)
                                        : out.set(place, row, std::int64_t{line.event.ordinal()});
      default:
        break;
    }
  }
};

constexpr std::string_view kProductsView =
    "SELECT subject AS product,"
    " count(DISTINCT person) FILTER (kind = 'order_line') AS buyers,"
    " count(*) FILTER (kind = 'order_line') AS lines,"
    " CAST(coalesce(sum(quantity) FILTER (kind = 'order_line'), 0) AS BIGINT) AS units,"
    " sum(amount) AS amount,"
    " count(*) FILTER (kind = 'line_returned') AS returns,"
    " min(day) FILTER (kind = 'order_line') AS first_sold,"
    " max(day) FILTER (kind = 'order_line') AS last_sold"
    " FROM events WHERE kind IN ('order_line', 'line_returned') AND subject IS NOT NULL"
    " GROUP BY subject";

std::vector<TableColumn> products_columns(Currency currency) {
  return {{"product", Type::text, 0, "As order lines name it"},
          {"buyers", Type::integer, 0, "People who bought it"},
          {"lines", Type::integer, 0, "Order lines"},
          {"units", Type::integer, 0, "Units sold"},
          {"amount", Type::decimal, currency.minor_digits(), "Money, returns taken off"},
          {"returns", Type::integer, 0, "Lines given back"},
          {"first_sold", Type::day, 0, "Day of the first line"},
          {"last_sold", Type::day, 0, "Day of the last line"}};
}

std::string tier_words() {
  std::string words;
  for (int i = 0; i < kTiers; ++i) {
    words += (i == 0 ? "" : ", ") + sql_literal(name_of(static_cast<Tier>(i)));
  }
  return words;
}

std::string velocity_words() {
  std::string words;
  for (int i = 0; i < kVelocities; ++i) {
    words += (i == 0 ? "" : ", ") + sql_literal(name_of(static_cast<Velocity>(i)));
  }
  return words;
}

}  // namespace

std::vector<SqlTable> sql_tables(Currency currency) {
  return {{"people", "Everyone, one row each, as of the last event's day",
           people_table_columns(currency), ""},
          {"events", "Every event in memory, derived credits and nobody's events too",
           events_table_columns(currency), ""},
          {"tier_changes", "Every change of tier of everyone, folded while it is read",
           changes_table_columns(), ""},
          {"evidence", "What each event is still worth, explained while it is read",
           evidence_table_columns(), ""},
          {"products", "What order lines and returns name, summed from events",
           products_columns(currency), std::string(kProductsView)}};
}

Result<void> add_image_tables(Connection& connection, const Image& image, Currency currency,
                              const Masking* masking) {
  GUANXI_CHECK(image.folded(), "SQL reads a folded image");
  GUANXI_TRY_VOID(add_table(connection, "guanxi_people",
                            std::make_shared<PeopleTable>(image, currency, masking)));
  GUANXI_TRY_VOID(add_table(connection, "guanxi_events",
                            std::make_shared<EventsTable>(image, currency, masking)));
  GUANXI_TRY_VOID(
      add_table(connection, "guanxi_tier_changes", std::make_shared<ChangesTable>(image, masking)));
  GUANXI_TRY_VOID(
      add_table(connection, "guanxi_evidence", std::make_shared<EvidenceTable>(image, masking)));
  // With these, tier >= 'strong'::tier compares by rank; a bare text would be compared as text.
  GUANXI_TRY_VOID(connection.run("CREATE TYPE tier AS ENUM (" + tier_words() + ")"));
  GUANXI_TRY_VOID(connection.run("CREATE TYPE velocity AS ENUM (" + velocity_words() + ")"));
  for (const SqlTable& table : sql_tables(currency)) {
    const std::string body =
        table.view_of.empty() ? "SELECT * FROM guanxi_" + table.name + "()" : table.view_of;
    GUANXI_TRY_VOID(connection.run("CREATE VIEW " + table.name + " AS " + body));
  }
  return {};
}

}  // namespace guanxi
