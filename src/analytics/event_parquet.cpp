#include "analytics/event_parquet.hpp"

#include <algorithm>
#include <array>

#include "analytics/duckdb.hpp"
#include "analytics/event_columns.hpp"
#include "analytics/occurrence_counter.hpp"
#include "analytics/parquet_rows.hpp"
#include "analytics/sample.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "events/identity.hpp"
#include "events/kind_table.hpp"

namespace guanxi {
namespace {

// Places in kEventColumns.
enum Column : std::size_t {
  kKind,
  kOccurredAt,
  kReceivedAt,
  kPerson,
  kAlsoKnownAs,
  kMessageId,
  kLine,
  kIdHash,
  kName,
  kSubject,
  kOrderId,
  kAmountMinor,
  kCurrency,
  kQuantity,
  kFlags,
  kOrigin,
  kTitle,
  kProperties
};
constexpr std::size_t kColumns = kEventColumns.size();
constexpr std::size_t kIdBytesMost = 255;
constexpr std::int64_t kNoMoment = INT64_MIN;

// Kinds repeat in runs: the last word is compared before the table is asked.
class KindReader {
 public:
  std::optional<EventKind> read(std::string_view word) {
    if (word == last_word_) {
      return last_;
    }
    last_ = kind_named(word);
    last_word_ = word;
    return last_;
  }

 private:
  std::string last_word_ = "unknown";
  std::optional<EventKind> last_ = EventKind::unknown;
};

class EventParquet final : public EventSource {
 public:
  EventParquet(std::string path, std::unique_ptr<Connection> connection, QueryResult result,
               std::array<bool, kColumns> present, Instant received_at, std::uint64_t rows_total)
      : source_(base_name(path)),
        path_(std::move(path)),
        connection_(std::move(connection)),
        result_(std::move(result)),
        present_(present),
        received_at_(received_at) {
    progress_.rows_total = rows_total;
  }

  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override {
    bool any = false;
    for (int i = 0; i < 4; ++i) {
      auto more = result_.next(chunk_);
      if (!more) {
        return fail(ErrorCode::corrupted, "'" + path_ + "' cannot be read further after row " +
                                              std::to_string(progress_.rows) + ": " +
                                              more.error().message);
      }
      if (!*more) {
        return any;
      }
      any = true;
      batch.events.reserve(batch.events.size() + chunk_.rows());
      for (std::size_t r = 0; r < chunk_.rows(); ++r) {
        ++progress_.rows;
        if (take(r, batch, refused)) {
          ++progress_.events;
        } else {
          ++progress_.refused;
        }
      }
    }
    return true;
  }
  [[nodiscard]] SourceProgress progress() const override { return progress_; }

 private:
  bool refuse(std::string_view field, std::string reason, std::vector<Refusal>& refused) const {
    refused.push_back({source_, progress_.rows, std::string(field), std::move(reason), ""});
    return false;
  }

  [[nodiscard]] std::int64_t number(Column column, std::size_t row, std::int64_t otherwise) const {
    return present_[column] && !chunk_.is_null(column, row)
               ? chunk_.values<std::int64_t>(column)[row]
               : otherwise;
  }

  bool take_text(Column column, std::size_t row, EventBatch& batch, std::string_view& into) const {
    if (!present_[column]) {
      return true;
    }
    into = batch.keep(chunk_.text(column, row));
    return into.size() <= kIdBytesMost;
  }

  bool take_texts(std::size_t row, EventBatch& batch, Event& event,
                  std::vector<Refusal>& refused) const {
    std::string_view person;
    std::string_view other;
    const std::array<std::pair<Column, std::string_view*>, 7> ids = {
        {{kPerson, &person},
         {kAlsoKnownAs, &other},
         {kMessageId, &event.message_id},
         {kName, &event.name},
         {kSubject, &event.subject},
         {kOrderId, &event.order_id},
         {kOrigin, &event.origin}}};
    for (const auto& [column, into] : ids) {
      if (!take_text(column, row, batch, *into)) {
        return refuse(kEventColumns.at(column).name, "longer than 255 bytes", refused);
      }
    }
    event.person = person.empty() ? ExternalId{} : parse_external_id(person);
    event.also_known_as = other.empty() ? ExternalId{} : parse_external_id(other);
    static_cast<void>(take_text(kTitle, row, batch, event.title));
    static_cast<void>(take_text(kProperties, row, batch, event.properties));
    if (present_[kCurrency]) {
      const std::string_view code = chunk_.text(kCurrency, row);
      if (!code.empty()) {
        const auto currency = parse_currency(code);
        if (!currency) {
          return refuse("currency", currency.error().message, refused);
        }
        event.currency = *currency;
      }
    }
    return true;
  }

