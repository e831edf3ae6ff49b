#include "engine/engine.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/core.hpp"
#include "people/parallel.hpp"
#include "platform/time_zone.hpp"

namespace guanxi {
namespace {

// Says on the board how a work ended.
template <typename T>
Result<T> ended(EngineCore& core, Result<T> result) {
  core.board->end(result.has_value(), result ? std::string() : result.error().message);
  return result;
}

Result<void> load_model(EngineCore& core, LogReader* reader) {
  std::optional<ModelStep> step;
  if (reader != nullptr) {
    GUANXI_TRY(found, reader->active_model());
    step = found;
  }
  GUANXI_TRY(parsed, Model::parse(step ? step->toml : core.options.default_model_toml, load_zone));
  if (step) {
    GUANXI_TRY(calibration, calibration_from_json(step->calibration));
    core.model = std::make_unique<const Model>(parsed.with(calibration));
  } else {
    core.model = std::make_unique<const Model>(parsed.with({}));
  }
  core.model_logged = step.has_value();
  return {};
}

Result<void> load_settings(LogReader& reader, EngineCore& core) {
  GUANXI_TRY(currency, reader.setting(kCurrencySetting));
  if (currency && !currency->empty()) {
    GUANXI_TRY(brand, parse_currency(*currency));
    core.brand = brand;
  }
  return {};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Another process that reads the log hinders scrubbing; that is no reason not to open.
Result<void> unless_busy(Result<void> scrubbed) {
  return !scrubbed && scrubbed.error().code == ErrorCode::conflict ? Result<void>() : scrubbed;
}

// An erasure that was cut short is ended before anything is read; so is one that a log which was
// put back from a backup knows nothing of.
Result<void> resume_erasure(EngineCore& core) {
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY(erasing, reader.setting(kErasingSetting));
  GUANXI_TRY(purged, reader.setting(kPurgedSetting));
  const std::vector<std::string> ids = lines_of(erasing.value_or(""));
  if (ids.empty() && purged.value_or("") == core.erased.mark()) {
    return {};
  }
  if (!ids.empty()) {
    GUANXI_TRY_VOID(core.erased.add(core.disk, ids));
  }
  GUANXI_TRY(report, purge(core, ids));
  static_cast<void>(report);
  return unless_busy(finish_erasure(core));
}

Result<void> open_log(EngineCore& core) {
  if (core.options.read_only) {
    if (!core.disk.exists(core.paths.database)) {
      return fail(ErrorCode::not_found,
                  "there is no data in '" + core.options.folder + "': import some first");
    }
    return verify_mark(core.options.folder, core.disk, core.options.vfs);
  }
  GUANXI_TRY_VOID(core.disk.make_folder(core.options.folder));
  if (core.options.disk == nullptr) {
    GUANXI_TRY(lock, FileLock::take(core.paths.lock));
    core.folder_lock.emplace(std::move(lock));
  }
  GUANXI_TRY(log, EventLog::open({.folder = core.options.folder,
                                  .vfs = core.options.vfs,
                                  .disk = &core.disk,
                                  .background_checkpoints = core.options.vfs.empty(),
                                  .wal_room_bytes = core.options.wal_room_bytes}));
  core.log = std::move(log);
  return unless_busy(core.log->scrub());
}

// Whether everyone is folded already.
Result<bool> read_log(EngineCore& core) {
  const Resumed resumed = core.snapshots.load().value_or(Resumed{});
  GUANXI_TRY(outcome,
             replay(core, *core.image, resumed.batches > 0 ? resumed.brand : core.brand, resumed));
  if (outcome.erased_met > 0 && core.log != nullptr) {
    // A backup from before an erasure was put back.
    GUANXI_TRY(report, purge(core, {}));
    static_cast<void>(report);
    GUANXI_TRY_VOID(unless_busy(finish_erasure(core)));
    GUANXI_TRY_VOID(reload(core, "erase"));
    return true;
  }
  core.currencies = outcome.currencies;
  core.brand = outcome.brand;
  for (const std::uint64_t events : outcome.batch_events) {
    core.ordinals.add(events);
  }
  return outcome.folded;
}

// Folds everyone under the model as it was left, or settles what an interrupted work left open.
Result<void> fold_all(EngineCore& core, bool folded) {
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY(unsettled, reader.setting(kUnsettledSetting));
  const bool any = core.image->events() > 0;
  if ((unsettled && *unsettled == "1") || (any && !core.model_logged)) {
    return settle(core, "import");
  }
  const Day as_of = any ? core.model->zone.day_of(core.image->last_event_at()) : Day{0};
  if (folded && core.image->as_of() == as_of) {
    return {};
  }
  core.board->phase("fold", "people", core.image->people());
  core.image->refold(*core.model, as_of, core.threads,
                     [&](std::uint64_t done, std::uint64_t all) { core.board->update(done, all); });
  return {};
}

// What costs no reading of events: the log, the list of the erased, model and settings.
Result<void> open_quickly(EngineCore& core) {
  GUANXI_TRY_VOID(open_log(core));
  GUANXI_TRY(erased, ErasedIds::load(core.disk, core.options.folder));
  core.erased = std::move(erased);
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY_VOID(load_model(core, &reader));
  GUANXI_TRY_VOID(load_settings(reader, core));
  core.refresh_habits();
  return {};
}

Result<void> read_everything(EngineCore& core) {
  if (core.log != nullptr) {
    GUANXI_TRY_VOID(resume_erasure(core));
  }
  GUANXI_TRY(folded, read_log(core));
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY_VOID(core.fits.load(reader));
  GUANXI_TRY_VOID(fold_all(core, folded));
  core.fits.refresh();
  core.refresh_habits();
  return core.log == nullptr ? Result<void>() : recall_recent(core);
}

Result<void> make_door(EngineCore& core) {
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY(waiting, reader.waiting_rows());
  core.door = std::make_unique<Door>(core, waiting);
  core.snapshots.begin();
  core.fits.begin();
  return {};
}

Result<void> start(EngineCore& core) {
  GUANXI_TRY_VOID(open_quickly(core));
  GUANXI_TRY_VOID(read_everything(core));
  if (core.log == nullptr) {
    return {};
  }
  core.writer.settle_with([&core] { core.door->settle(); });
  return make_door(core);
}

// In the background of open_live(): the log is this thread's, and so is the image.
void read_in_background(EngineCore& core, std::promise<void>& locked, std::future<void>& go) {
  const std::lock_guard lock(core.writer);
  locked.set_value();
  go.wait();
  auto read = ended(core, read_everything(core));
  if (!read && core.door != nullptr) {
    core.door->refuse(Error{ErrorCode::unavailable, read.error().message});
  }
  core.opened.set_value(std::move(read));
  core.ready = true;
}

}  // namespace

void OrdinalIndex::clear() {
  const std::lock_guard lock(mutex_);
  first_.clear();
  total_ = 0;
}

void OrdinalIndex::add(std::uint64_t events) {
  const std::lock_guard lock(mutex_);
  first_.push_back(total_);
  total_ += events;
}

std::uint64_t OrdinalIndex::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::optional<OrdinalIndex::Place> OrdinalIndex::find(std::uint32_t ordinal) const {
  const std::lock_guard lock(mutex_);
  if (ordinal >= total_) {
    return std::nullopt;
  }
  const auto after = std::upper_bound(first_.begin(), first_.end(), std::uint64_t{ordinal});
  const auto batch = static_cast<std::uint64_t>(after - first_.begin());
  return Place{batch, ordinal - first_[batch - 1]};
}

EngineCore::EngineCore(const Engine::Options& given)
    : options(given),
      threads(given.threads == 0 ? default_threads() : given.threads),
      clock(given.clock != nullptr ? *given.clock : system_clock()),
      disk(given.disk != nullptr ? *given.disk : real_disk()),
      paths(given.folder),
      own_board(clock),
      board(given.board != nullptr ? given.board : &own_board),
      image(std::make_unique<Image>(given.shards)),
      recent(given.recent_ids_most) {}

Result<LogReader> EngineCore::reader() const {
  return LogReader::open(paths.database, options.vfs);
}

Result<void> EngineCore::writable() const {
  if (log == nullptr) {
    return fail(ErrorCode::unavailable, "the data was opened for reading only");
  }
  if (const auto failure = log->failure()) {
    return Unexpected{*failure};
  }
  return {};
}

Day EngineCore::today() const {
  const std::lock_guard lock(habits_mutex);
  return habits->zone.day_of(clock.now());
}

void EngineCore::refresh_habits() {
  auto fresh = std::make_shared<const Engine::Habits>(
      Engine::Habits{model->currency.named() ? model->currency : brand, model->zone});
  const std::lock_guard lock(habits_mutex);
  habits = std::move(fresh);
}

Engine::Engine(std::unique_ptr<EngineCore> core) : core_(std::move(core)) {}
Engine::~Engine() {
  if (core_->reading.joinable()) {
    core_->reading.join();
  }
}

Result<std::unique_ptr<Engine>> Engine::open(const Options& options) {
  auto core = std::make_unique<EngineCore>(options);
  core->board->begin("open", options.folder);
  GUANXI_TRY_VOID(ended(*core, start(*core)));
  core->opened.set_value({});
  core->ready = true;
  return std::unique_ptr<Engine>(new Engine(std::move(core)));
}

Result<std::unique_ptr<Engine>> Engine::open_live(const Options& options) {
  GUANXI_CHECK(!options.read_only, "a live engine writes");
  auto core = std::make_unique<EngineCore>(options);
  core->board->begin("open", options.folder);
  if (auto opened = open_quickly(*core); !opened) {
    return ended<std::unique_ptr<Engine>>(*core, Unexpected{opened.error()});
  }
  std::promise<void> locked;
  std::promise<void> go;
  std::future<void> gone = go.get_future();
  EngineCore& shared = *core;
  core->reading = std::jthread([&shared, &locked, gone = std::move(gone)]() mutable {
    read_in_background(shared, locked, gone);
  });
  locked.get_future().wait();
  // The door finds the log taken, and puts aside what comes.
  core->writer.settle_with([&shared] {
    if (shared.door != nullptr) {
      shared.door->settle();
    }
  });
  const auto made = make_door(*core);
  go.set_value();
  if (!made) {
    return Unexpected{made.error()};
  }
  return std::unique_ptr<Engine>(new Engine(std::move(core)));
}

bool Engine::ready() const { return core_->ready; }

Result<void> Engine::wait_ready() { return core_->opening.get(); }

std::shared_ptr<const Engine::Habits> Engine::habits() const {
  const std::lock_guard lock(core_->habits_mutex);
  return core_->habits;
}

ReadAccess Engine::read() const {
  if (!core_->ready) {
    core_->opening.wait();
  }
  return {core_->image_mutex, *core_->image, core_->model};
}
void Engine::show_next_needs(std::shared_ptr<const NextNeeds> needs) {
  const std::unique_lock lock(core_->image_mutex);
  core_->image->set_next_needs(std::move(needs));
  ++core_->version;
}
std::uint64_t Engine::resumed_events() const { return core_->snapshots.resumed_events(); }
std::uint64_t Engine::version() const { return core_->version.load(); }
WorkBoard& Engine::board() const { return *core_->board; }
FitDesk& Engine::fits() const { return core_->fits; }
Result<LogReader> Engine::log() const { return core_->reader(); }

std::optional<Error> Engine::read_only_because() const {
  const auto writable = core_->writable();
  return writable ? std::nullopt : std::optional<Error>(writable.error());
}

Currency Engine::currency() const { return habits()->currency; }

Result<std::uint64_t> Engine::refused_total() const {
  GUANXI_TRY(reader, core_->reader());
  GUANXI_TRY(sources, reader.sources());
  GUANXI_TRY(at_door, reader.setting(kDoorRefusedSetting));
  std::uint64_t total = 0;
  if (at_door) {
    std::from_chars(at_door->data(), at_door->data() + at_door->size(), total);
  }
  for (const SourceRecord& source : sources) {
    total += source.refused;
  }
  return total;
}

Result<void> Engine::original(std::uint32_t ordinal,
                              const std::function<void(const Event&)>& visit) const {
  return originals({&ordinal, 1}, [&](std::size_t, const Event& event) { visit(event); });
}

Result<void> Engine::originals(
    std::span<const std::uint32_t> ordinals,
    const std::function<void(std::size_t place, const Event&)>& visit) const {
  const std::lock_guard lock(core_->decoded_mutex);
  for (std::size_t i = 0; i < ordinals.size(); ++i) {
    const auto place = core_->ordinals.find(ordinals[i]);
    if (!place) {
      return fail(ErrorCode::not_found, "there is no event " + std::to_string(ordinals[i]));
    }
    if (core_->decoded == nullptr || core_->decoded->seq != place->seq) {
      GUANXI_TRY(reader, core_->reader());
      GUANXI_TRY(stored, reader.read(place->seq));
      auto decoded = std::make_shared<DecodedBatch>();
      decoded->seq = place->seq;
      GUANXI_TRY_VOID(
          decode_stored(stored.info, std::move(stored.payload), decoded->batch, nullptr));
      core_->decoded = std::move(decoded);
    }
    visit(i, core_->decoded->batch.events.at(place->row));
  }
  return {};
}

Result<ImportReport> Engine::import(EventSource& source, const ImportOptions& options) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  core_->board->begin("import", options.name);
  return ended(*core_, run_import(*core_, source, options));
}

Result<void> Engine::activate_model(std::string_view toml) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  GUANXI_TRY(model, Model::parse(toml, load_zone));
  core_->board->begin("activate", model.name + " " + model.version);
  {
    const std::unique_lock exclusive(core_->image_mutex);
    core_->model = std::make_unique<const Model>(model.with({}));
    core_->model_logged = false;
  }
  return ended(*core_, settle(*core_, "use"));
}

