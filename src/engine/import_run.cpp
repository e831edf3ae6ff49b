#include <algorithm>
#include <thread>
#include <utility>

#include "engine/bounded_queue.hpp"
#include "engine/core.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kRunRefusals = 16'384;
constexpr std::size_t kQueued = 3;
constexpr unsigned kRunsPerCommit = 4;
constexpr std::size_t kFirstRefused = 20;
constexpr std::uint64_t kOrdinalsMost = UINT32_MAX;

/// Some tens of thousands of events on their way through the stages.
struct Run {
  EventBatch batch;
  std::vector<Refusal> refused;
  SourceProgress at;
};
using RunQueue = BoundedQueue<std::unique_ptr<Run>>;

bool same_moment_and_id(const CompactEvent& there, const Event& event) {
  return there.id_hash() == event.id_hash &&
         there.occurred_s() == static_cast<std::uint32_t>(event.occurred_at.seconds);
}

/// An import on its way: one thread reads the source, one finds people and places, one writes the
/// log. What the second stage was told is staged only; the image's timelines change at the end.
///
/// Place       run_import().
/// Invariants  Runs keep their order through all stages, so ordinals are those of the log.
/// Threads     read() and write() run on threads of their own; everything else on the caller's.
class ImportRun {
 public:
  ImportRun(EngineCore& core, EventSource& source, const Engine::ImportOptions& options)
      : core_(core),
        source_(source),
        compactor_(core.image->subjects(), core.brand),
        next_ordinal_(core.ordinals.total()),
        had_people_(core.image->people() > 0),
        nobody_before_(core.image->nobody_events()) {
    record_.name = options.name;
    record_.key = options.key.empty() ? options.name : options.key;
    at_door_ = record_.key.empty();
    record_.started_at = core.clock.now();
  }

  Result<ImportReport> run() {
    const std::int64_t began_ns = core_.clock.monotonic_ns();
    BulkLoader loader = core_.image->begin_bulk();
    {
      std::jthread reading([this] { read(); });
      std::jthread writing([this] { write(); });
      while (auto run = read_.pop()) {
        if (!apply(**run, loader)) {
          break;
        }
        tell((*run)->at);
        if (!applied_.push(std::move(*run))) {
          break;
        }
      }
      applied_.finish();
    }
    if (error_) {
      return Unexpected{*error_};
    }
    GUANXI_TRY_VOID(finish(loader));
    report_.seconds = static_cast<double>(core_.clock.monotonic_ns() - began_ns) / 1e9;
    return report_;
  }

 private:
  void give_up(const Error& error) {
    {
      const std::lock_guard lock(error_mutex_);
      if (!error_) {
        error_ = error;
      }
    }
    read_.close();
    applied_.close();
  }

  // First stage: from the source, until some tens of thousands of events are together.
  void read() {
    bool more = true;
    while (more) {
      auto run = spares_.take();
      run->batch.clear();
      run->refused.clear();
      run->batch.events.reserve(core_.options.run_events + core_.options.run_events / 8);
      while (more && run->batch.size() < core_.options.run_events &&
             run->refused.size() < kRunRefusals) {
        const auto got = source_.next(run->batch, run->refused);
        if (!got) {
          return give_up(got.error());
        }
        more = *got;
      }
      run->at = source_.progress();
      if (!read_.push(std::move(run))) {
        return;
      }
    }
    read_.finish();
  }

  // Second stage: drops what is there already, finds people, stages compact events.
  bool apply(Run& run, BulkLoader& loader) {
    report_.events += run.batch.size();
    drop_erased(run.batch.events);
    if (!compactor_.brand().named()) {
      CurrencyCounts counts;
      count_currencies(run.batch.events, counts);
      compactor_.set_brand(main_currency(counts));
      const std::unique_lock lock(core_.image_mutex);
      core_.brand = compactor_.brand();
    }
    drop_known(run.batch.events);
    std::vector<PersonRef> refs;
    {
      const std::unique_lock lock(core_.image_mutex);
      const auto found = finder_.people_of(*core_.image, run.batch.events);
      refs.assign(found.begin(), found.end());
    }
    if (next_ordinal_ + run.batch.size() > kOrdinalsMost) {
      give_up(Error{ErrorCode::invalid, "the log is full: it holds 4,294,967,295 events"});
      return false;
    }
    count_currencies(run.batch.events, currencies_);
    compacts_.clear();
    compactor_.compact_all(run.batch.events, static_cast<std::uint32_t>(next_ordinal_), nullptr,
                           compacts_);
    for (std::size_t i = 0; i < refs.size(); ++i) {
      if (refs[i] == PeopleFinder::kNobodyRef) {
        loader.push_nobody(compacts_[i]);
      } else {
        loader.push(refs[i], compacts_[i]);
      }
    }
    next_ordinal_ += refs.size();
    return true;
  }

