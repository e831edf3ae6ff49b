#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "access/sources.hpp"
#include "base/instant.hpp"
#include "base/money.hpp"
#include "doors/fair_share.hpp"
#include "engine/engine.hpp"
#include "http/routes.hpp"
#include "platform/clock.hpp"

namespace guanxi::doors {

/// Whose write key this is; null when nobody's.
using SourceOfKey = std::function<std::shared_ptr<const access::Source>(std::string_view key)>;

/// Limits of the ingest door. The defaults are the product's.
struct IngestOptions {
  std::size_t body_bytes_most = 20UL << 20U;     ///< on the wire; unpacked: http::kUnpackFactor
  std::size_t event_bytes_most = 512UL << 10U;   ///< a larger one is a dead letter
  std::size_t batch_events_most = 25'000;        ///< more are a dead letter
  std::size_t waiting_bytes_most = 64UL << 20U;  ///< of what waits for the disk: FairShare
};

/// What came through the door since it was made.
struct IngestCounts {
  std::uint64_t requests = 0;
  std::uint64_t events = 0;       ///< decoded
  std::uint64_t refused = 0;      ///< kept as dead letters
  std::uint64_t unknown_key = 0;  ///< requests that nobody was known for
  std::uint64_t overloaded = 0;   ///< requests told to come again
  std::uint64_t unavailable = 0;
};

/// The live door of all SDKs: who sends, what it says, is it on the disk.
///
/// Answers 200 once every event of a request is durable, or is a dead letter; 401 for an unknown
/// write key; 413 for a body that is too large; 429 and 503, with Retry-After, when it should come
/// again. What a body says never makes it fail: clients throw a batch away on any other 4xx.
///
/// Place       Made by app/, which gives it the engine once that is there; ingest_routes() leads to
///             it.
/// Invariants  Each request is answered once. No cookie is read.
/// Threads     take() on the server's threads, answers on the engine's.
class IngestDoor {
 public:
  IngestDoor(SourceOfKey source_of_key, const IngestOptions& options,
             Clock& clock = system_clock());

  /// From now on requests are taken; before, they are told to come again.
  void open(std::shared_ptr<Engine> engine);
  /// `type` is meant where a body has none: "track" at /v1/track.
  void take(http::Request request, const http::Reply& reply, std::string_view type);
  /// What a browser's library asks for before it sends.
  [[nodiscard]] http::Response settings(const http::Request& request) const;
  [[nodiscard]] IngestCounts counts() const;
  [[nodiscard]] const IngestOptions& options() const { return options_; }

 private:
  /// What a source leaves unsaid: the brand's money and clock.
  struct Habits {
    Currency currency;
    Zone zone;
  };
  struct Taken;
  /// What an answer under way needs. It holds no engine: an answer is given on a thread of the
  /// engine's own, which may not be the last to let go of it.
  struct Book {
    explicit Book(std::size_t waiting_bytes_most) : share(waiting_bytes_most) {}
    FairShare share;
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> unknown_key{0};
    std::atomic<std::uint64_t> overloaded{0};
    std::atomic<std::uint64_t> unavailable{0};
  };

  static void answer(Book& book, const Result<Admitted>& admitted, const http::Reply& reply);
  [[nodiscard]] std::shared_ptr<const access::Source> find(
      const std::vector<std::string>& keys) const;
  [[nodiscard]] std::shared_ptr<const Habits> habits(const Engine& engine);
  [[nodiscard]] bool identify(Taken& taken, const http::Request& request);
  void submit(Engine& engine, Taken& taken, const http::Reply& reply);

  SourceOfKey source_of_key_;
  IngestOptions options_;
  Clock& clock_;
  std::shared_ptr<Book> book_;
  mutable std::mutex mutex_;
  std::shared_ptr<Engine> engine_;        ///< under mutex_
  std::shared_ptr<const Habits> habits_;  ///< under mutex_
  std::int64_t habits_read_ns_ = 0;       ///< under mutex_
};

/// The paths of Segment's, Jitsu's and PostHog's SDKs, and their preflights (docs/doors.md).
[[nodiscard]] std::vector<http::Route> ingest_routes(const std::shared_ptr<IngestDoor>& door);

}  // namespace guanxi::doors
