#include <algorithm>

#include "analytics/duckdb.hpp"
#include "analytics/export.hpp"
#include "analytics/table_function.hpp"
#include "base/json_writer.hpp"
#include "platform/disk.hpp"
#include "simulation/latent.hpp"
#include "simulation/simulation.hpp"

namespace guanxi {
namespace {

/// One month of one person, as it was.
struct TruthRow {
  std::uint32_t person;
  Day day;
  std::uint32_t trust_10000;
  std::uint32_t stage;
  std::uint32_t orders_10000;
};

/// The truth of everybody, person by person, month by month.
///
/// Place       write_simulation() alone.
/// Invariants  A function of the options and the number of people.
/// Threads     One owner.
class Truth {
 public:
  Truth(const SimulationOptions& options, std::uint32_t people)
      : options_(options), people_(people) {}

  bool next(TruthRow& row) {
    while (month_ == path_.months) {
      if (person_ == people_) {
        return false;
      }
      path_ = latent_path(options_.seed, person_++, options_.days);
      month_ = 0;
    }
    const std::uint16_t trust = path_.trust[month_];
    const std::uint32_t orders = orders_a_month_16(trust, path_.rhythm);
    row.person = person_;
    row.day.number = options_.first_day.number +
                     static_cast<std::int32_t>(path_.first_day + month_ * LatentPath::kMonthDays);
    row.trust_10000 = std::uint32_t{trust} * 10'000 / 65'535;
    row.stage = latent_stage(trust);
    row.orders_10000 = static_cast<std::uint32_t>(std::uint64_t{orders} * 10'000 >> 16U);
    ++month_;
    return true;
  }

 private:
  SimulationOptions options_;
  std::uint32_t people_;
  std::uint32_t person_ = 0;
  std::uint32_t month_ = 0;
  LatentPath path_;
};

/// The truth as a table that DuckDB reads.
///
/// Place       write_truth(), for Parquet.
/// Invariants  Read once, by one thread.
/// Threads     One.
class TruthTable final : public RowTable {
 public:
  explicit TruthTable(const Truth& truth) : truth_(truth) {
    using Type = TableColumn::Type;
    columns_ = {{"person", Type::text},
                {"day", Type::day},
                {"latent_trust", Type::decimal, 4},
                {"latent_stage", Type::integer},
                {"orders_a_month", Type::decimal, 4}};
  }
  [[nodiscard]] const std::vector<TableColumn>& columns() const override { return columns_; }
  [[nodiscard]] std::uint64_t rows_about() const override { return 1'000'000; }
  [[nodiscard]] std::uint64_t threads_most() const override { return 1; }
  [[nodiscard]] std::shared_ptr<Scan> begin_query() const override {
    return std::make_shared<Place>(truth_);
  }
  [[nodiscard]] std::unique_ptr<Scan> begin_thread() const override {
    return std::make_unique<Scan>();
  }
  [[nodiscard]] Result<std::size_t> fill(Scan& query, Scan&, TableOutput& out) const override {
    auto& place = static_cast<Place&>(query);
    std::size_t count = 0;
    TruthRow row{};
    while (count < TableOutput::capacity() && place.truth.next(row)) {
      for (std::size_t i = 0; i < out.columns().size(); ++i) {
        write(out, i, count, row);
      }
      ++count;
    }
    return count;
  }

 private:
  struct Place final : Scan {
    explicit Place(const Truth& from) : truth(from) {}
    Truth truth;
  };
  void write(TableOutput& out, std::size_t place, std::size_t at, const TruthRow& row) const {
    const std::size_t column = out.columns()[place];
    switch (column) {
      case 0:
        return out.set_text(place, at, "user:u" + std::to_string(row.person));
      case 1:
        return out.set_number(place, at, columns_[1].type, row.day.number);
      case 2:
        return out.set_number(place, at, columns_[2].type, row.trust_10000);
      case 3:
        return out.set_number(place, at, columns_[3].type, row.stage);
      default:
        return out.set_number(place, at, columns_[4].type, row.orders_10000);
    }
  }