Result<EraseReport> Engine::erase(std::string_view id) {
  const std::string one(id);
  return erase_all({&one, 1});
}

Result<EraseReport> Engine::erase_all(std::span<const std::string> asked) {
  const std::lock_guard lock(core_->writer);
  GUANXI_TRY_VOID(core_->writable());
  std::set<PersonRef> people;
  for (const std::string& id : asked) {
    if (const auto person = core_->image->find(parse_external_id(id))) {
      people.insert(*person);
    }
  }
  if (people.empty()) {
    return fail(ErrorCode::not_found,
                asked.size() == 1 ? "nobody is known as '" + asked.front().substr(0, 80) + "'"
                                  : "nobody is known by any of these ids");
  }
  std::vector<std::string> ids;
  std::string lines;
  for (const PersonRef person : people) {
    for (std::string& each : core_->image->ids(person)) {
      lines += each + "\n";
      ids.push_back(std::move(each));
    }
  }
  core_->board->begin("erase", "");
  const auto work = [&]() -> Result<EraseReport> {
    GUANXI_TRY_VOID(core_->snapshots.forget());
    // From here on the erasure is ended even if the process is not: open() takes it up again.
    GUANXI_TRY_VOID(core_->log->put_setting(kErasingSetting, lines));
    GUANXI_TRY_VOID(core_->log->commit());
    GUANXI_TRY_VOID(core_->erased.add(core_->disk, ids));
    GUANXI_TRY(report, purge(*core_, ids));
    core_->feed.forget();
    GUANXI_TRY_VOID(reload(*core_, "erase"));
    GUANXI_TRY_VOID(finish_erasure(*core_));
    report.people = people.size();
    return report;
  };
  return ended(*core_, work());
}

