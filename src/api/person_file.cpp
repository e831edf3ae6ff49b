#include "api/person_file.hpp"

#include <algorithm>

#include "api/consents.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "events/event_json.hpp"
#include "relationship/explain.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::api {
namespace {

constexpr std::size_t kEventsMost = 500'000;

std::string head_line(const Brand::View& view, PersonRef person, Instant now) {
  JsonWriter json;
  json.begin_object().field("guanxi_person", 1);
  json.field("id", view.image.id_text(person)).key("ids").begin_array();
  for (const std::string& id : view.image.ids(person)) {
    json.string(id);
  }
  json.end_array().field("exported_at", to_string(now)).key("model");
  write_model_name(json, view.model);
  json.key("currency");
  write_currency(json, view.currency);
  json.key("stance");
  write_stance(json, view.image.stance(person));
  json.end_object();
  return json.take() + "\n";
}

std::string explanation_line(const Brand::View& view, PersonRef person) {
  FoldMemory memory;
  const Explanation explanation =
      explain(view.image.timeline(person), view.model, view.image.as_of(), memory);
  JsonWriter json;
  json.begin_object().field("guanxi_explanation", 1);
  day_field(json, "at", explanation.day);
  json.key("reading").begin_object();
  reading_fields(json, explanation.reading);
  json.end_object().key("trust");
  write_trust(json, explanation, view.model);
  json.key("dimensions");
  write_dimensions(json, explanation);
  json.key("evidence").begin_array();
  for (const EvidenceLine& line : explanation.evidence) {
    json.begin_object();
    evidence_fields(json, line, view.model);
    json.field("kind", guanxi::name_of(line.event.kind()));
    json.field("occurred_at", to_string(line.event.occurred_at()));
    json.field("derived", line.event.has(kDerived)).end_object();
  }
  json.end_array().key("postings").begin_array();
  for (const Posting& posting : explanation.postings) {
    json.begin_object();
    posting_fields(json, posting);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace

Result<std::string> person_file(const Brand& brand, const std::string& id, Instant now) {
  std::string head;
  std::string tail;
  std::vector<std::uint32_t> ordinals;
  bool known = false;
  GUANXI_TRY_VOID(brand.read([&](const Brand::View& view) {
    const auto person = view.image.folded() ? view.image.find(parse_external_id(id)) : std::nullopt;
    if (!person) {
      return;
    }
    known = true;
    head = head_line(view, *person, now);
    tail = explanation_line(view, *person);
    for (const CompactEvent& event : view.image.timeline(*person)) {
      if (!event.has(kDerived)) {
        ordinals.push_back(event.ordinal());
      }
    }
  }));
  if (!known) {
    return fail(ErrorCode::not_found, "nobody is known by this id");
  }
  if (ordinals.size() > kEventsMost) {
    return fail(ErrorCode::overloaded, "they have more than 500,000 events; export the log");
  }
  // In the log's order each batch is unpacked once.
  std::sort(ordinals.begin(), ordinals.end());
  std::string out = std::move(head);
  GUANXI_TRY_VOID(brand.originals(ordinals, [&](std::size_t /*place*/, const Event& event) {
    out += event_json(event);
    out += '\n';
  }));
  return out + tail;
}

}  // namespace guanxi::api
