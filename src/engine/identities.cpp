#include <algorithm>
#include <set>

#include "engine/core.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

using Kind = IdDecision::Kind;

constexpr std::size_t kNoteMost = 500;

std::optional<Kind> kind_of(std::string_view word) {
  for (const Kind kind : {Kind::same, Kind::apart, Kind::open, Kind::distrust, Kind::trust}) {
    if (name_of(kind) == word) {
      return kind;
    }
  }
  return std::nullopt;
}

// Reads each batch once, however many of its events are asked for. Ordinals rise.
Result<void> name_events(EngineCore& core, const OrdinalIndex& index,
                         std::span<const std::uint32_t> ordinals,
                         const std::function<void(std::size_t, const ExternalId&)>& visit) {
  GUANXI_TRY(reader, core.reader());
  EventBatch batch;
  std::uint64_t seq = 0;
  for (std::size_t i = 0; i < ordinals.size(); ++i) {
    const auto place = index.find(ordinals[i]);
    if (!place) {
      return fail(ErrorCode::corrupted, "there is no event " + std::to_string(ordinals[i]));
    }
    if (place->seq != seq) {
      seq = place->seq;
      GUANXI_TRY(stored, reader.read(seq));
      batch.clear();
      GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
    }
    visit(i, batch.events.at(place->row).person);
  }
  return {};
}

// Everyone who has one of the ids, or a link to somebody who has.
std::vector<std::vector<std::string>> people_at(const Image& image,
                                                const DecisionRequest& request) {
  std::set<std::uint32_t> people;
  const Identity& identity = image.identity();
  for (const std::string& text : {request.first_id, request.second_id}) {
    const std::uint32_t person = identity.find(parse_external_id(text));
    if (text.empty() || person == Identity::kNobody) {
      continue;
    }
    people.insert(person);
    identity.for_each_link(person, [&](const KnownLink& link) {
      for (const ExternalId& end : {link.a, link.b}) {
        if (const std::uint32_t other = identity.find(end); other != Identity::kNobody) {
          people.insert(other);
        }
      }
    });
  }
  std::vector<std::vector<std::string>> ids;
  for (const std::uint32_t person : people) {
    ids.push_back(identity.ids(person));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Whether two people who are to be one were decided not to be, by another decision.
Result<void> may_be_one(const Identity& identity, const ExternalId& a, const ExternalId& b) {
  const std::uint32_t one = identity.find(a);
  const std::uint32_t other = identity.find(b);
  std::optional<Error> conflict;
  identity.for_each_link(one, [&](const KnownLink& link) {
    const bool same_pair = (link.a == a && link.b == b) || (link.a == b && link.b == a);
    if (!link.decided_apart || same_pair || one == other) {
      return;
    }
    if (identity.find(link.a) == other || identity.find(link.b) == other) {
      conflict =
          Error{ErrorCode::conflict, "'" + to_string(link.a) + "' and '" + to_string(link.b) +
                                         "' were decided to be kept apart (decision " +
                                         std::to_string(link.decision) + "); take that back first"};
    }
  });
  return conflict ? Result<void>(Unexpected{*conflict}) : Result<void>();
}

Result<void> check_request(const EngineCore& core, const DecisionRequest& request) {
  const bool one_id = request.kind == Kind::distrust || request.kind == Kind::trust;
  if (request.note.size() > kNoteMost) {
    return fail(ErrorCode::invalid, "the note is longer than 500 bytes");
  }
  if (one_id == !request.second_id.empty() && request.kind != Kind::open) {
    return fail(ErrorCode::invalid, one_id ? "a decision about a key is about one id"
                                           : "a decision about two people names two ids");
  }
  const ExternalId a = parse_external_id(request.first_id);
  const ExternalId b = parse_external_id(request.second_id);
  for (const std::string& text : {request.first_id, request.second_id}) {
    const ExternalId id = parse_external_id(text);
    if (text.empty() && &text != &request.first_id && (one_id || request.kind == Kind::open)) {
      continue;
    }
    if (const std::string_view trouble = trouble_with_id(id.value); !trouble.empty()) {
      return fail(ErrorCode::invalid, "an id " + std::string(trouble));
    }
    const bool must_be_there = request.kind == Kind::same || request.kind == Kind::apart;
    if (must_be_there && core.image->identity().find(id) == Identity::kNobody) {
      return fail(ErrorCode::not_found, "nobody is known as '" + text.substr(0, 80) + "'");
    }
  }
  if (a == b) {
    return fail(ErrorCode::invalid, "the two ids are the same");
  }
  return request.kind == Kind::same ? may_be_one(core.image->identity(), a, b) : Result<void>();
}

}  // namespace

Result<void> recall_decisions(EngineCore& core, LogReader& reader, Image& image,
                              std::uint64_t after) {
  GUANXI_TRY(decisions, reader.decisions());
  for (const DecisionRecord& record : decisions) {
    const auto kind = kind_of(record.kind);
    if (!kind) {
      return fail(ErrorCode::corrupted, "decision " + std::to_string(record.number) +
                                            " is of a kind that this Guanxi does not know");
    }
    const ExternalId a = parse_external_id(record.first_id);
    const ExternalId b = parse_external_id(record.second_id);
    if (record.number > after && !core.erased.contains(a) && !core.erased.contains(b)) {
      image.decide({record.number, *kind, a, b});
    }
  }
  return {};
}

Result<void> settle_people(EngineCore& core, Image& image, const OrdinalIndex& ordinals,
                           bool fold) {
  const EventNames names = [&](std::span<const std::uint32_t> asked, const auto& visit) {
    return name_events(core, ordinals, asked, visit);
  };
  GUANXI_TRY(settled, image.settle_people(names, fold));
  static_cast<void>(settled);
  return {};
}

Result<DecisionReport> Engine::decide(const DecisionRequest& request) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  GUANXI_TRY_VOID(check_request(*core_, request));
  DecisionReport report;
  report.before = people_at(*core_->image, request);
  const ExternalId a = parse_external_id(request.first_id);
  const ExternalId b = parse_external_id(request.second_id);
  GUANXI_TRY(number, core_->log->add_decision(
                         DecisionRecord{.decided_at = core_->clock.now(),
                                        .kind = std::string(name_of(request.kind)),
                                        .first_id = to_string(a),
                                        .second_id = b.value.empty() ? "" : to_string(b),
                                        .actor = request.actor,
                                        .note = request.note}));
  GUANXI_TRY_VOID(core_->log->commit());
  report.number = number;
  const auto carry_out = [&]() -> Result<void> {
    const std::unique_lock exclusive(core_->image_mutex);
    core_->image->decide({number, request.kind, a, b});
    GUANXI_TRY_VOID(settle_people(*core_, *core_->image, core_->ordinals, true));
    core_->version.fetch_add(1);
    return {};
  };
  if (const auto done = carry_out(); !done) {
    GUANXI_TRY_VOID(reload(*core_, "import"));
  }
  core_->fits.refresh();
  report.after = people_at(*core_->image, request);
  return report;
}

}  // namespace guanxi
