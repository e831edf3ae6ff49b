#include "engine/snapshot.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>

#include "engine/core.hpp"
#include "people/image_parts.hpp"
#include "platform/log.hpp"

namespace guanxi {
namespace {

using Lines = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kMadeBy = "guanxi " GUANXI_VERSION;
constexpr auto kLookAgain = std::chrono::seconds(1);
constexpr std::uint64_t kEighth = 8;      // of what it holds must be new
constexpr std::int64_t kRestFactor = 10;  // writing takes a tenth of the time at most
constexpr std::uint64_t kBindingMost = std::uint64_t{1} << 20U;
constexpr std::uint64_t kRoomLeft = std::uint64_t{64} << 20U;  // on the disk, for the log

std::string hex_of(const Hash128& hash) {
  std::array<char, 36> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text.data();
}

std::uint64_t whole_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Everything that a model and its calibration say.
std::string fingerprint(const Model& model) {
  return hex_of(hash128(model.source + '\n' + to_json(model.calibration)));
}

std::string text_of(const CurrencyCounts& counts) {
  std::string text;
  for (const auto& [code, count] : counts) {
    text += (text.empty() ? "" : ",") + std::string(code.data(), code.size()) + ':' +
            std::to_string(count);
  }
  return text;
}

CurrencyCounts counts_of(std::string_view text) {
  CurrencyCounts counts;
  while (text.size() > 4 && text[3] == ':') {
    std::array<char, 3> code{};
    std::copy_n(text.begin(), code.size(), code.begin());
    const std::size_t end = std::min(text.find(','), text.size());
    counts[code] = whole_of(text.substr(4, end - 4));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return counts;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const auto& [key, value] : lines) {
    text += key + ' ' + value + '\n';
  }
  return text;
}

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t space = std::min(line.find(' '), line.size());
    lines.emplace(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string value_of(const Lines& lines, std::string_view key) {
  const auto found = lines.find(key);
  return found == lines.end() ? std::string() : found->second;
}

/// Which log, how much of it: the same at writing and at reading, or the file is of no use.
/// `decision`: the last one that counts.
Result<Lines> lines_of_log(EngineCore& core, std::uint64_t batches, std::uint64_t events,
                           std::uint64_t decision) {
  GUANXI_TRY(reader, core.reader());
  Lines lines;
  lines["made_by"] = kMadeBy;
  lines["batches"] = std::to_string(batches);
  lines["events"] = std::to_string(events);
  lines["erased"] = core.erased.mark();
  GUANXI_TRY(epoch, reader.epoch());
  lines["epoch"] = std::to_string(epoch);
  GUANXI_TRY(info, reader.info(batches));
  lines["chain"] = info ? hex_of(info->chain) : "";
  GUANXI_TRY(decisions, reader.decisions());
  std::string text;
  for (const DecisionRecord& record : decisions) {
    if (record.number <= decision) {
      text += std::to_string(record.number) + '\n' + record.kind + '\n' + record.first_id + '\n' +
              record.second_id + '\n';
    }
  }
  lines["decisions"] = hex_of(hash128(text));
  lines["decision"] = std::to_string(decision);
  return lines;
}

}  // namespace

std::string SnapshotKeeper::path_in(const std::string& folder) { return folder + "/guanxi.image"; }

SnapshotKeeper::~SnapshotKeeper() { give_up_.fetch_add(1); }

// Reading.

std::optional<Resumed> SnapshotKeeper::load() {
  const std::string path = path_in(core_.options.folder);
  if (core_.log != nullptr) {
    // What a write that was cut short left behind.
    static_cast<void>(core_.disk.remove(ImageFileWriter::beside(path)));
  }
  if (!core_.disk.exists(path)) {
    return std::nullopt;
  }
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  core_.board->phase("snapshot", "", 0);
  auto image = std::make_unique<Image>(core_.options.shards);
  auto file = ImageFileReader::open(core_.disk, path);
  auto resumed = file ? read_file(*file, *image) : Result<Resumed>(forward_error(file));
  if (!resumed) {
    log_line(LogLevel::warning, "snapshot_discarded", {{"reason", resumed.error().message}});
    if (core_.log != nullptr) {
      static_cast<void>(forget());
    }
    return std::nullopt;
  }
  core_.image = std::move(image);
  events_ = resumed->folded ? resumed->events : 0;
  resumed_events_ = resumed->events;
  log_line(LogLevel::info, "snapshot_read",
           {{"events", core_.image->events()},
            {"bytes", file->file_bytes()},
            {"folded", resumed->folded},
            {"seconds", static_cast<double>(core_.clock.monotonic_ns() - began_ns) / 1e9}});
  return *std::move(resumed);
}

Result<Resumed> SnapshotKeeper::read_file(ImageFileReader& file, Image& image) {
  const ImageSection* section = file.find(ImagePart::binding);
  if (section == nullptr || section->bytes() > kBindingMost) {
    return fail(ErrorCode::corrupted, "it does not say what it was made of");
  }
  std::string binding(section->bytes(), '\0');
  file.want(*section, 0, std::as_writable_bytes(std::span(binding)));
  GUANXI_TRY_VOID(file.read(1));
  GUANXI_TRY(resumed, match(binding));
  GUANXI_TRY_VOID(
      ImageParts::load(file, image, resumed.folded ? core_.model.get() : nullptr, core_.threads));
  resumed.folded = resumed.folded && ImageParts::sample_agrees(image);
  return resumed;
}

// Errors: corrupted, with the first difference.
Result<Resumed> SnapshotKeeper::match(const std::string& binding) {
  const Lines found = lines_of(binding);
  Resumed resumed;
  resumed.batches = whole_of(value_of(found, "batches"));
  resumed.decision = whole_of(value_of(found, "decision"));
  GUANXI_TRY(reader, core_.reader());
  GUANXI_TRY(infos, reader.batches());
  if (infos.size() < resumed.batches) {
    return fail(ErrorCode::corrupted, "it holds " + std::to_string(resumed.batches) +
                                          " batches, and the log has " +
                                          std::to_string(infos.size()));
  }
  std::uint64_t events = 0;
  for (std::uint64_t i = 0; i < resumed.batches; ++i) {
    events += infos[i].events;
  }
  GUANXI_TRY(wanted, lines_of_log(core_, resumed.batches, events, resumed.decision));
  for (const auto& [key, value] : wanted) {
    if (value_of(found, key) != value) {
      return fail(ErrorCode::corrupted,
                  "its " + key + " is '" + value_of(found, key) + "', not '" + value + "'");
    }
  }
  const std::string brand = value_of(found, "brand");
  if (core_.brand.named() && core_.brand.text() != brand) {
    return fail(ErrorCode::corrupted,
                "its currency is '" + brand + "', not '" + std::string(core_.brand.text()) + "'");
  }
  if (!brand.empty()) {
    GUANXI_TRY(currency, parse_currency(brand));
    resumed.brand = currency;
  }
  resumed.currencies = counts_of(value_of(found, "currencies"));
  resumed.folded = value_of(found, "model") == fingerprint(*core_.model);
  resumed.events = events;
  return resumed;
}

Result<SnapshotState> SnapshotKeeper::look(const Digest& live) {
  SnapshotState state;
  const std::string path = path_in(core_.options.folder);
  const std::lock_guard one(file_);
  state.there = core_.disk.exists(path);
  if (!state.there) {
    return state;
  }
  const auto whole = [&]() -> Result<void> {
    GUANXI_TRY(file, ImageFileReader::open(core_.disk, path));
    GUANXI_TRY_VOID(file.check(core_.threads));
    Image image(core_.options.shards);
    GUANXI_TRY(resumed, read_file(file, image));
    state.events = resumed.events;
    if (resumed.folded && !ImageParts::sample_agrees(image, image.people())) {
      return fail(ErrorCode::corrupted, "somebody in it stands elsewhere than their events say");
    }
    GUANXI_TRY(outcome, replay(core_, image, resumed.brand, resumed));
    static_cast<void>(outcome);
    const Day as_of = core_.image->as_of();
    image.refold(*core_.model, as_of, core_.threads);
    return digest(image, *core_.model, as_of, core_.threads) == live
               ? Result<void>()
               : fail(ErrorCode::corrupted, "with what came since it makes other people");
  };
  const Result<void> good = whole();
  state.good = good.has_value();
  state.reason = good ? "" : good.error().message;
  return state;
}

Result<void> SnapshotKeeper::forget() {
  give_up_.fetch_add(1);
  const std::lock_guard one(file_);
  give_up_.fetch_sub(1);
  events_ = 0;
  const std::string path = path_in(core_.options.folder);
  if (!core_.disk.exists(path) && !core_.disk.exists(ImageFileWriter::beside(path))) {
    return {};
  }
  GUANXI_TRY_VOID(core_.disk.remove(path));
  GUANXI_TRY_VOID(core_.disk.remove(ImageFileWriter::beside(path)));
  return core_.disk.sync_folder(core_.options.folder);
}

// Writing.

Result<SnapshotReport> SnapshotKeeper::write(std::uint64_t least_new, unsigned threads) {
  GUANXI_TRY_VOID(core_.writable());
  const std::lock_guard turn(turn_);
  // From here on log and image say the same, until the writer is let go.
  std::unique_lock writer(core_.writer);
  auto report = write_held(least_new, threads, writer);
  if (!report) {
    log_line(LogLevel::warning, "snapshot_failed", {{"reason", report.error().message}});
  } else if (report->written) {
    log_line(LogLevel::info, "snapshot_written",
             {{"events", report->events},
              {"bytes", report->bytes},
              {"seconds", report->seconds},
              {"readable_seconds", report->readable_seconds}});
  }
  return report;
}

// Why there is nothing to write.
std::string SnapshotKeeper::trouble(std::uint64_t least_new) const {
  const Image& image = *core_.image;
  if (!image.folded() || image.people_unsettled() || core_.image_doubtful) {
    return "the image is not settled";
  }
  const std::uint64_t total = core_.ordinals.total();
  if (total < events_ + std::max<std::uint64_t>(least_new, 1)) {
    return std::to_string(total - std::min<std::uint64_t>(events_, total)) + " events are new";
  }
  return "";
}

Result<SnapshotReport> SnapshotKeeper::write_held(std::uint64_t least_new, unsigned threads,
                                                  std::unique_lock<WriterLock>& writer) {
  SnapshotReport report;
  report.why_not = trouble(least_new);
  if (!report.why_not.empty()) {
    return report;
  }
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  GUANXI_TRY(reader, core_.reader());
  GUANXI_TRY(decisions, reader.decisions());
  report.events = core_.ordinals.total();
  GUANXI_TRY(lines, lines_of_log(core_, core_.log->last_seq(), report.events,
                                 decisions.empty() ? 0 : decisions.back().number));
  const std::lock_guard one(file_);
  std::shared_lock readable(core_.image_mutex);
  lines["brand"] = core_.brand.text();
  lines["currencies"] = text_of(core_.currencies);
  lines["model"] = fingerprint(core_.image->model());
  writer.unlock();
  const std::string binding = joined(lines);
  ImageFileWriter file;
  file.add_copy(ImagePart::binding, std::span<const char>(binding));
  ImageParts::plan(*core_.image, file);
  const Result<void> written = write_file(file, threads);
  readable.unlock();
  report.readable_seconds = static_cast<double>(core_.clock.monotonic_ns() - began_ns) / 1e9;
  const Result<void> kept = written ? file.keep(give_up_) : written;
  if (!kept) {
    static_cast<void>(core_.disk.remove(ImageFileWriter::beside(path_in(core_.options.folder))));
    return Unexpected{kept.error()};
  }
  events_ = report.events;
  report.written = true;
  report.bytes = file.bytes();
  ended_ns_ = core_.clock.monotonic_ns();
  took_ns_ = ended_ns_ - began_ns;
  report.seconds = static_cast<double>(took_ns_) / 1e9;
  return report;
}

Result<void> SnapshotKeeper::write_file(ImageFileWriter& file, unsigned threads) {
  GUANXI_TRY(room, core_.disk.free_bytes(core_.options.folder));
  if (room < file.planned_bytes() + kRoomLeft) {
    return fail(ErrorCode::unavailable, "the disk has no room for the " +
                                            std::to_string(file.planned_bytes()) +
                                            " bytes of a snapshot");
  }
  return file.write(core_.disk, path_in(core_.options.folder), threads, give_up_);
}

void SnapshotKeeper::begin() {
  if (core_.options.snapshot_every_events > 0) {
    writing_ = std::jthread([this](const std::stop_token& stop) { keep_writing(stop); });
  }
}

bool SnapshotKeeper::due() const {
  const std::uint64_t total = core_.ordinals.total();
  const std::uint64_t fresh = total - std::min<std::uint64_t>(events_, total);
  return core_.ready && fresh >= core_.options.snapshot_every_events &&
         fresh >= events_ / kEighth &&
         core_.clock.monotonic_ns() - ended_ns_ >= took_ns_ * kRestFactor;
}

void SnapshotKeeper::keep_writing(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(sleep_mutex_);
      wake_.wait_for(lock, stop, kLookAgain, [] { return false; });
    }
    if (!stop.stop_requested() && due()) {
      const auto written = write(core_.options.snapshot_every_events, 1);
      if (!written) {  // was told; not again at once
        ended_ns_ = core_.clock.monotonic_ns();
        took_ns_ = std::max<std::int64_t>(took_ns_, std::int64_t{60} * 1'000'000'000);
      }
    }
  }
}

}  // namespace guanxi
