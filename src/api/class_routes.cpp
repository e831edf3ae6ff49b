#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "people/people_classes.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::array<std::string_view, 5> kGradeNames = {"none", "d", "c", "b", "a"};

void write_trait(JsonWriter& json, Trait trait) {
  const TraitWords& words = words_of(trait);
  json.field("trait", words.name).field("en", words.en).field("zh", words.zh);
  json.field("unit", words.unit);
}

void write_value(JsonWriter& json, std::string_view name, std::int64_t value_minor) {
  if (value_minor == kNoValue) {
    json.field_null(name);
  } else {
    json.field(name, within_json(value_minor));
  }
}

void write_class(JsonWriter& json, const PeopleClass& one, std::uint64_t number) {
  json.begin_object().field("number", number).field("en", one.en).field("zh", one.zh);
  json.field("people", one.people).key("tiers").begin_array();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    json.field("people", one.tiers[tier]).end_object();
  }
  json.end_array().field("spent_minor", within_json(one.spent_minor));
  write_value(json, "value_minor", one.value_minor);
  write_value(json, "best_quarter_minor", one.best_quarter_minor);
  json.key("marks").begin_array();
  for (const ClassMark& mark : one.marks) {
    json.begin_object();
    write_trait(json, mark.trait);
    json.field("mean", mark.mean).field("all_mean", mark.all_mean);
    json.field("deviations", mark.deviations).end_object();
  }
  json.end_array().end_object();
}

void write_grades(JsonWriter& json, const PeopleClasses& classes) {
  json.key("grades").begin_array();
  for (std::size_t grade = classes.bars_minor().size(); grade > 0; --grade) {
    const PeopleClasses::OfGrade& of = classes.grades().at(grade);
    json.begin_object().field("grade", kGradeNames.at(grade)).field("number", grade);
    json.field("from_minor", within_json(classes.bars_minor()[grade - 1]));
    json.field("people", of.people).field("value_minor", within_json(of.value_minor)).end_object();
  }
  json.end_array();
}

std::string classes_json(const Brand::View& view) {
  const PeopleClasses* const classes = view.image.classes();
  const PeopleClasses none;
  const PeopleClasses& shown = classes == nullptr ? none : *classes;
  JsonWriter json;
  json.begin_object();
  day_field(json, "as_of", shown.as_of());
  json.key("currency");
  write_currency(json, view.currency);
  json.field("fitted_to", shown.fitted_to()).field("onlookers", shown.onlookers());
  json.key("left_out").begin_array();
  for (const Trait trait : shown.left_out()) {
    json.begin_object();
    write_trait(json, trait);
    json.end_object();
  }
  json.end_array();
  write_grades(json, shown);
  json.key("classes").begin_array();
  std::uint64_t number = 0;
  for (const PeopleClass& one : shown.classes()) {
    write_class(json, one, ++number);
  }
  json.end_array().end_object();
  return json.take();
}

Response classes(Context& context, const Request& request) {
  const Parameters parameters(request, {});
  return with_view(context, [&](const Brand::View& view) {
    return parameters.refusal() ? *parameters.refusal() : json_response(classes_json(view));
  });
}

}  // namespace

void add_class_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  add.get("/api/v1/classes", "Buyers who behave alike, and grades by value",
          access::Permission::look, classes);
}

}  // namespace guanxi::api
