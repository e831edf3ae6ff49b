#include <algorithm>

#include "engine/core.hpp"
#include "engine/name_finder.hpp"
#include "engine/name_tokens.hpp"

namespace guanxi {
namespace {

// What the list of the erased does not find in texts by itself.
std::vector<std::string> not_found_by_list(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    const std::string_view name = parse_external_id(id).value;
    if (!any_name(name, [name](std::string_view found) { return found == name; })) {
      names.emplace_back(name);
    }
  }
  return names;
}

/// One erasure: what is to go, and what has gone so far.
///
/// Place       purge().
/// Threads     One owner.
class Purge {
 public:
  Purge(EngineCore& core, const std::vector<std::string>& ids)
      : core_(core), names_(not_found_by_list(ids)) {
    report_.ids = ids;
  }

  Result<EraseReport> run() {
    GUANXI_TRY(reader, core_.reader());
    GUANXI_TRY(infos, reader.batches());
    core_.board->phase("rewrite", "batches", infos.size());
    for (const BatchInfo& info : infos) {
      GUANXI_TRY_VOID(clean(reader, info));
      core_.board->update(info.seq, infos.size());
    }
    GUANXI_TRY_VOID(clean_letters(reader));
    GUANXI_TRY_VOID(clean_decisions(reader));
    GUANXI_TRY_VOID(core_.log->put_setting(kUnsettledSetting, "1"));
    GUANXI_TRY_VOID(core_.log->commit());
    return report_;
  }

 private:
  Result<void> clean(LogReader& reader, const BatchInfo& info) {
    GUANXI_TRY(stored, reader.read(info.seq));
    EventBatch batch;
    GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
    const std::size_t before = batch.events.size();
    const auto gone =
        std::remove_if(batch.events.begin(), batch.events.end(),
                       [this](const Event& event) { return core_.erased.concerns(event); });
    batch.events.erase(gone, batch.events.end());
    std::uint64_t blanked = 0;
    for (Event& event : batch.events) {
      blanked += blank_mentions(event);
    }
    if (batch.events.size() == before && blanked == 0) {
      return {};
    }
    report_.events += before - batch.events.size();
    report_.mentions += blanked;
    ++report_.batches;
    GUANXI_TRY(packed, pack_events(batch.events));
    return core_.log->rewrite(info.seq, packed);
  }

  // Blanks what names the person in someone else's event; how many fields that were.
  std::uint64_t blank_mentions(Event& event) const {
    std::uint64_t blanked = core_.erased.blank(event);
    if (names_.any_quoted(event.properties)) {
      event.properties = {};
      ++blanked;
    }
    for (std::string_view* text : {&event.title, &event.properties, &event.subject}) {
      if (names_.any_word(*text, kShortestName)) {
        *text = {};
        ++blanked;
      }
    }
    return blanked;
  }

  Result<void> clean_letters(LogReader& reader) {
    constexpr std::uint64_t kPage = 1000;
    for (std::uint64_t offset = 0;; offset += kPage) {
      GUANXI_TRY(letters, reader.dead_letters(offset, kPage));
      if (letters.empty()) {
        return {};
      }
      for (const DeadLetter& letter : letters) {
        const bool named = core_.erased.named_in(letter.original) ||
                           core_.erased.named_in(letter.reason) ||
                           names_.any_word(letter.original, 1) || names_.any_word(letter.reason, 1);
        if (named) {
          ++report_.dead_letters;
          GUANXI_TRY_VOID(core_.log->remove_dead_letter(letter.id));
        }
      }
    }
  }

  // Decisions that name the person, in their ids or in their note.
  Result<void> clean_decisions(LogReader& reader) {
    GUANXI_TRY(decisions, reader.decisions());
    for (const DecisionRecord& decision : decisions) {
      const bool named = core_.erased.contains(parse_external_id(decision.first_id)) ||
                         core_.erased.contains(parse_external_id(decision.second_id)) ||
                         core_.erased.named_in(decision.note) || names_.any_word(decision.note, 1);
      if (named) {
        GUANXI_TRY_VOID(core_.log->remove_decision(decision.number));
      }
    }
    return {};
  }

  EngineCore& core_;
  NameFinder names_;
  EraseReport report_;
};

}  // namespace

Result<EraseReport> purge(EngineCore& core, const std::vector<std::string>& ids) {
  GUANXI_TRY_VOID(core.snapshots.forget());
  Purge purging(core, ids);
  auto report = purging.run();
  if (!report) {
    core.log->rollback();
    return report;
  }
  {
    const std::lock_guard lock(core.decoded_mutex);
    core.decoded.reset();
  }
  return report;
}

DeadLetter kept_letter(const EngineCore& core, const Refusal& refusal) {
  DeadLetter letter{.received_at = core.clock.now(),
                    .source = refusal.source,
                    .line = refusal.line,
                    .field = refusal.field,
                    .reason = refusal.reason,
                    .original = refusal.original};
  if (core.erased.named_in(letter.original) || core.erased.named_in(letter.reason)) {
    letter.reason = "it names somebody who was erased, so its text is not kept";
    letter.original.clear();
  }
  return letter;
}

Result<std::uint64_t> Engine::forget_letters(Instant before) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  GUANXI_TRY(gone, core_->log->remove_dead_letters(before));
  GUANXI_TRY_VOID(core_->log->commit());
  if (gone > 0) {
    // Another process that reads the log keeps their bytes in the WAL until the next checkpoint.
    const auto scrubbed = core_->log->scrub();
    if (!scrubbed && scrubbed.error().code != ErrorCode::conflict) {
      return Unexpected{scrubbed.error()};
    }
  }
  return gone;
}

Result<void> finish_erasure(EngineCore& core) {
  GUANXI_TRY_VOID(core.log->put_setting(kErasingSetting, ""));
  GUANXI_TRY_VOID(core.log->put_setting(kPurgedSetting, core.erased.mark()));
  GUANXI_TRY_VOID(core.log->commit());
  return core.log->scrub();
}

}  // namespace guanxi
