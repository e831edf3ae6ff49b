#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/sources.hpp"
#include "doors/source_kinds.hpp"
#include "engine/engine.hpp"
#include "http/routes.hpp"
#include "platform/clock.hpp"

namespace guanxi::doors {

/// The source of that id; null when there is none.
using SourceOfId = std::function<std::shared_ptr<const access::Source>(std::string_view id)>;

/// What came through the door of webhooks since it was made.
struct WebhookCounts {
  std::uint64_t requests = 0;
  std::uint64_t events = 0;     ///< decoded
  std::uint64_t refused = 0;    ///< kept as dead letters, notices included
  std::uint64_t nothing = 0;    ///< messages of known topics that had nothing to tell
  std::uint64_t unsigned_ = 0;  ///< answered 401
};

/// The door of everyone who calls us when something happens: shops, help desks, payments, WeCom.
///
/// A message whose signature is good is answered 200 once its events are durable, or it is a dead
/// letter; 401 when the signature is not; 404 for an address that no source has; 429 and 503 with
/// Retry-After when it should come again. What a message says never makes it fail: senders take
/// their subscription away after some failures.
///
/// Place       Made by app/, which gives it the engine once that is there; webhook_routes() leads
/// to
///             it.
/// Invariants  Each request is answered once. Nothing of a message is looked at before its
///             signature. Message ids of different sources never meet.
/// Threads     take() and check() on the server's threads, answers on the engine's.
class WebhookDoor : public std::enable_shared_from_this<WebhookDoor> {
 public:
  using NoteUse = std::function<void(std::string_view id)>;
  WebhookDoor(SourceOfId source_of_id, NoteUse note_use, Clock& clock = system_clock());

  /// From now on messages are taken; before, they are told to come again.
  void open(std::shared_ptr<Engine> engine);
  /// POST /hooks/{source_id}.
  void take(http::Request request, const http::Reply& reply);
  /// GET /hooks/{source_id}: how WeCom makes sure of an address.
  [[nodiscard]] http::Response check(const http::Request& request);
  [[nodiscard]] WebhookCounts counts() const;

 private:
  struct Message;
  using Settings = std::shared_ptr<const SourceSettings>;
  [[nodiscard]] Result<Settings> settings_of(const access::Source& source);
  [[nodiscard]] bool is_signed(const http::Request& request, const access::Source& source,
                               const SourceSettings& settings) const;
  void take_signed(const Message& message, const http::Reply& reply);
  void take_wecom(const http::Request& request, const access::Source& source,
                  const Settings& settings, const http::Reply& reply);
  void submit(Admission admission, const access::Source& source, const http::Reply& reply,
              bool bare);
  void count(std::uint64_t WebhookCounts::*what, std::uint64_t by = 1);

  SourceOfId source_of_id_;
  NoteUse note_use_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<Engine> engine_;  ///< under mutex_
  WebhookCounts counts_;            ///< under mutex_
  struct Known {
    std::string settings_json;
    Settings settings;
  };
  std::unordered_map<std::string, Known> known_;  ///< under mutex_, by source id
};

/// POST and GET /hooks/{source_id}.
[[nodiscard]] std::vector<http::Route> webhook_routes(const std::shared_ptr<WebhookDoor>& door);

/// Turns one message into events and dead letters: what the door does once it trusts the sender.
/// `variables` as PayloadMapping::read(); $setting and $source are answered here.
struct TrustedMessage {
  std::string_view body;
  const access::Source& source;
  const SourceSettings& settings;
  const PayloadMapping::Variables& headers;  ///< answers for "header.NAME"
  Instant received_at;
  Currency currency;
};
/// Appends to `events` and `refused`; false for a known topic that had nothing to tell.
bool decode_message(const TrustedMessage& message, EventBatch& events,
                    std::vector<Refusal>& refused);

}  // namespace guanxi::doors
