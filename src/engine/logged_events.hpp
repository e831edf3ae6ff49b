#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eventlog/event_log.hpp"
#include "events/event_source.hpp"

namespace guanxi {

/// Every event of a log, batch by batch, as a source: what an export writes.
///
/// Place       Made by the command line over Engine::log().
/// Invariants  The batches there were when it was made; later ones are left out.
/// Threads     One owner.
class LoggedEvents final : public EventSource {
 public:
  LoggedEvents(LogReader reader, std::vector<BatchInfo> batches)
      : reader_(std::move(reader)), batches_(std::move(batches)) {}

  [[nodiscard]] Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override;
  [[nodiscard]] SourceProgress progress() const override;

 private:
  LogReader reader_;
  std::vector<BatchInfo> batches_;
  std::size_t at_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace guanxi
