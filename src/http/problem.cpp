#include "http/problem.hpp"

#include "base/check.hpp"
#include "base/json_writer.hpp"

namespace guanxi::http {
namespace {

Response error_response(unsigned status, std::string_view code, std::string_view message,
                        std::string_view field) {
  JsonWriter json;
  json.begin_object().field("code", code).field("message", message);
  if (!field.empty()) {
    json.field("field", field);
  }
  json.end_object();
  Response response;
  response.status = status;
  response.body = json.take();
  if (status == 503 || status == 429) {
    response.headers.emplace_back("Retry-After", "2");
  }
  return response;
}

}  // namespace

unsigned status_of(ErrorCode code) {
  for (const ErrorRow& row : kErrorTable) {
    if (row.code == code) {
      return row.status;
    }
  }
  check_failed("status_of", "every ErrorCode has its row", __FILE__, __LINE__);
}

Response with_retry_after(Response response, std::int64_t seconds) {
  std::erase_if(response.headers, [](const auto& header) { return header.first == "Retry-After"; });
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

Response problem(const Error& error, std::string_view field) {
  return error_response(status_of(error.code), guanxi::name_of(error.code), error.message, field);
}

Response problem(Fault fault, std::string_view message) {
  for (const FaultRow& row : kFaultTable) {
    if (row.fault == fault) {
      return error_response(row.status, row.code, message, {});
    }
  }
  check_failed("problem", "every Fault has its row", __FILE__, __LINE__);
}

}  // namespace guanxi::http
