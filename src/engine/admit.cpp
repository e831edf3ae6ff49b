#include "engine/core.hpp"

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

Result<ImportReport> Engine::resend(std::uint64_t letter_id,
                                    std::optional<std::string> corrected_json) {
  static_cast<void>(letter_id);
  static_cast<void>(corrected_json);
  return fail(ErrorCode::unavailable, "dead letters cannot be sent again yet");
}

}  // namespace guanxi
