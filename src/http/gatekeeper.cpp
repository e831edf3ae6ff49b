#include "http/gatekeeper.hpp"

namespace guanxi::http {
namespace {

/// See allow_all().
class AllowAll final : public Gatekeeper {
 public:
  std::optional<Response> admit(Request& request, const Route& /*route*/) override {
    request.principal.by = access::Principal::By::local;
    request.principal.user = "local";
    request.principal.role = access::Role::admin;
    request.principal.granted = access::granted_to(access::Role::admin);
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<Gatekeeper> allow_all() { return std::make_shared<AllowAll>(); }

}  // namespace guanxi::http
