#include "events/decode.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/utf8.hpp"
#include "events/decode_item.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kOriginalMost = 64UL * 1024;
constexpr std::uint32_t kPropertiesMost = 10'000;
// Stands for bytes that are not UTF-8 while the rest of their batch is read; no text has it.
constexpr std::string_view kBadByte = "\xEF\xBF\xBF";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kValidTypes =
    "valid: a \"kind\" of ours, or \"type\" track, identify, page, screen, group, alias, merge, or "
    "a \"batch\" of them";

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text, at);
    out += length == 0 ? kBadByte : text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return out;
}

bool has_flaw(const JsonNode& node, bool JsonNode::*flaw) {
  for (std::uint32_t i = 0; i < node.span; ++i) {
    if ((&node)[i].*flaw) {
      return true;
    }
  }
  return false;
}

std::size_t count_children(const JsonNode& node) {
  std::size_t count = 0;
  for (auto child = node.begin(); !(child == node.end()); ++child) {
    ++count;
  }
  return count;
}

// The object or list that `text` begins with, without what follows it in its batch.
std::string_view whole_value(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      at += c == '\\' ? 1U : 0U;
      in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) {
        return text.substr(0, at + (depth == 1 ? 1 : 0));
      }
      --depth;
    } else if (c == ',' && depth == 0) {
      return text.substr(0, at);
    }
  }
  return text;
}

std::string_view type_of(const Item& item) {
  const JsonNode* type = item.members[Member::type];
  if (type != nullptr) {
    return type->text;
  }
  const JsonNode* event = item.members[Member::event];
  if (event == nullptr || event->type != JsonType::string) {
    return item.context.default_type;
  }
  return event->text == "$identify"        ? "identify"
         : event->text == "$create_alias"  ? "alias"
         : event->text == "$groupidentify" ? "group"
                                           : "track";
}

void decode_message(Item& item) {
  if (item.members[Member::kind] != nullptr) {
    decode_canonical(item);
    return;
  }
  const std::string_view type = type_of(item);
  const JsonNode* properties = item.members[Member::properties];
  constexpr auto kTypes = std::to_array<std::string_view>(
      {"track", "identify", "page", "screen", "group", "alias", "merge"});
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    item.problem.set(Path("type"), type.empty()
                                       ? "is missing; " + std::string(kValidTypes)
                                       : "'" + std::string(type.substr(0, 40)) +
                                             "' is not known; " + std::string(kValidTypes));
    return;
  }
  if (properties != nullptr && properties->type != JsonType::object) {
    item.problem.set(Path("properties"),
                     "is " + std::string(name_of(properties->type)) + "; valid: an object");
    return;
  }
  if (type == "merge") {
    decode_merge(item);
    return;
  }
  read_envelope(item);
  if (item.problem.any()) {
    return;
  }
  if (type == "track") {
    const JsonNode* name = item.members[Member::event];
    if (name == nullptr || name->type != JsonType::string || name->text.empty()) {
      item.problem.set(Path("event"),
                       "is missing; valid: the event's name, such as \"Order Completed\"");
      return;
    }
    decode_track(item, name->text, properties);
  } else if (type == "identify") {
    const JsonNode* traits = item.members[Member::traits];
    traits = traits == nullptr && properties != nullptr ? properties->find("$set") : traits;
    decode_identify(item, traits);
  } else if (type == "alias") {
    decode_alias(item);
  } else if (type == "group") {
    decode_group(item);
  } else {
    decode_view(item, properties);
  }
}

}  // namespace

struct Decoder::State {
  explicit State(Repeats how) : repeats(how) {}

  void decode_root(std::string_view json, bool was_repaired, const DecodeContext& context,
                   EventBatch& out, std::vector<Refusal>& refused);
  void decode_one(const JsonNode& node, const MemberIndex& envelope, std::string_view original,
                  const DecodeContext& context, EventBatch& out, std::vector<Refusal>& refused);
  void give_identities(const DecodeContext& context, EventBatch& out, std::size_t first);
  static void check(Item& item, std::string_view original, bool flawed);
  static void refuse(const DecodeContext& context, std::string_view original, Problem problem,
                     std::vector<Refusal>& refused) {
    refused.push_back({std::string(context.source), context.line, std::move(problem.field),
                       std::move(problem.reason),
                       std::string(whole_value(original).substr(0, kOriginalMost))});
  }

  Repeats repeats;
  JsonTree tree;
  std::string_view source_text;  // what was read
  std::string repair;            // stands for `source_text` where that is not UTF-8
  Problem unreadable;
  bool was_repaired_ = false;
  std::vector<const JsonNode*> used;
  JsonWriter json;
  std::unordered_map<std::uint64_t, std::uint32_t> seen;  // looked up, never walked
};

void Decoder::State::check(Item& item, std::string_view original, bool flawed) {
  if (item.node.type != JsonType::object) {
    item.problem.set(Path(""),
                     "an event is a JSON object; this is " + std::string(name_of(item.node.type)));
  } else if (original.size() > item.context.event_bytes_most) {
    item.problem.set(Path(""), "the event is larger than " +
                                   std::to_string(item.context.event_bytes_most) + " bytes");
  } else if (item.node.span > kPropertiesMost) {
    item.problem.set(Path("properties"), "more than 10,000 values in one event");
  } else if (flawed && has_flaw(item.node, &JsonNode::too_deep)) {
    item.problem.set(Path("properties"),
                     "nested deeper than " + std::to_string(kJsonDepthMost) + " levels");
  } else if (flawed && has_flaw(item.node, &JsonNode::lone_surrogate)) {
    item.problem.set(Path(""),
                     "a text holds half of a surrogate pair (\\ud800 to \\udfff alone); "
                     "valid: UTF-8, or both halves");
  }
}

