#include "engine/need_desk.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "people/parallel.hpp"
#include "platform/log.hpp"

namespace guanxi {
namespace {

constexpr auto kLookAgain = std::chrono::seconds(20);
constexpr std::size_t kTitlesAtOnce = 256;

}  // namespace

std::vector<std::string> titles_of(const Engine& engine, const NeedModel& model,
                                   const std::function<bool()>& stop) {
  std::vector<std::string> titles(model.facts().size());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> wanted;  // ordinal, product
  for (std::uint32_t product = 0; product < titles.size(); ++product) {
    if (model.facts()[product].latest_s != 0) {
      wanted.emplace_back(model.facts()[product].latest_ordinal, product);
    }
  }
  std::sort(wanted.begin(), wanted.end());
  for (std::size_t first = 0; first < wanted.size() && !(stop && stop());) {
    const std::size_t end = std::min(wanted.size(), first + kTitlesAtOnce);
    std::vector<std::uint32_t> ordinals;
    for (std::size_t i = first; i < end; ++i) {
      ordinals.push_back(wanted[i].first);
    }
    const auto read = engine.originals(ordinals, [&](std::size_t place, const Event& event) {
      titles[wanted[first + place].second] = std::string(event.title);
    });
    if (!read) {
      log_line(LogLevel::warning, "titles_not_read", {{"why", read.error().message}});
    }
    first = end;
  }
  return titles;
}

NeedDesk::NeedDesk(std::shared_ptr<Engine> engine, const Options& options, Clock& clock)
    : engine_(std::move(engine)), options_(options), clock_(clock), board_(clock) {
  if (options_.needs.threads == 0) {
    options_.needs.threads = std::max(1U, default_threads() / 2);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

NeedDesk::~NeedDesk() { stop(); }

void NeedDesk::stop() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

std::shared_ptr<const NeedReport> NeedDesk::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

Result<void> NeedDesk::rebuild(std::optional<std::uint32_t> horizon_days) {
  const std::lock_guard lock(mutex_);
  if (asked_ || busy_) {
    return fail(ErrorCode::conflict, "needs are being worked out already");
  }
  if (horizon_days && (*horizon_days < 1 || *horizon_days > 365)) {
    return fail(ErrorCode::invalid, "the horizon must be 1 to 365 days");
  }
  options_.needs.horizon_days = horizon_days.value_or(options_.needs.horizon_days);
  asked_ = true;
  changed_.notify_all();
  return {};
}

bool NeedDesk::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  const bool had_any = asked_ || busy_;
  asked_ = false;
  return had_any;
}

// By itself once for each day, and when the image has lost what was hung into it.
bool NeedDesk::wanted() {
  const bool had_one = latest() != nullptr;
  const ReadAccess access = engine_->read();
  const Image& image = access.image();
  if (!image.folded() || image.as_of() == kNoDay || image.events() == 0) {
    return false;
  }
  const bool lost = had_one && image.next_needs() == nullptr;
  if (image.as_of() == tried_ && !lost) {
    return false;
  }
  tried_ = image.as_of();
  return true;
}

void NeedDesk::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool by_itself = options_.by_itself && wanted();
    std::unique_lock lock(mutex_);
    if (asked_ || by_itself) {
      asked_ = false;
      busy_ = true;
      cancelled_ = false;
      lock.unlock();
      build(stop);
      lock.lock();
      busy_ = false;
      continue;
    }
    changed_.wait_for(lock, stop, kLookAgain, [this] { return asked_; });
  }
}

void NeedDesk::build(const std::stop_token& stop) {
  board_.begin("needs", "");
  auto report = work(stop);
  if (!report) {
    board_.end(false, report.error().message);
    log_line(LogLevel::info, "needs_not_built", {{"why", report.error().message}});
    return;
  }
  board_.end(true, "");
  log_line(LogLevel::info, "needs_built",
           {{"products", std::uint64_t{(*report)->model->products().size()}},
            {"milliseconds", static_cast<std::uint64_t>((*report)->seconds * 1000)}});
  const std::lock_guard lock(mutex_);
  latest_ = *std::move(report);
}

Result<std::shared_ptr<const NeedReport>> NeedDesk::work(const std::stop_token& stop) {
  NeedOptions options;
  {
    const std::lock_guard lock(mutex_);
    options = options_.needs;
  }
  const std::int64_t began_ns = clock_.monotonic_ns();
  const auto ended = [&] { return stop.stop_requested() || cancelled_.load(); };
  const ForShards shards = [&](std::string_view phase, const ShardWork& work) -> Result<void> {
    std::uint32_t count = 1;
    std::uint64_t done = 0;
    for (std::uint32_t shard = 0; shard < count; ++shard) {
      if (ended()) {
        return fail(ErrorCode::conflict, "it was stopped");
      }
      const ReadAccess access = engine_->read();
      if (shard == 0) {
        count = access.image().shards();
        board_.phase(std::string(phase), "people", access.image().people());
      }
      work(access.image(), access.model(), shard);
      done += access.image().people(shard);
      board_.update(done, access.image().people());
    }
    return {};
  };
  const Day day = engine_->read().image().as_of();
  if (day == kNoDay) {
    return fail(ErrorCode::invalid, "there are no events yet");
  }
  GUANXI_TRY(model, NeedModel::build(shards, day, options));
  GUANXI_TRY(next, NextNeeds::of(model, shards, options.threads));
  board_.phase("titles", "products", model->products().size());
  auto report = std::make_shared<NeedReport>();
  report->titles = titles_of(*engine_, *model, ended);
  if (ended()) {
    return fail(ErrorCode::conflict, "it was stopped");
  }
  report->model = model;
  report->built_at = clock_.now();
  report->seconds = static_cast<double>(clock_.monotonic_ns() - began_ns) / 1e9;
  engine_->show_next_needs(std::move(next));
  return std::shared_ptr<const NeedReport>(std::move(report));
}

}  // namespace guanxi