  void drop_erased(std::vector<Event>& events) {
    if (core_.erased.empty()) {
      return;
    }
    const auto gone = std::remove_if(events.begin(), events.end(), [this](const Event& event) {
      return core_.erased.concerns(event);
    });
    report_.erased += static_cast<std::uint64_t>(events.end() - gone);
    events.erase(gone, events.end());
    for (Event& event : events) {
      core_.erased.blank(event);
    }
  }

  // Before ids are linked: what the log will not hold says nothing about who is who.
  void drop_known(std::vector<Event>& events) {
    if (!had_people_ && nobody_before_ == 0) {
      return;
    }
    const auto refs = finder_.known_people_of(*core_.image, events);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (is_known(events[i], refs[i])) {
        ++report_.repeated;
        continue;
      }
      if (kept != i) {
        events[kept] = events[i];
      }
      ++kept;
    }
    events.resize(kept);
  }

  [[nodiscard]] bool is_known(const Event& event, PersonRef person) const {
    if (person == PeopleFinder::kNobodyRef && !event.person.value.empty()) {
      return false;
    }
    if (person == PeopleFinder::kNobodyRef) {
      const auto part = core_.image->nobody(static_cast<std::uint32_t>(event.id_hash >> 54U));
      const auto found = std::lower_bound(
          part.begin(), part.end(), event.id_hash,
          [](const CompactEvent& there, std::uint64_t id) { return there.id_hash() < id; });
      return found != part.end() && same_moment_and_id(*found, event);
    }
    const auto timeline = core_.image->timeline(person);
    CompactEvent::Fields wanted;
    wanted.id_hash = event.id_hash;
    wanted.occurred_s = static_cast<std::uint32_t>(event.occurred_at.seconds);
    const auto found =
        std::lower_bound(timeline.begin(), timeline.end(), CompactEvent(wanted),
                         [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
    return found != timeline.end() && same_moment_and_id(*found, event);
  }

  void tell(const SourceProgress& at) {
    const bool rows_known = at.rows_total > 0;
    if (!told_) {
      core_.board->phase("read", rows_known ? "rows" : "bytes", 0);
      told_ = true;
    }
    core_.board->update(rows_known ? at.rows : at.bytes_done,
                        rows_known ? at.rows_total : at.bytes_total, at.part);
  }

  // Third stage: columns, compression, append; a commit every few runs.
  void write() {
    unsigned waiting = 0;
    while (auto run = applied_.pop()) {
      if (auto written = append(**run); !written) {
        return give_up(written.error());
      }
      spares_.give(std::move(*run));
      if (++waiting == kRunsPerCommit) {
        if (auto done = core_.log->commit(); !done) {
          return give_up(done.error());
        }
        waiting = 0;
      }
    }
  }

  Result<void> append(const Run& run) {
    const std::span<const Event> events(run.batch.events);
    // First: the door may commit beside an import at any moment.
    GUANXI_TRY_VOID(core_.log->put_setting(kUnsettledSetting, "1"));
    for (std::size_t at = 0; at < events.size(); at += kEncodedBatchMost) {
      const auto part = events.subspan(at, std::min(kEncodedBatchMost, events.size() - at));
      GUANXI_TRY(packed, pack_events(part));
      GUANXI_TRY_VOID(core_.log->append(packed));
      appended_.push_back(part.size());
    }
    record_.added += events.size();
    record_.rows = run.at.rows;
    record_.events = run.at.events;
    GUANXI_TRY_VOID(keep_refused(run.refused));
    return put_record();
  }

  // How far it has come, in the transaction of the events that it has come to.
  Result<void> put_record() {
    if (!at_door_) {
      return core_.log->put_source(record_);
    }
    const std::uint64_t more = record_.refused - std::exchange(counted_refused_, record_.refused);
    return more == 0 ? Result<void>{} : core_.log->add_to_setting(kDoorRefusedSetting, more);
  }

  Result<void> keep_refused(const std::vector<Refusal>& refused) {
    for (const Refusal& refusal : refused) {
      ++record_.refused;
      if (report_.first_refused.size() < kFirstRefused) {
        report_.first_refused.push_back(refusal);
      }
      if (report_.refused_kept < Engine::kLettersPerImportMost) {
        ++report_.refused_kept;
        GUANXI_TRY_VOID(core_.log->add_dead_letter(kept_letter(core_, refusal)));
      }
    }
    return {};
  }

  Result<void> finish(BulkLoader& loader) {
    const SourceProgress at = source_.progress();
    report_.rows = at.rows;
    report_.skipped = at.skipped;
    report_.refused = record_.refused;
    core_.board->phase("place", "blocks", 0);
    BulkOutcome outcome;
    {
      const std::unique_lock lock(core_.image_mutex);
      outcome = loader.finish(core_.threads, [this](std::uint64_t done, std::uint64_t all) {
        core_.board->update(done, all);
      });
      core_.version.fetch_add(1);
    }
    report_.added = outcome.added;
    report_.nobody = core_.image->nobody_events() - nobody_before_;
    report_.repeated += outcome.duplicates;
    report_.conflicting += outcome.conflicts;
    record_.added = report_.added;
    record_.repeated = report_.repeated;
    record_.rows = at.rows;
    record_.events = report_.events;
    record_.finished_at = core_.clock.now();
    GUANXI_TRY_VOID(put_record());
    GUANXI_TRY_VOID(core_.log->commit());
    for (const std::uint64_t events : appended_) {
      core_.ordinals.add(events);
    }
    for (const auto& [code, count] : currencies_) {
      core_.currencies[code] += count;
    }
    {
      const std::unique_lock lock(core_.image_mutex);
      GUANXI_TRY_VOID(settle_people(core_, *core_.image, core_.ordinals, false));
      core_.version.fetch_add(1);
    }
    return settle(core_, "import", &report_);
  }

  EngineCore& core_;
  EventSource& source_;
  RunQueue read_{kQueued};
  RunQueue applied_{kQueued};
  Spares<Run> spares_;
  PeopleFinder finder_;
  Compactor compactor_;
  CurrencyCounts currencies_;
  std::vector<CompactEvent> compacts_;
  std::uint64_t next_ordinal_;
  bool at_door_ = false;
  std::uint64_t counted_refused_ = 0;  ///< taken into the count of the doors
  bool told_ = false;
  bool had_people_;
  std::uint64_t nobody_before_;
  ImportReport report_;
  SourceRecord record_;
  std::vector<std::uint64_t> appended_;
  std::mutex error_mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<PackedBatch> pack_events(std::span<const Event> events) {
  GUANXI_TRY(packed, pack_batch(BatchKind::columns, encode_events(events), events.size()));
  if (!events.empty()) {
    const auto [first, last] = std::minmax_element(
        events.begin(), events.end(),
        [](const Event& a, const Event& b) { return a.occurred_at < b.occurred_at; });
    packed.info.first_at = first->occurred_at;
    packed.info.last_at = last->occurred_at;
  }
  return packed;
}

Result<ImportReport> run_import(EngineCore& core, EventSource& source,
                                const Engine::ImportOptions& options) {
  std::optional<ImportRun> import(std::in_place, core, source, options);
  auto report = import->run();
  import.reset();
  if (!report) {
    // What was staged is forgotten; what was committed stays and counts.
    core.log->rollback();
    if (auto again = reload(core, "import"); !again && again.error().code == ErrorCode::corrupted) {
      return Unexpected{again.error()};
    }
    return Unexpected{report.error()};
  }
  return report;
}

}  // namespace guanxi