// Events with a message id are known by it, the others by what they say.
void Decoder::State::give_identities(const DecodeContext& context, EventBatch& out,
                                     std::size_t first) {
  Event& head = out.events[first];
  std::uint64_t content = 0;
  std::uint32_t occurrence = 0;
  if (head.message_id.empty()) {
    for (std::size_t i = first; i < out.events.size(); ++i) {
      content = content_hash(out.events[i]) ^ (content << 1U);
    }
    occurrence = repeats == Repeats::counted ? seen[content]++ : 0;
  }
  for (std::size_t i = first; i < out.events.size(); ++i) {
    Event& event = out.events[i];
    if (event.id_hash == 0) {
      event.id_hash = event.message_id.empty()
                          ? identity_of_content(context.source_key, content, occurrence, event.line)
                          : identity_of_message(context.source_key, event.message_id, event.line);
    }
  }
}

void Decoder::State::decode_one(const JsonNode& node, const MemberIndex& envelope,
                                std::string_view original, const DecodeContext& context,
                                EventBatch& out, std::vector<Refusal>& refused) {
  Item item{context,           node, envelope, MemberIndex(node), out,
            out.events.size(), {},   {},       std::move(used),   std::move(json)};
  item.used.clear();
  check(item, original, tree.flawed());
  if (was_repaired_ && original.find(kBadByte) != std::string_view::npos) {
    item.problem.set(Path(""), "the text is not UTF-8; valid: UTF-8");
  }
  if (!item.problem.any()) {
    decode_message(item);
  }
  if (item.problem.any()) {
    out.events.resize(item.first);
    refuse(context, original, std::move(item.problem), refused);
  } else {
    give_identities(context, out, item.first);
  }
  used = std::move(item.used);
  json = std::move(item.json);
}

void Decoder::State::decode_root(std::string_view text, bool was_repaired,
                                 const DecodeContext& context, EventBatch& out,
                                 std::vector<Refusal>& refused) {
  was_repaired_ = was_repaired;
  const JsonNode& root = tree.root();
  const JsonNode* batch = root.type == JsonType::array ? &root : root.find("batch");
  if (batch == nullptr) {
    decode_one(root, MemberIndex(), text, context, out, refused);
    return;
  }
  Problem problem;
  const std::size_t events = count_children(*batch);
  if (batch->type != JsonType::array) {
    problem.set(Path("batch"), "is " + std::string(name_of(batch->type)) + "; valid: a list");
  } else if (events == 0) {
    problem.set(Path("batch"),
                "is empty; valid: 1 to " + std::to_string(context.batch_events_most) + " events");
  } else if (events > context.batch_events_most) {
    problem.set(Path("batch"), "holds " + std::to_string(events) + " events; valid: 1 to " +
                                   std::to_string(context.batch_events_most));
  }
  if (problem.any()) {
    refuse(context, text, std::move(problem), refused);
    return;
  }
  if (out.events.empty()) {
    out.events.reserve(events);
  }
  const MemberIndex envelope = batch == &root ? MemberIndex() : MemberIndex(root);
  for (const JsonNode& node : *batch) {
    const JsonNode* const next = &node + node.span;
    const std::size_t end = next == &root + root.span ? text.size() : next->offset;
    const std::string_view original = text.substr(node.offset, end - node.offset);
    decode_one(node, envelope, original, context, out, refused);
  }
}

Decoder::Decoder(Repeats repeats) : state_(std::make_unique<State>(repeats)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

void Decoder::read(std::string_view json) {
  State& state = *state_;
  state.unreadable = Problem();
  state.repair.clear();
  if (json.starts_with(kByteOrderMark)) {
    json.remove_prefix(kByteOrderMark.size());
  }
  state.source_text = json;
  if (json.starts_with("\xFF\xFE") || json.starts_with("\xFE\xFF")) {
    state.unreadable.set(Path(""), "this is UTF-16; valid: JSON in UTF-8");
    return;
  }
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    state.unreadable.set(Path(""), "there is no text; valid: a JSON object");
    return;
  }
  auto parsed = state.tree.parse(json);
  if (!parsed && !is_utf8(json)) {
    state.repair = repaired(json);
    parsed = state.tree.parse(state.repair);
  }
  if (!parsed) {
    state.unreadable.set(Path(""), parsed.error().message);
  }
}

std::string_view Decoder::text_member(std::string_view name) const {
  if (state_->unreadable.any()) {
    return {};
  }
  const JsonNode* place = &state_->tree.root();
  const JsonNode* found = place->find(name);
  if (found == nullptr) {
    const JsonNode* list = place->type == JsonType::array ? place : place->find("batch");
    const bool any = list != nullptr && list->type == JsonType::array && list->span > 1;
    found = any ? (list + 1)->find(name) : nullptr;
  }
  return found != nullptr && found->type == JsonType::string ? found->text : std::string_view();
}

void Decoder::decode_read(const DecodeContext& context, EventBatch& out,
                          std::vector<Refusal>& refused) {
  State& state = *state_;
  const bool repaired = !state.repair.empty();
  if (state.unreadable.any()) {
    State::refuse(context, state.source_text, std::move(state.unreadable), refused);
    return;
  }
  state.decode_root(repaired ? state.repair : state.source_text, repaired, context, out, refused);
}

void Decoder::decode_json(std::string_view json, const DecodeContext& context, EventBatch& out,
                          std::vector<Refusal>& refused) {
  read(json);
  decode_read(context, out, refused);
}

}  // namespace guanxi
