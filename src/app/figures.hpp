#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "doors/ingest.hpp"
#include "doors/kafka_source.hpp"
#include "doors/webhooks.hpp"
#include "engine/engine.hpp"
#include "http/server.hpp"
#include "operations/exposition.hpp"
#include "platform/meters.hpp"

namespace guanxi::app {

/// Counts every answer of the server, and writes a line about those that need one.
///
/// Place       The witness of http::Server.
/// Invariants  Lines name routes, never what was sent. At most kLinesASecond of them, so that an
///             attack does not become a flood in the log; what was left out is counted.
/// Threads     saw() on the server's thread, add_to() on any.
class RequestWatch {
 public:
  static constexpr int kLinesASecond = 50;

  void saw(const http::Exchange& exchange);
  void add_to(operations::FigurePage& page) const;

 private:
  void write_line(const http::Exchange& exchange);

  std::array<Meter, 600> by_status_;
  Histogram ack_seconds_{kSecondsBounds};
  Histogram answer_seconds_{kSecondsBounds};
  Meter bytes_in_;
  Meter logins_refused_;
  Meter lines_left_out_;
  std::int64_t second_ = 0;
  int lines_ = 0;
};

/// Everything that /metrics shows. Null: not there yet.
struct FigureSources {
  const RequestWatch* requests = nullptr;
  const http::Server* server = nullptr;
  const doors::IngestDoor* ingest = nullptr;
  const doors::WebhookDoor* webhooks = nullptr;
  const doors::KafkaSources* kafka = nullptr;
  const Engine* engine = nullptr;
  std::string data_folder;
};
[[nodiscard]] std::string figures_text(const FigureSources& sources);

}  // namespace guanxi::app
