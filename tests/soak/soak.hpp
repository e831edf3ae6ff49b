#pragma once

#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "events/batch_codec.hpp"
#include "events/identity.hpp"
#include "platform/disk.hpp"

// What the long tests of the live door share. Each is a short one in ./test; run.sh makes it long.
namespace guanxi::soak {

/// A number from the environment: how long to go on.
inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

inline std::string model_toml() { return *read_file(real_disk(), "models/retail.toml"); }

/// Event number n: the same, but for its times, wherever it is made.
inline Event numbered(EventBatch& batch, std::uint64_t n, std::uint64_t people) {
  const std::string id = "e-" + std::to_string(n);
  Event event;
  event.kind = n % 3 == 0 ? EventKind::order_line : EventKind::visit;
  event.id_hash = identity_of_message({}, id, 0);
  event.message_id = batch.keep(id);
  event.received_at = system_clock().now();
  event.occurred_at = Instant{event.received_at.seconds - static_cast<std::int64_t>(n % 7'000)};
  event.person = {IdNamespace::user, batch.keep("p-" + std::to_string(mix64(n) % people))};
  event.subject = batch.keep("sku-" + std::to_string(n % 50));
  if (event.kind == EventKind::order_line) {
    event.order_id = batch.keep("o-" + std::to_string(n / 6));
    event.amount_minor = static_cast<std::int64_t>(100 + n % 900);
    event.currency = *parse_currency("EUR");
  }
  return event;
}

inline Admission numbered_request(std::uint64_t first, std::uint64_t count,
                                  std::uint64_t people = 500) {
  Admission admission;
  for (std::uint64_t n = first; n < first + count; ++n) {
    admission.batch.events.push_back(numbered(admission.batch, n, people));
  }
  admission.door = "soak";
  return admission;
}

/// Which numbers stand in a log, read on from where the last reading ended.
///
/// Place       One for each folder.
/// Threads     One owner.
class LoggedNumbers {
 public:
  /// Reads what is new. Errors: the log's.
  Result<void> read(LogReader& reader) {
    GUANXI_TRY(infos, reader.batches());
    for (const BatchInfo& info : infos) {
      if (info.seq <= last_seq_) {
        continue;
      }
      GUANXI_TRY(stored, reader.read(info.seq));
      EventBatch batch;
      GUANXI_TRY_VOID(adopt_batch(std::move(stored.payload), batch));
      for (const Event& event : batch.events) {
        doubled_ += numbers_.insert(number_of(event)).second ? 0U : 1U;
      }
      last_seq_ = info.seq;
    }
    GUANXI_TRY(rows, reader.waiting(UINT64_MAX));
    waiting_.clear();
    for (WaitingEvents& row : rows) {
      EventBatch batch;
      GUANXI_TRY_VOID(adopt_batch(std::move(row.payload), batch));
      for (const Event& event : batch.events) {
        waiting_.insert(number_of(event));
      }
    }
    return {};
  }
  [[nodiscard]] bool holds(std::uint64_t n) const {
    return numbers_.count(n) != 0 || waiting_.count(n) != 0;
  }
  [[nodiscard]] std::uint64_t doubled() const { return doubled_; }
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  static std::uint64_t number_of(const Event& event) {
    return std::strtoull(std::string(event.message_id).c_str() + 2, nullptr, 10);
  }
  std::set<std::uint64_t> numbers_;
  std::set<std::uint64_t> waiting_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t doubled_ = 0;
};

}  // namespace guanxi::soak
