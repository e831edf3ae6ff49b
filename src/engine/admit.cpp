#include "engine/core.hpp"
#include "events/decode.hpp"

namespace guanxi {
namespace {

/// Events that are at hand already, as a source.
class BatchSource final : public EventSource {
 public:
  BatchSource(EventBatch batch, std::vector<Refusal> refused)
      : batch_(std::move(batch)), refused_(std::move(refused)) {
    at_.events = at_.rows = batch_.size();
    at_.refused = refused_.size();
  }
  Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override {
    if (given_) {
      return false;
    }
    given_ = true;
    batch.events.insert(batch.events.end(), batch_.events.begin(), batch_.events.end());
    refused = refused_;
    return true;
  }
  [[nodiscard]] SourceProgress progress() const override { return at_; }

 private:
  EventBatch batch_;
  std::vector<Refusal> refused_;
  SourceProgress at_;
  bool given_ = false;
};

}  // namespace

Result<ImportReport> Engine::admit(EventBatch batch, std::vector<Refusal> refused) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  BatchSource source(std::move(batch), std::move(refused));
  return run_import(*core_, source, {});
}

Result<void> Engine::submit(Admission admission) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  BatchSource source(std::move(admission.batch), std::move(admission.refused));
  const auto report = run_import(*core_, source, {});
  if (!report) {
    admission.done(Unexpected{report.error()});
    return {};
  }
  Admitted admitted;
  admitted.added = report->added;
  admitted.repeated = report->repeated;
  admitted.conflicting = report->conflicting;
  admitted.erased = report->erased;
  admitted.refused = report->refused;
  admission.done(admitted);
  return {};
}

LiveFeed& Engine::feed() { return core_->feed; }

Result<ImportReport> Engine::resend(std::uint64_t letter_id,
                                    std::optional<std::string> corrected_json) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  GUANXI_TRY(reader, core_->reader());
  GUANXI_TRY(letter, reader.dead_letter(letter_id));
  if (!letter) {
    return fail(ErrorCode::not_found, "there is no dead letter " + std::to_string(letter_id));
  }
  const std::string& json = corrected_json ? *corrected_json : letter->original;
  if (json.find_first_of("{[") != json.find_first_not_of(" \t\r\n")) {
    return fail(ErrorCode::invalid,
                "dead letter " + std::to_string(letter_id) + " is a row of '" + letter->source +
                    "', which cannot be read without its file; correct the file and import it "
                    "again, or give the event as JSON");
  }
  EventBatch batch;
  std::vector<Refusal> refused;
  Decoder decoder;
  DecodeContext context;
  context.source = letter->source;
  context.line = letter->line;
  context.received_at = letter->received_at;
  context.default_currency = core_->brand;
  context.zone = &core_->model->zone;
  decoder.decode_json(json, context, batch, refused);
  if (!refused.empty()) {
    return fail(ErrorCode::invalid, "dead letter " + std::to_string(letter_id) +
                                        " is refused again: " + refused.front().field + ": " +
                                        refused.front().reason);
  }
  BatchSource source(std::move(batch), {});
  GUANXI_TRY(report, run_import(*core_, source, {}));
  GUANXI_TRY_VOID(core_->log->mark_resent(letter_id, core_->clock.now()));
  GUANXI_TRY_VOID(core_->log->commit());
  return report;
}

}  // namespace guanxi