  bool take(std::size_t row, EventBatch& batch, std::vector<Refusal>& refused) {
    Event event;
    const std::string_view word = chunk_.text(kKind, row);
    const auto kind = kinds_.read(word);
    if (!kind) {
      return refuse("kind",
                    "'" + std::string(word.substr(0, 40)) +
                        "' is no kind of event; docs/events.md lists them",
                    refused);
    }
    event.kind = *kind;
    event.occurred_at.seconds = number(kOccurredAt, row, kNoMoment);
    if (event.occurred_at.seconds < 0 || event.occurred_at.seconds > UINT32_MAX) {
      return refuse("occurred_at", "no moment between 1970 and 2106", refused);
    }
    event.received_at.seconds = number(kReceivedAt, row, received_at_.seconds);
    event.flags = static_cast<std::uint8_t>(number(kFlags, row, 0));
    event.line = static_cast<std::uint32_t>(number(kLine, row, 0));
    if (entry_of(*kind).derived || (event.flags & kDerived) != 0) {
      return refuse("kind", "made by Guanxi itself from other events, never taken from outside",
                    refused);
    }
    event.amount_minor = number(kAmountMinor, row, 0);
    event.quantity = number(kQuantity, row, 0);
    if (!take_texts(row, batch, event, refused)) {
      return false;
    }
    identify(row, event);
    batch.events.push_back(event);
    return true;
  }

  void identify(std::size_t row, Event& event) {
    if (present_[kIdHash] && !chunk_.is_null(kIdHash, row)) {
      event.id_hash = chunk_.values<std::uint64_t>(kIdHash)[row];
    } else if (!event.message_id.empty()) {
      event.id_hash = identity_of_message({}, event.message_id, event.line);
    } else {
      content_.clear();
      content_.append({static_cast<char>(event.kind), static_cast<char>(event.flags),
                       static_cast<char>(event.person.name_space)});
      for (const std::string_view text :
           {event.person.value, event.also_known_as.value, event.order_id, event.subject,
            event.title, event.origin, event.currency.text()}) {
        content_ += text;
        content_ += '\x1F';
      }
      const std::array<std::int64_t, 3> numbers = {event.occurred_at.seconds, event.amount_minor,
                                                   event.quantity};
      std::uint64_t hash = hash64(content_);
      for (const std::int64_t value : numbers) {
        hash = mix64(hash ^ static_cast<std::uint64_t>(value));
      }
      event.id_hash = id_hash_of_content(hash, occurrences_.next(hash));
    }
  }

  std::string source_;
  std::string path_;
  std::unique_ptr<Connection> connection_;
  QueryResult result_;
  std::array<bool, kColumns> present_;
  Instant received_at_;
  DataChunk chunk_;
  KindReader kinds_;
  OccurrenceCounter occurrences_;
  std::string content_;
  SourceProgress progress_;
};

// Every column in the type that is read below; moments as whole seconds.
std::string selected(const EventColumn& column, bool present, const std::string& type) {
  const std::string name = sql_name(column.name);
  if (!present) {
    return "NULL";
  }
  if (column.type == "TIMESTAMP_S") {
    const bool number = type.find("INT") != std::string::npos;
    return number ? "CAST(" + name + " AS BIGINT)"
                  : "epoch_us(CAST(" + name + " AS TIMESTAMP)) // 1000000";
  }
  if (column.type == "VARCHAR") {
    return "CAST(" + name + " AS VARCHAR)";
  }
  return column.name == "id_hash" ? "CAST(" + name + " AS UBIGINT)"
                                  : "CAST(" + name + " AS BIGINT)";
}

}  // namespace

bool are_event_columns(const std::vector<std::string>& columns) {
  return std::all_of(kEventColumns.begin(), kEventColumns.end(), [&](const EventColumn& column) {
    return !column.required ||
           std::find(columns.begin(), columns.end(), column.name) != columns.end();
  });
}

Result<std::unique_ptr<EventSource>> open_event_parquet(const std::string& path,
                                                        const ImportOptions& options) {
  GUANXI_TRY(database, Database::open({.threads = 0, .memory_bytes_most = 0, .files = true}));
  GUANXI_TRY(connection, Connection::open(std::move(database)));
  GUANXI_TRY_VOID(connection->run("SET streaming_buffer_size='32MB'"));
  const auto unreadable = [&path](const Error& error) {
    return fail(ErrorCode::corrupted, "'" + path + "' cannot be read as Parquet: " + error.message);
  };
  std::array<bool, kColumns> present{};
  std::array<std::string, kColumns> types;
  {
    auto described = connection->query("DESCRIBE SELECT *" + from_parquet(path));
    if (!described) {
      return unreadable(described.error());
    }
    DataChunk chunk;
    while (true) {
      auto more = described->next(chunk);
      if (!more) {
        return unreadable(more.error());
      }
      if (!*more) {
        break;
      }
      for (std::size_t r = 0; r < chunk.rows(); ++r) {
        for (std::size_t c = 0; c < kColumns; ++c) {
          if (chunk.text(0, r) == kEventColumns.at(c).name) {
            present.at(c) = true;
            types.at(c) = chunk.text(1, r);
          }
        }
      }
    }
  }
  std::string columns;
  for (std::size_t c = 0; c < kColumns; ++c) {
    columns += (c == 0 ? "" : ", ") + selected(kEventColumns.at(c), present.at(c), types.at(c));
  }
  GUANXI_TRY(rows_total, parquet_row_count(path));
  auto result = connection->query("SELECT " + columns + from_parquet(path));
  if (!result) {
    return unreadable(result.error());
  }
  return std::unique_ptr<EventSource>(
      std::make_unique<EventParquet>(path, std::move(connection), std::move(result).value(),
                                     present, options.received_at, rows_total));
}

}  // namespace guanxi
