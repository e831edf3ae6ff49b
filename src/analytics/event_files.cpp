#include "analytics/event_files.hpp"

#include <algorithm>

#include "analytics/event_parquet.hpp"
#include "events/decode.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kLinesPerStep = 2048;

// JSON lines of our own events, or of Segment's: each line is decoded as a body at the door is.
// Lines of a person's export that are no events: who they are, and why they stand where they do.
constexpr std::string_view kBesideEvents = "{\"guanxi_";

class EventJsonLines final : public EventSource {
 public:
  EventJsonLines(const FilePlan& plan, const ImportOptions& options,
                 std::unique_ptr<RowReader> lines)
      : source_(base_name(plan.sample.path)),
        zone_(options.zone),
        lines_(std::move(lines)),
        decoder_(Repeats::counted) {
    context_.source = source_;
    context_.received_at = options.received_at;
    context_.default_currency = options.currency;
    context_.zone = &zone_;
    // Only what Guanxi wrote itself names its events by id_hash.
    context_.own_export = std::find(plan.sample.columns.begin(), plan.sample.columns.end(),
                                    "id_hash") != plan.sample.columns.end();
  }

  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override {
    for (std::size_t i = 0; i < kLinesPerStep; ++i) {
      GUANXI_TRY(more, lines_->next(row_));
      if (!more) {
        return i > 0;
      }
      ++progress_.rows;
      const std::size_t refused_before = refused.size();
      const std::size_t events_before = batch.size();
      if (context_.own_export && row_.text.starts_with(kBesideEvents)) {
        continue;
      }
      if (row_.problem != nullptr) {
        refused.push_back({source_, row_.line, "", row_.problem, std::string(row_.text)});
      } else {
        context_.line = row_.line;
        decoder_.decode_json(row_.text, context_, batch, refused);
      }
      progress_.events += batch.size() - events_before;
      progress_.refused += refused.size() - refused_before;
    }
    return true;
  }
  [[nodiscard]] SourceProgress progress() const override {
    SourceProgress now = progress_;
    now.bytes_done = lines_->disk_bytes();
    return now;
  }

 private:
  std::string source_;
  Zone zone_;
  std::unique_ptr<RowReader> lines_;
  Row row_;
  Decoder decoder_;
  DecodeContext context_;
  SourceProgress progress_;
};

bool has(const FileSample& sample, std::string_view column) {
  return std::find(sample.columns.begin(), sample.columns.end(), column) != sample.columns.end();
}

}  // namespace

FilePlan::Kind event_file_kind(const FileSample& sample) {
  if (sample.format == "parquet" && are_event_columns(sample.columns)) {
    return FilePlan::Kind::event_parquet;
  }
  if (sample.format == "ndjson") {
    const bool own = has(sample, "kind") && has(sample, "occurred_at");
    const bool segment = has(sample, "type") &&
                         (has(sample, "userId") || has(sample, "anonymousId")) &&
                         (has(sample, "event") || has(sample, "messageId"));
    if (own || segment || has(sample, "batch")) {
      return FilePlan::Kind::event_json;
    }
  }
  return FilePlan::Kind::rows;
}

Result<std::unique_ptr<EventSource>> open_event_file(const FilePlan& plan,
                                                     const ImportOptions& options) {
  if (plan.kind == FilePlan::Kind::event_parquet) {
    return open_event_parquet(plan.sample.path, options);
  }
  GUANXI_TRY(bytes, open_bytes(plan.sample.path, options.limits));
  GUANXI_TRY(text, decode_text(std::move(bytes), plan.sample.encoding.name));
  auto lines = std::make_unique<RowReader>(std::move(text), RowFormat{'\x1E', false, '\0', '\n'},
                                           options.limits.row_bytes_most);
  return std::unique_ptr<EventSource>(
      std::make_unique<EventJsonLines>(plan, options, std::move(lines)));
}

}  // namespace guanxi