  Truth truth_;
  std::vector<TableColumn> columns_;
};

std::string fraction(std::uint32_t ten_thousandths) {
  std::string text = std::to_string(10'000 + ten_thousandths % 10'000);
  return std::to_string(ten_thousandths / 10'000) + "." + text.substr(1);
}

std::string truth_line(const TruthRow& row, FileFormat format) {
  const std::string person = "user:u" + std::to_string(row.person);
  if (format == FileFormat::csv) {
    return person + "," + to_string(row.day) + "," + fraction(row.trust_10000) + "," +
           std::to_string(row.stage) + "," + fraction(row.orders_10000) + "\n";
  }
  JsonWriter json;
  json.begin_object()
      .field("person", person)
      .field("day", to_string(row.day))
      .field_decimal("latent_trust", row.trust_10000, 4)
      .field("latent_stage", row.stage)
      .field_decimal("orders_a_month", row.orders_10000, 4)
      .end_object()
      .end_line();
  return json.take();
}

Result<std::uint64_t> write_truth_text(Truth truth, const std::string& path, FileFormat format) {
  constexpr std::size_t kWriteBytes = std::size_t{1} << 20U;
  GUANXI_TRY_VOID(real_disk().remove(path));
  GUANXI_TRY(file, real_disk().open(path, OpenMode::create));
  std::string text =
      format == FileFormat::csv ? "person,day,latent_trust,latent_stage,orders_a_month\n" : "";
  std::uint64_t at = 0;
  std::uint64_t rows = 0;
  TruthRow row{};
  bool more = true;
  while (more) {
    more = truth.next(row);
    if (more) {
      ++rows;
      text += truth_line(row, format);
    }
    if (!more || text.size() >= kWriteBytes) {
      GUANXI_TRY_VOID(file->write_at(at, text));
      at += text.size();
      text.clear();
    }
  }
  GUANXI_TRY_VOID(file->sync());
  return rows;
}

Result<std::uint64_t> write_truth_parquet(const Truth& truth, const std::string& path) {
  GUANXI_TRY(database, Database::open({.threads = 1, .memory_bytes_most = 0, .files = true}));
  GUANXI_TRY(connection, Connection::open(std::move(database)));
  GUANXI_TRY_VOID(add_table(*connection, "guanxi_truth", std::make_shared<TruthTable>(truth)));
  GUANXI_TRY(result, connection->query("COPY (SELECT * FROM guanxi_truth()) TO " +
                                       sql_literal(path) + " (FORMAT parquet, COMPRESSION zstd)"));
  DataChunk chunk;
  GUANXI_TRY(any, result.next(chunk));
  return any ? static_cast<std::uint64_t>(chunk.values<std::int64_t>(0)[0]) : 0;
}

}  // namespace

Result<SimulationReport> write_simulation(
    const SimulationOptions& options, const std::string& path, const std::string& truth_path,
    const std::function<void(std::uint64_t events)>& progress) {
  GUANXI_TRY(format, file_format_of(path));
  FileFormat truth_format = FileFormat::csv;
  if (!truth_path.empty()) {
    GUANXI_TRY(found, file_format_of(truth_path));
    truth_format = found;
  }
  GUANXI_TRY(simulation, Simulation::open(options));
  SimulationReport report;
  GUANXI_TRY(events, write_events(*simulation, path, format, progress));
  report.events = events;
  report.people = simulation->people();
  if (!truth_path.empty()) {
    const Truth truth(options, simulation->people());
    GUANXI_TRY(rows, truth_format == FileFormat::parquet
                         ? write_truth_parquet(truth, truth_path)
                         : write_truth_text(truth, truth_path, truth_format));
    report.truth_rows = rows;
  }
  return report;
}

}  // namespace guanxi
