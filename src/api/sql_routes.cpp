#include <simdjson.h>

#include <chrono>

#include "api/handlers.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::uint64_t kRowsMost = 10'000;
constexpr std::uint64_t kUsualRows = 1000;
constexpr std::size_t kQueryBytesMost = 100'000;

struct Question {
  std::string query;
  std::uint64_t limit = kUsualRows;
};

// Reads {"query": ..., "limit": ...}; every other member is refused with its name.
std::optional<Response> read_question(const std::string& body, Question& question) {
  const auto refuse = [](std::string_view field, std::string message) {
    return http::problem(Error{ErrorCode::invalid, std::move(message)}, field);
  };
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(body).get(members) != simdjson::SUCCESS) {
    return refuse("", "the body is no JSON object; send {\"query\": \"SELECT ...\"}");
  }
  for (const auto member : members) {
    std::string_view text;
    std::uint64_t number = 0;
    if (member.key == "query" && member.value.get(text) == simdjson::SUCCESS) {
      question.query = text;
    } else if (member.key == "limit" && member.value.get(number) == simdjson::SUCCESS &&
               number >= 1 && number <= kRowsMost) {
      question.limit = number;
    } else {
      return refuse(member.key, "known are query (text) and limit (1 to 10000)");
    }
  }
  if (question.query.empty() || question.query.size() > kQueryBytesMost) {
    return refuse("query", "it is needed, and may have 100000 bytes at most");
  }
  return std::nullopt;
}

struct WriteValue {
  JsonWriter& json;
  void operator()(std::monostate /*none*/) const { json.null(); }
  void operator()(bool value) const { json.boolean(value); }
  void operator()(double value) const { json.number(value); }
  void operator()(const std::string& value) const { json.string(value); }
  void operator()(std::int64_t value) const {
    constexpr std::int64_t kExact = std::int64_t{1} << 53U;
    if (value > kExact || value < -kExact) {
      json.string(std::to_string(value));
    } else {
      json.integer(value);
    }
  }
};

std::string table_json(const SqlTable& table, std::int64_t elapsed_ms) {
  JsonWriter json;
  json.begin_object().key("columns").begin_array();
  for (const SqlTable::Column& column : table.columns) {
    json.begin_object().field("name", column.name).field("type", column.type).end_object();
  }
  json.end_array().key("rows").begin_array();
  for (const std::vector<SqlValue>& row : table.rows) {
    json.begin_array();
    for (const SqlValue& value : row) {
      std::visit(WriteValue{json}, value);
    }
    json.end_array();
  }
  json.end_array().field("truncated", table.truncated);
  json.field("elapsed_ms", elapsed_ms).end_object();
  return json.take();
}

Response sql(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  Question question;
  if (auto refusal = read_question(request.body, question)) {
    return *refusal;
  }
  const auto began = std::chrono::steady_clock::now();
  const Result<SqlTable> table = context.brand->sql(question.query, question.limit);
  if (!table) {
    return http::problem(table.error(), table.error().code == ErrorCode::invalid ? "query" : "");
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return json_response(table_json(*table, elapsed.count()));
}

}  // namespace

void add_sql_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  http::Route route{http::Method::post,
                    "/api/v1/sql",
                    "A read-only question in SQL",
                    http::Lane::slow,
                    {"application/json"},
                    [context](const Request& request) { return sql(*context, request); }};
  routes.push_back(std::move(route));
}

}  // namespace guanxi::api