Result<SnapshotReport> Engine::write_snapshot(std::uint64_t least_new_events) {
  GUANXI_TRY_VOID(wait_ready());
  return core_->snapshots.write(least_new_events, core_->threads);
}

Result<void> Engine::backup(const std::string& target) {
  const std::lock_guard lock(core_->writer);
  core_->board->begin("backup", target);
  core_->board->phase("copy", "pages", 0);
  return ended(*core_, backup_log(core_->paths.database, target,
                                  [this](std::uint64_t done, std::uint64_t total) {
                                    core_->board->update(done, total);
                                    return true;
                                  }));
}

Result<void> Engine::restore(const std::string& backup, const std::string& folder,
                             const LogProgress& progress) {
  GUANXI_TRY_VOID(real_disk().make_folder(folder));
  GUANXI_TRY(lock, FileLock::take(LogPaths(folder).lock));
  GUANXI_TRY_VOID(restore_log(backup, folder, progress));
  return real_disk().remove(SnapshotKeeper::path_in(folder));
}

Result<CheckReport> Engine::check() {
  const std::lock_guard lock(core_->writer);
  core_->board->begin("check", core_->paths.database);
  const auto work = [this]() -> Result<CheckReport> {
    CheckReport report;
    core_->board->phase("read", "batches", 0);
    GUANXI_TRY(log, check_log(
                        core_->paths.database, core_->paths.mark, core_->disk,
                        [this](std::uint64_t done, std::uint64_t total) {
                          core_->board->update(done, total);
                          return true;
                        },
                        core_->options.vfs));
    report.log = std::move(log);
    if (!report.log.problems.empty()) {
      return report;
    }
    const Day as_of = core_->image->as_of();
    report.live = digest(*core_->image, *core_->model, as_of, core_->threads);
    Image rebuilt(core_->options.shards + 1);
    GUANXI_TRY(outcome, replay(*core_, rebuilt, core_->brand));
    static_cast<void>(outcome);
    rebuilt.refold(*core_->model, as_of, core_->threads);
    report.rebuilt = digest(rebuilt, *core_->model, as_of, core_->threads);
    rebuilt.clear();
    GUANXI_TRY(snapshot, core_->snapshots.look(report.live));
    report.snapshot = std::move(snapshot);
    return report;
  };
  return ended(*core_, work());
}

}  // namespace guanxi
