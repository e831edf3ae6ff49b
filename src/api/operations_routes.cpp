#include "api/operations_routes.hpp"

#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "http/problem.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

Response ready_answer(const Readiness& readiness) {
  JsonWriter json;
  json.begin_object()
      .field("takes_events", readiness.takes_events)
      .field("answers", readiness.answers)
      .field("reason", std::string_view(readiness.reason))
      .end_object();
  Response response = json_response(json.take());
  if (!readiness.takes_events || !readiness.answers) {
    response.status = 503;
    response.headers.emplace_back("Retry-After", "1");
  }
  return response;
}

// Straight from this machine, not handed on by a proxy that runs on it.
bool is_local(const Request& request) {
  const bool here =
      request.peer == "127.0.0.1" || request.peer == "::1" || request.peer == "::ffff:127.0.0.1";
  return here && request.header("x-forwarded-for").empty() && request.header("forwarded").empty();
}

Response figures_answer(const OperationsParts& parts, const Request& request) {
  if (parts.figures_for == FiguresFor::local && !is_local(request)) {
    return http::problem(http::Fault::forbidden, "figures are for this machine alone");
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = parts.figures();
  return response;
}

void write_run(JsonWriter& json, const operations::BackupRun& run) {
  json.begin_object()
      .field("file", std::string_view(run.file))
      .field("state", name_of(run.state))
      .field("pages_done", run.pages_done)
      .field("pages_total", run.pages_total);
  moment_field(json, "started_at", run.started_at);
  moment_field(json, "finished_at", run.finished_at);
  json.field("message", std::string_view(run.message)).end_object();
}

Response backups_answer(const operations::BackupDesk& desk) {
  JsonWriter json;
  json.begin_object().key("last");
  const auto last = desk.last();
  if (last) {
    write_run(json, *last);
  } else {
    json.null();
  }
  json.key("files").begin_array();
  for (const operations::BackupFile& file : desk.files()) {
    json.begin_object()
        .field("file", std::string_view(file.file))
        .field("bytes", file.bytes)
        .end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response backup_started(operations::BackupDesk& desk) {
  const auto run = desk.start();
  if (!run) {
    return http::problem(run.error());
  }
  JsonWriter json;
  write_run(json, *run);
  return json_response(json.take());
}

}  // namespace

std::vector<http::Route> operations_routes(OperationsParts given) {
  using access::Permission;
  using http::Lane;
  using http::Method;
  const auto parts = std::make_shared<const OperationsParts>(std::move(given));
  const Permission figures =
      parts->figures_for == FiguresFor::admin ? Permission::manage : Permission::open;
  std::vector<http::Route> routes;
  routes.push_back({Method::get,
                    "/healthz",
                    "Whether the server is alive",
                    Lane::instant,
                    {},
                    [](const Request&) { return json_response("{\"alive\":true}"); },
                    Permission::open});
  routes.push_back({Method::get,
                    "/readyz",
                    "Whether it takes events and answers questions",
                    Lane::instant,
                    {},
                    [parts](const Request&) { return ready_answer(parts->readiness()); },
                    Permission::open});
  routes.push_back({Method::get,
                    "/metrics",
                    "Figures for Prometheus",
                    Lane::quick,
                    {},
                    [parts](const Request& request) { return figures_answer(*parts, request); },
                    figures});
  routes.push_back({Method::get,
                    "/api/v1/backups",
                    "The last backup and those that there are",
                    Lane::quick,
                    {},
                    [parts](const Request&) { return backups_answer(*parts->backups); },
                    Permission::manage});
  routes.push_back({Method::post,
                    "/api/v1/backups",
                    "Begins a backup",
                    Lane::quick,
                    {"application/json"},
                    [parts](const Request&) { return backup_started(*parts->backups); },
                    Permission::manage});
  return routes;
}

}  // namespace guanxi::api
