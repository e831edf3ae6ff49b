#include "analytics/file_import.hpp"

#include <map>

#include "analytics/event_files.hpp"
#include "analytics/file_plan.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kEventsPerBatch = 8192;
constexpr std::size_t kRowsPerStep = 16384;

// One file of rows, mapped.
class MappedRows final : public EventSource {
 public:
  static Result<std::unique_ptr<EventSource>> open(const FilePlan& plan,
                                                   const ImportOptions& options,
                                                   const std::vector<std::string>& paths) {
    std::unique_ptr<MappedRows> made(new MappedRows());
    GUANXI_TRY(joins, load_joins(plan.table, plan.sample.path, paths, options.limits));
    TableMapper::Context context{base_name(plan.sample.path), options.zone, options.currency,
                                 options.received_at, false};
    GUANXI_TRY(mapper, TableMapper::bind(plan.table, plan.currency, plan.sample.columns,
                                         std::move(joins), std::move(context)));
    GUANXI_TRY(rows, open_rows(plan.sample, options.limits));
    made->mapper_ = std::move(mapper);
    made->rows_ = std::move(rows);
    return std::unique_ptr<EventSource>(std::move(made));
  }

  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override {
    const std::size_t events_before = batch.size();
    for (std::size_t i = 0; i < kRowsPerStep && batch.size() - events_before < kEventsPerBatch;
         ++i) {
      GUANXI_TRY(more, rows_->next(row_));
      if (!more) {
        progress_.events += batch.size() - events_before;
        return i > 0;
      }
      ++progress_.rows;
      switch (mapper_->map(row_, batch, refused)) {
        case TableMapper::Outcome::events:
          break;
        case TableMapper::Outcome::skipped:
          ++progress_.skipped;
          break;
        case TableMapper::Outcome::refused:
          ++progress_.refused;
          break;
      }
    }
    progress_.events += batch.size() - events_before;
    return true;
  }

  [[nodiscard]] SourceProgress progress() const override {
    SourceProgress now = progress_;
    now.bytes_done = rows_->disk_bytes();
    return now;
  }
  [[nodiscard]] const MappingCounts& counts() const { return mapper_->counts(); }

 private:
  MappedRows() = default;
  std::unique_ptr<TableMapper> mapper_;
  std::unique_ptr<RowSource> rows_;
  Row row_;
  SourceProgress progress_;
};

}  // namespace

class FileImport::Work {
 public:
  Work(ImportOptions options, std::vector<std::string> paths, std::vector<FilePlan> plans)
      : options_(std::move(options)), paths_(std::move(paths)), plans_(std::move(plans)) {
    for (const FilePlan& plan : plans_) {
      understood_.files.push_back(plan.understanding);
      total_.bytes_total += plan.understanding.reference ? 0 : plan.understanding.bytes;
    }
  }

  [[nodiscard]] const Understanding& understood() const { return understood_; }

  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) {
    while (true) {
      if (!current_) {
        GUANXI_TRY(opened, open_next());
        if (!opened) {
          return false;
        }
      }
      GUANXI_TRY(more, current_->next(batch, refused));
      if (more) {
        return true;
      }
      close_current();
    }
  }

  [[nodiscard]] SourceProgress progress() const {
    SourceProgress now = total_;
    if (current_) {
      const SourceProgress part = current_->progress();
      now.part = base_name(plans_[at_].sample.path);
      now.bytes_done += part.bytes_done;
      now.rows += part.rows;
      now.rows_total += part.rows_total;
      now.events += part.events;
      now.refused += part.refused;
      now.skipped += part.skipped;
    }
    return now;
  }

  [[nodiscard]] std::vector<FileSummary> summaries() const {
    std::vector<FileSummary> all = done_;
    if (current_) {
      all.push_back(summary_of_current());
    }
    return all;
  }

 private:
  Result<bool> open_next() {
    while (at_ < plans_.size() && plans_[at_].table.reference) {
      FileSummary& summary = done_.emplace_back();
      summary.path = plans_[at_].sample.path;
      ++at_;
    }
    if (at_ == plans_.size()) {
      return false;
    }
    const FilePlan& plan = plans_[at_];
    if (plan.kind == FilePlan::Kind::rows) {
      GUANXI_TRY(rows, MappedRows::open(plan, options_, paths_));
      current_ = std::move(rows);
    } else {
      GUANXI_TRY(events, open_event_file(plan, options_));
      current_ = std::move(events);
    }
    return true;
  }

  [[nodiscard]] FileSummary summary_of_current() const {
    const SourceProgress part = current_->progress();
    FileSummary summary{
        plans_[at_].sample.path, part.rows, part.events, part.refused, part.skipped, {}};
    if (const auto* mapped = dynamic_cast<const MappedRows*>(current_.get())) {
      summary.counts = mapped->counts();
    }
    return summary;
  }

  void close_current() {
    const SourceProgress part = current_->progress();
    done_.push_back(summary_of_current());
    total_.bytes_done += plans_[at_].understanding.bytes;
    total_.rows += part.rows;
    total_.rows_total += part.rows_total;
    total_.events += part.events;
    total_.refused += part.refused;
    total_.skipped += part.skipped;
    current_.reset();
    ++at_;
  }

  ImportOptions options_;
  std::vector<std::string> paths_;
  std::vector<FilePlan> plans_;
  Understanding understood_;
  std::size_t at_ = 0;
  std::unique_ptr<EventSource> current_;
  std::vector<FileSummary> done_;
  SourceProgress total_;
};

FileImport::FileImport(std::unique_ptr<Work> work) : work_(std::move(work)) {}
FileImport::~FileImport() = default;

Result<std::unique_ptr<FileImport>> FileImport::open(const ImportOptions& options) {
  GUANXI_TRY(paths, expand_paths(options.paths));
  Mapping named;
  if (!options.mapping.empty()) {
    GUANXI_TRY(found, find_mapping(options.mapping));
    named = std::move(found);
  }
  ImportOptions expanded = options;
  expanded.paths = paths;
  std::vector<FilePlan> plans;
  std::string reasons;
  ErrorCode code = ErrorCode::invalid;
  for (const std::string& path : paths) {
    auto plan = plan_file(path, options.mapping.empty() ? nullptr : &named, expanded);
    if (plan) {
      plans.push_back(std::move(plan).value());
    } else {
      code = reasons.empty() ? plan.error().code : code;
      reasons += (reasons.empty() ? "" : "\n") + plan.error().message;
    }
  }
  if (!reasons.empty()) {
    return fail(code, reasons);
  }
  auto work = std::make_unique<Work>(std::move(expanded), std::move(paths), std::move(plans));
  return std::unique_ptr<FileImport>(new FileImport(std::move(work)));
}

const Understanding& FileImport::understood() const { return work_->understood(); }
Result<bool> FileImport::next(EventBatch& batch, std::vector<Refusal>& refused) {
  return work_->next(batch, refused);
}
SourceProgress FileImport::progress() const { return work_->progress(); }
std::vector<FileSummary> FileImport::summaries() const { return work_->summaries(); }

}  // namespace guanxi
