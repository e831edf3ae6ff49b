#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "engine/live.hpp"
#include "http/message.hpp"
#include "platform/clock.hpp"

namespace guanxi::api {

/// Which notes somebody wants to see; what is empty leaves nothing out.
struct LiveFilter {
  std::vector<std::string> outcomes;
  std::vector<std::string> kinds;
  std::string door;
  std::string person;  ///< "user:u-1"
  [[nodiscard]] bool wants(const LiveNote& note) const;
};

/// "added", "repeated", "conflicting", "erased", "refused".
[[nodiscard]] std::string_view name_of(LiveNote::Outcome outcome);

/// The schema LiveNote.
void write_live_note(JsonWriter& json, const LiveNote& note);

/// What comes through the doors, as server-sent events, for one reader:
///
///     event: note    data: LiveNote
///     event: count   data: LiveCount, when it has changed, at most once a second
///
/// Place       Answer of /api/v1/live.
/// Invariants  At most kNotesASecond notes are shown in any second, taken evenly from those that
///             came; how many came and how many were left out is said.
/// Threads     As BodyStream.
class LiveStream final : public http::BodyStream {
 public:
  static constexpr std::size_t kNotesASecond = 100;
  static constexpr std::size_t kHeldMost = 2000;

  LiveStream(std::shared_ptr<LiveFeed::Watcher> watcher, LiveFilter filter, Clock& clock)
      : watcher_(std::move(watcher)),
        filter_(std::move(filter)),
        clock_(clock),
        refilled_ns_(clock.monotonic_ns()),
        said_ns_(refilled_ns_) {}

  [[nodiscard]] State next(std::string& out) override;

 private:
  using Notes = std::vector<std::shared_ptr<const LiveNote>>;
  [[nodiscard]] Notes wanted();
  void say_count(std::string& out, std::int64_t now_ns);

  std::shared_ptr<LiveFeed::Watcher> watcher_;
  LiveFilter filter_;
  Clock& clock_;
  std::int64_t refilled_ns_;
  std::int64_t said_ns_;
  std::size_t budget_ = kNotesASecond;
  bool begun_ = false;
  bool count_changed_ = true;
  std::uint64_t first_ = 0;    ///< number of the first note seen
  std::uint64_t arrived_ = 0;  ///< number of the last note seen
  std::uint64_t matched_ = 0;
  std::uint64_t shown_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace guanxi::api
