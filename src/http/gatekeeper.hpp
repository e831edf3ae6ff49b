#pragma once

#include <memory>
#include <optional>

#include "http/message.hpp"
#include "http/routes.hpp"

namespace guanxi::http {

/// Decides who may ask what.
///
/// Place       Given to the Site, which asks it before every handler; api/ has the real one. Doors
///             (Permission::ingest, signed_) and files of the page are asked about nobody.
/// Threads     admit() runs where the handler runs: on several pool threads at once, and on the
///             server's own thread for deferred routes, where it must not wait for the disk.
class Gatekeeper {
 public:
  Gatekeeper() = default;
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;
  virtual ~Gatekeeper() = default;

  /// Nothing when the handler may run; request.principal is then who is calling.
  [[nodiscard]] virtual std::optional<Response> admit(Request& request, const Route& route) = 0;
};

/// Lets everyone do everything, as a local administrator. For tests, and for a server that nobody
/// else can reach.
[[nodiscard]] std::shared_ptr<Gatekeeper> allow_all();

}  // namespace guanxi::http
