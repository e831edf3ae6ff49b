#include "app/server_routes.hpp"

namespace guanxi::app {

http::RouteTable server_routes(const ServerParts& parts) {
  std::vector<http::Route> all =
      api::api_routes(parts.brand, api::shipped_files(), parts.masking, parts.access, parts.queues)
          .routes();
  for (http::Route& route : doors::ingest_routes(parts.ingest)) {
    all.push_back(std::move(route));
  }
  for (http::Route& route : doors::webhook_routes(parts.webhooks)) {
    all.push_back(std::move(route));
  }
  for (http::Route& route : api::operations_routes(parts.operations)) {
    all.push_back(std::move(route));
  }
  return http::RouteTable(std::move(all));
}

Result<std::string> first_admin_line(access::AccessStore& access, const std::string& url) {
  if (!access.accounts().nobody_yet()) {
    return std::string();
  }
  GUANXI_TRY(secret, access.accounts().invite_first());
  return "no user yet; the first admin comes in, once and within a day, by\n  " + url +
         "/welcome#" + secret + "\n";
}

}  // namespace guanxi::app
