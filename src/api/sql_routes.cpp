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

// A number as SQL writes it that is a JSON number too, and kept exactly by every reader.
bool is_plain_number(std::string_view text) {
  constexpr std::size_t kDigitsKept = 15;
  std::size_t digits = 0;
  std::size_t points = 0;
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view rest = text.substr(negative ? 1 : 0);
  for (const char c : rest) {
    digits += c >= '0' && c <= '9' ? 1U : 0U;
    points += c == '.' ? 1U : 0U;
  }
  const bool zero_first = rest.size() > 1 && rest.front() == '0' && rest[1] != '.';
  return digits > 0 && digits <= kDigitsKept && points <= 1 && digits + points == rest.size() &&
         rest.front() != '.' && rest.back() != '.' && !zero_first;
}

void write_cell(JsonWriter& json, const SqlColumn& column, const SqlCell& cell) {
  if (cell.null) {
    json.null();
  } else if (column.shape == SqlColumn::Shape::truth) {
    json.boolean(cell.text == "true");
  } else if (column.shape == SqlColumn::Shape::number && is_plain_number(cell.text)) {
    json.raw(cell.text);
  } else {
    json.string(cell.text);
  }
}

std::string answer_json(const SqlAnswer& answer, std::int64_t elapsed_ms) {
  JsonWriter json;
  json.begin_object().key("columns").begin_array();
  for (const SqlColumn& column : answer.columns) {
    json.begin_object().field("name", column.name).field("type", column.type).end_object();
  }
  json.end_array().key("rows").begin_array();
  for (const std::vector<SqlCell>& row : answer.rows) {
    json.begin_array();
    for (std::size_t i = 0; i < row.size(); ++i) {
      write_cell(json, answer.columns[i], row[i]);
    }
    json.end_array();
  }
  json.end_array().field("truncated", answer.truncated);
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
  const Result<SqlAnswer> answer = context.brand->sql(question.query, question.limit,
                                                      Viewer(request, *context.masking).masking());
  if (!answer) {
    return http::problem(answer.error(), answer.error().code == ErrorCode::invalid ? "query" : "");
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return json_response(answer_json(*answer, elapsed.count()));
}

}  // namespace

void add_sql_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  add.post("/api/v1/sql", "A read-only question in SQL", access::Permission::query, sql,
           http::Lane::slow);
}

}  // namespace guanxi::api
