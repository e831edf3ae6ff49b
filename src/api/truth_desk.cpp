#include "api/truth_desk.hpp"

#include <utility>

#include "platform/log.hpp"

namespace guanxi::api {

TruthDesk::TruthDesk(std::shared_ptr<const Brand> brand) : brand_(std::move(brand)) {}

TruthDesk::~TruthDesk() { stop(); }

Result<void> TruthDesk::begin(const Ask& ask) {
  const std::lock_guard lock(mutex_);
  if (running_) {
    return fail(ErrorCode::conflict, "one is running: " + to_string(ask_->at) + ", " +
                                         std::to_string(ask_->horizon_days) + " days");
  }
  ask_ = ask;
  running_ = true;
  stopping_ = false;
  board_.begin("validate", to_string(ask.at));
  thread_ = std::jthread([this, ask] { work(ask); });
  return {};
}

void TruthDesk::stop() { stopping_ = true; }

void TruthDesk::work(const Ask& ask) {
  Result<TruthRun> run = stand(ask);
  if (run) {
    keep(std::move(run).value());
  } else {
    log_line(LogLevel::info, "validation_ended", {{"reason", run.error().message}});
  }
  const std::lock_guard lock(mutex_);
  board_.end(run.has_value(), run ? std::string() : run.error().message);
  running_ = false;
}

Result<TruthRun> TruthDesk::stand(const Ask& ask) {
  TruthRun run;
  std::string phase;
  ValidationWork work;
  work.stopped = [this] { return stopping_.load(); };
  work.progress = [&](std::string_view name, std::uint64_t done, std::uint64_t total) {
    if (phase != name) {
      phase = name;
      board_.phase(phase, phase == "fold" ? "people" : "models", total);
    }
    board_.update(done, total);
  };
  Result<Testimony> testimony = fail(ErrorCode::unavailable, "nothing was read");
  GUANXI_TRY_VOID(brand_->read([&](const Brand::View& view) {
    run.model_name = view.model.name;
    run.model_version = view.model.version;
    run.model_hash = view.model.hash;
    run.currency = view.currency;
    testimony = bear_witness(view.image, view.model, ask.at, ask.horizon_days, work);
  }));
  GUANXI_TRY(known, std::move(testimony));
  GUANXI_TRY(validation, judge(known, work));
  run.validation = std::move(validation);
  run.testimony = std::move(known);
  run.finished_at = system_clock().now();
  return run;
}

void TruthDesk::keep(TruthRun run) {
  const std::lock_guard lock(mutex_);
  run.number = next_++;
  std::size_t listed = run.testimony.people.size();
  kept_.insert(kept_.begin(), std::make_shared<const TruthRun>(std::move(run)));
  if (kept_.size() > kRunsMost) {
    kept_.pop_back();
  }
  for (std::size_t i = 1; i < kept_.size(); ++i) {
    listed += kept_[i]->testimony.people.size();
    if (listed > kListedMost && kept_[i]->listed) {
      TruthRun figures = *kept_[i];
      figures.listed = false;
      figures.testimony.people = {};
      for (Judgement& judgement : figures.validation.judgements) {
        judgement.tenths = {};
        judgement.said = {};
      }
      kept_[i] = std::make_shared<const TruthRun>(std::move(figures));
    }
  }
}

std::optional<TruthDesk::Doing> TruthDesk::doing() const {
  const std::lock_guard lock(mutex_);
  if (!ask_) {
    return std::nullopt;
  }
  const std::optional<Work> current = board_.current();
  return Doing{*ask_, running_, current ? *current : board_.last().value_or(Work{})};
}

std::vector<std::shared_ptr<const TruthRun>> TruthDesk::runs() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

std::shared_ptr<const TruthRun> TruthDesk::run(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  for (const auto& run : kept_) {
    if (run->number == number) {
      return run;
    }
  }
  return nullptr;
}

}  // namespace guanxi::api
