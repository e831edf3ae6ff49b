#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace guanxi::api {

/// The part of JSON Schema that openapi.json uses, so that tests can hold every answer against it.
///
/// Place       Tests only.
/// Invariants  Objects may have only the members that their schema names.
/// Threads     One owner.
class SchemaCheck {
 public:
  explicit SchemaCheck(const std::string& openapi_json) { document_ = parser_.parse(openapi_json); }

  /// Where and why `json` is not of the schema; empty when it is.
  [[nodiscard]] std::string against(std::string_view schema_name, const std::string& json) {
    simdjson::dom::parser parser;
    simdjson::dom::element value;
    if (parser.parse(json).get(value) != simdjson::SUCCESS) {
      return "it is no JSON: " + json.substr(0, 200);
    }
    return check(document_["components"]["schemas"][schema_name].value(), value,
                 std::string(schema_name));
  }
  [[nodiscard]] simdjson::dom::element document() const { return document_; }

 private:
  using Element = simdjson::dom::element;

  [[nodiscard]] std::string check(Element schema, Element value, const std::string& where) const;
  [[nodiscard]] std::string check_object(Element schema, Element value,
                                         const std::string& where) const;
  [[nodiscard]] std::string check_array(Element schema, Element value,
                                        const std::string& where) const;
  [[nodiscard]] static std::string check_enum(Element schema, Element value,
                                              const std::string& where);

  simdjson::dom::parser parser_;
  Element document_;
};

}  // namespace guanxi::api
