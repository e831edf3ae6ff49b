#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/store.hpp"
#include "events/masking.hpp"
#include "http/gatekeeper.hpp"

namespace guanxi::api {

/// Names of the cookies that hold the secrets of a session and of a browser that is known. Over TLS
/// they are bound to this host by their prefix.
[[nodiscard]] std::string_view session_cookie(bool secure);
[[nodiscard]] std::string_view device_cookie(bool secure);
/// The value of a cookie; empty when it was not sent, or sent twice with different values.
[[nodiscard]] std::string cookie_of(const http::Request& request, std::string_view name);
/// A Set-Cookie line. `seconds`: how long it is kept; none: until the browser closes; 0: not at
/// all.
[[nodiscard]] std::string cookie_line(std::string_view name, std::string_view value, bool secure,
                                      std::optional<std::int64_t> seconds);

/// The page sends this header with everything that changes something; no form can, and no page of
/// another origin without asking first, which is not answered.
inline constexpr std::string_view kPageHeader = "x-guanxi-page";

/// Who asks, as it will stand in the audit trail.
[[nodiscard]] access::Actor actor_of(const http::Request& request);

/// Finds out who is calling, by session or by token, and whether they may.
///
/// What is asked with the right to export, ask SQL, correct, decide, erase, manage or audit stands
/// in the trail before the handler runs, and so does every refusal of somebody who is known; looks
/// at people stand there within a second, once a minute.
///
/// Place       Given to the Site by app/.
/// Invariants  A route whose permission the caller lacks is never run. A session changes nothing
///             without the page's header and this server's own Origin. When the trail cannot be
///             written, nothing that belongs into it is done.
/// Threads     As Gatekeeper.
class AccessGate final : public http::Gatekeeper {
 public:
  /// With `masking`, who is asked for by a handle stands in the trail as by their id.
  explicit AccessGate(std::shared_ptr<access::AccessStore> store,
                      std::shared_ptr<const Masking> masking = nullptr)
      : store_(std::move(store)), masking_(std::move(masking)) {}
  [[nodiscard]] std::optional<http::Response> admit(http::Request& request,
                                                    const http::Route& route) override;

 private:
  [[nodiscard]] std::optional<http::Response> identify(http::Request& request) const;
  [[nodiscard]] std::optional<http::Response> refused(const http::Request& request,
                                                      const http::Route& route,
                                                      const std::string& why) const;
  [[nodiscard]] std::optional<http::Response> keep_trace(const http::Request& request,
                                                         const http::Route& route) const;

  /// How a customer named in a path stands in the trail.
  [[nodiscard]] std::string code_of(const std::string& named) const;

  std::shared_ptr<access::AccessStore> store_;
  std::shared_ptr<const Masking> masking_;
};

}  // namespace guanxi::api
