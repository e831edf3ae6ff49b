#include "api/schema_check.hpp"

namespace guanxi::api {
namespace {

bool is_type(simdjson::dom::element value, std::string_view type) {
  if (type == "string") {
    return value.is_string();
  }
  if (type == "integer") {
    return value.is_int64() || value.is_uint64();
  }
  if (type == "number") {
    return value.is_number();
  }
  if (type == "boolean") {
    return value.is_bool();
  }
  return type == "array" ? value.is_array() : value.is_object();
}

template <typename T>
T member_or(simdjson::dom::element schema, std::string_view name, T fallback) {
  T value{};
  return schema[name].get(value) == simdjson::SUCCESS ? value : fallback;
}

}  // namespace

std::string SchemaCheck::check(Element schema, Element value, const std::string& where) const {
  std::string_view text;
  if (schema["$ref"].get(text) == simdjson::SUCCESS) {
    const std::string name(text.substr(text.rfind('/') + 1));
    return check(document_["components"]["schemas"][name].value(), value, where);
  }
  if (value.is_null()) {
    return member_or(schema, "nullable", false) ? "" : where + " is null";
  }
  simdjson::dom::array parts;
  if (schema["allOf"].get(parts) == simdjson::SUCCESS) {
    return check(parts.at(0).value(), value, where);
  }
  if (schema["oneOf"].get(parts) == simdjson::SUCCESS) {
    for (const Element part : parts) {
      if (check(part, value, where).empty()) {
        return "";
      }
    }
    return where + " is none of the types it may be";
  }
  if (schema["type"].get(text) != simdjson::SUCCESS || !is_type(value, text)) {
    return where + " is no " + std::string(text);
  }
  if (text == "object") {
    return check_object(schema, value, where);
  }
  return text == "array" ? check_array(schema, value, where) : check_enum(schema, value, where);
}

std::string SchemaCheck::check_enum(Element schema, Element value, const std::string& where) {
  simdjson::dom::array names;
  if (schema["enum"].get(names) != simdjson::SUCCESS) {
    return "";
  }
  for (const Element name : names) {
    if (name.get_string().value() == value.get_string().value()) {
      return "";
    }
  }
  return where + " is \"" + std::string(value.get_string().value()) + "\", none of its values";
}

std::string SchemaCheck::check_array(Element schema, Element value,
                                     const std::string& where) const {
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) {
    return where + " is no array";
  }
  if (items.size() < member_or<std::uint64_t>(schema, "minItems", 0) ||
      items.size() > member_or<std::uint64_t>(schema, "maxItems", UINT64_MAX)) {
    return where + " has " + std::to_string(items.size()) + " items";
  }
  std::size_t at = 0;
  for (const Element item : items) {
    std::string problem =
        check(schema["items"].value(), item, where + "[" + std::to_string(at++) + "]");
    if (!problem.empty()) {
      return problem;
    }
  }
  return "";
}

std::string SchemaCheck::check_object(Element schema, Element value,
                                      const std::string& where) const {
  simdjson::dom::array required;
  if (schema["required"].get(required) == simdjson::SUCCESS) {
    for (const Element name : required) {
      if (value[name.get_string().value()].error() != simdjson::SUCCESS) {
        return where + " lacks " + std::string(name.get_string().value());
      }
    }
  }
  const bool open = member_or(schema, "additionalProperties", false);
  simdjson::dom::object members;
  if (value.get(members) != simdjson::SUCCESS) {
    return where + " is no object";
  }
  for (const auto member : members) {
    Element expected;
    if (schema["properties"][member.key].get(expected) != simdjson::SUCCESS) {
      if (!open) {
        return where + " has a member that the schema does not name: " + std::string(member.key);
      }
      continue;
    }
    std::string problem = check(expected, member.value, where + "." + std::string(member.key));
    if (!problem.empty()) {
      return problem;
    }
  }
  return "";
}

}  // namespace guanxi::api
