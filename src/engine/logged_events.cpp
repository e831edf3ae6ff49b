#include "engine/logged_events.hpp"

#include "engine/core.hpp"

namespace guanxi {

Result<bool> LoggedEvents::next(EventBatch& batch, std::vector<Refusal>& refused) {
  static_cast<void>(refused);
  if (at_ == batches_.size()) {
    return false;
  }
  GUANXI_TRY(stored, reader_.read(batches_[at_].seq));
  GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
  ++at_;
  events_ += batch.size();
  return true;
}

SourceProgress LoggedEvents::progress() const {
  SourceProgress progress;
  progress.events = events_;
  progress.rows = events_;
  for (const BatchInfo& info : batches_) {
    progress.rows_total += info.events;
  }
  return progress;
}

}  // namespace guanxi
