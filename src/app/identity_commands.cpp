#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "people/duplicate_traits.hpp"

namespace guanxi::app {
namespace {

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ", ") + id;
  }
  return text;
}

void write_people(JsonWriter& json, std::string_view name,
                  const std::vector<std::vector<std::string>>& people) {
  json.key(name).begin_array();
  for (const std::vector<std::string>& ids : people) {
    json.begin_array();
    for (const std::string& id : ids) {
      json.string(id);
    }
    json.end_array();
  }
  json.end_array();
}

std::string what_became_of(const KnownLink& link) {
  const std::string decided = link.decided_same    ? ", decided to be one"
                              : link.decided_apart ? ", decided to be kept apart"
                                                   : "";
  return std::string(name_of(link.verdict)) + decided + (link.evidence.alias ? ", by alias" : "");
}

}  // namespace

int run_identities(const Common& common, std::uint64_t limit) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    std::vector<TraitSight> traits;
    GUANXI_TRY_VOID(engine.originals(
        trait_ordinals(access.image()),
        [&](std::size_t, const Event& event) { look_at_traits(event, traits); }));
    const Duplicates found = find_duplicates(access.image(), limit, traits);
    JsonWriter json;
    json.begin_object().field("found", found.found).key("pairs").begin_array();
    Table table({{"one"}, {"other"}, {"points", true}, {"because of"}});
    for (const Duplicate& pair : found.pairs) {
      json.begin_object().field("a", pair.a).field("b", pair.b).field("points", pair.points);
      json.key("signs").begin_array();
      std::string because;
      for (const DuplicateSign& sign : pair.signs) {
        json.begin_object().field("kind", name_of(sign.kind)).field("a", sign.a);
        json.field("b", sign.b).field("times", sign.times).end_object();
        because += (because.empty() ? "" : "; ") + std::string(name_of(sign.kind)) + " " + sign.a +
                   " ~ " + sign.b;
      }
      json.end_array().end_object();
      table.row({pair.a, pair.b, std::to_string(pair.points), because});
    }
    json.end_array().end_object();
    print(common.json
              ? json.text() + "\n"
              : (table.empty() ? std::string() : table.text()) + grouped(found.pairs.size()) +
                    " of " + grouped(found.found) + " pairs who may be one\n");
    return 0;
  });
}

int run_identity_show(const Common& common, const std::string& id) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    GUANXI_TRY(person, person_named(access.image(), id));
    JsonWriter json;
    json.begin_object();
    write_people(json, "ids", {access.image().ids(person)});
    json.key("links").begin_array();
    Table table({{"id"}, {"id"}, {"events", true}, {"first"}, {"came to"}});
    access.image().identity().for_each_link(
        access.image().number_of(person), [&](const KnownLink& link) {
          const std::string first =
              link.evidence.times == 0 ? ""
                                       : to_string(Instant{std::int64_t{link.evidence.occurred_s}});
          json.begin_object().field("a", to_string(link.a)).field("b", to_string(link.b));
          json.field("times", link.evidence.times).field("first_at", first);
          json.field("verdict", name_of(link.verdict)).end_object();
          table.row({to_string(link.a), to_string(link.b), std::to_string(link.evidence.times),
                     first, what_became_of(link)});
        });
    json.end_array().end_object();
    print(common.json ? json.text() + "\n"
                      : joined(access.image().ids(person)) + "\n" +
                            (table.empty() ? std::string("no links\n") : table.text()));
    return 0;
  });
}

int run_identity_decisions(const Common& common) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(log, engine.log());
    GUANXI_TRY(decisions, log.decisions());
    JsonWriter json;
    json.begin_object().key("decisions").begin_array();
    Table table({{"number", true}, {"when"}, {"kind"}, {"about"}, {"by"}, {"note"}});
    for (const DecisionRecord& one : decisions) {
      json.begin_object()
          .field("number", one.number)
          .field("decided_at", to_string(one.decided_at));
      json.field("kind", one.kind)
          .field("first_id", one.first_id)
          .field("second_id", one.second_id);
      json.field("actor", one.actor).field("note", one.note).end_object();
      table.row({std::to_string(one.number), to_string(one.decided_at), one.kind,
                 one.first_id + (one.second_id.empty() ? "" : " and " + one.second_id), one.actor,
                 one.note});
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n"
                      : (table.empty() ? std::string("nothing was decided\n") : table.text()));
    return 0;
  });
}

int run_identity_decide(const Common& common, const DecisionRequest& request) {
  return writing(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(decided, engine.decide(request));
    if (common.json) {
      JsonWriter json;
      json.begin_object().field("number", decided.number);
      write_people(json, "before", decided.before);
      write_people(json, "after", decided.after);
      json.end_object();
      print(json.text() + "\n");
      return 0;
    }
    std::string text = "decision " + std::to_string(decided.number) + "; people now:\n";
    for (const std::vector<std::string>& ids : decided.after) {
      text += "  " + plain(joined(ids)) + "\n";
    }
    print(text);
    return 0;
  });
}

}  // namespace guanxi::app
