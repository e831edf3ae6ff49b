#include "engine/fit_desk.hpp"

#include <algorithm>
#include <chrono>

#include "engine/core.hpp"
#include "people/people_classes.hpp"
#include "people/people_values.hpp"
#include "people/purchase_histories.hpp"
#include "people/rhythm.hpp"
#include "platform/log.hpp"

namespace guanxi {
namespace {

constexpr auto kLookAgain = std::chrono::seconds(1);
constexpr std::int64_t kRestFactor = 20;  // fitting by itself takes a twentieth of the time at most

Error stopped() { return Error{ErrorCode::conflict, "the fit was stopped; nothing of it is kept"}; }
Error busy() {
  return Error{ErrorCode::conflict, "a fit is under way: wait for it, or stop it first"};
}

// One line on how it went.
std::string outcome_of(const PurchaseFit& fit) {
  if (!fit.used()) {
    return "not used: " + fit.buying_refused;
  }
  return name_of(fit.buying->model.kind()) + ", " + std::to_string(fit.customers) + " customers";
}

}  // namespace

FitDesk::FitDesk(EngineCore& core) : core_(core), board_(core.clock) {}

FitDesk::~FitDesk() {
  closing_ = true;
  board_.ask_cancel();
}

Result<void> FitDesk::load(LogReader& reader) {
  GUANXI_TRY(records, reader.fits());
  const std::lock_guard lock(mutex_);
  fits_.clear();
  used_.reset();
  for (const FitRecord& record : records) {
    GUANXI_TRY(fit, purchase_fit_from_json(record.parameters));
    fits_.push_back(std::make_shared<const LoggedFit>(
        LoggedFit{record.number, record.fitted_at, record.cause, record.actor, std::move(fit)}));
    if (record.used) {
      used_ = fits_.back();
    }
  }
  return {};
}

void FitDesk::begin() {
  fitting_ = std::jthread([this](const std::stop_token& stop) { keep_fitting(stop); });
}

std::vector<SharedFit> FitDesk::fits() const {
  const std::lock_guard lock(mutex_);
  return fits_;
}

SharedFit FitDesk::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

Rhythm FitDesk::rhythm() const {
  const SharedFit fit = used();
  return fit == nullptr ? Rhythm{} : rhythm_of(fit->fit.buying->model);
}

Result<void> FitDesk::ask(const FitRequest& request) {
  GUANXI_TRY_VOID(core_.writable());
  {
    const std::lock_guard lock(mutex_);
    if (request_ || working_) {
      return Unexpected{busy()};
    }
    request_ = request;
  }
  wake_.notify_all();
  return {};
}

bool FitDesk::cancel() {
  const std::lock_guard lock(mutex_);
  const bool waiting = request_.has_value();
  request_.reset();
  if (working_) {
    board_.ask_cancel();
  }
  return waiting || working_;
}

Result<SharedFit> FitDesk::fit_now(const FitRequest& request) {
  GUANXI_TRY_VOID(core_.writable());
  if (!core_.ready) {
    core_.opening.wait();
  }
  if (working_.exchange(true)) {
    return Unexpected{busy()};
  }
  auto done = work(request);
  working_ = false;
  return done;
}

// REQUIRES working_ set by the caller.
Result<SharedFit> FitDesk::work(const FitRequest& request) {
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  board_.begin("fit", std::string(name_of(request.choice)));
  if (closing_) {
    board_.ask_cancel();
  }
  auto fitted = fit(request);
  Result<SharedFit> kept =
      fitted ? keep(request, std::move(*fitted)) : Result<SharedFit>(Unexpected{fitted.error()});
  if (kept) {
    const Result<void> classes = classify();
    const std::lock_guard lock(mutex_);
    classified_ = (*kept)->fit.as_of;
    no_classes_ = classes ? std::string() : classes.error().message;
  }
  ended_ns_ = core_.clock.monotonic_ns();
  took_ns_ = ended_ns_ - began_ns;
  board_.end(kept.has_value(), kept ? outcome_of((*kept)->fit) : kept.error().message);
  return kept;
}

Result<PurchaseFit> FitDesk::fit(const FitRequest& request) {
  std::vector<PersonPurchases> people;
  Day as_of;
  {
    const std::shared_lock lock(core_.image_mutex);
    if (!core_.image->folded() || core_.image->events() == 0) {
      return fail(ErrorCode::invalid, "there are no events yet to fit to");
    }
    as_of = core_.image->as_of();
    board_.phase("gather", "people", core_.image->people());
    people = purchase_histories(
        *core_.image, *core_.model, as_of, core_.threads,
        [this](std::uint64_t done, std::uint64_t all) { board_.update(done, all); });
  }
  {
    const std::lock_guard lock(mutex_);
    tried_ = as_of;
  }
  if (board_.cancel_asked()) {
    return Unexpected{stopped()};
  }
  const SharedFit before = used();
  board_.phase("fit", "steps", 0);
  PurchaseFitOptions options;
  options.choice = request.choice;
  options.before = before == nullptr ? nullptr : &before->fit;
  options.threads = core_.threads;
  options.go_on = [this](std::string_view step, std::uint64_t done, std::uint64_t all) {
    board_.update(done, all, std::string(step));
    return !board_.cancel_asked();
  };
  return fit_purchases(people, as_of, options);
}

// With the log held: everything that was logged stands in the image, and stays as it is.
Result<SharedFit> FitDesk::keep(const FitRequest& request, PurchaseFit fit) {
  board_.phase("keep", "people", 0);
  const std::lock_guard writer(core_.writer);
  GUANXI_TRY_VOID(core_.writable());
  if (board_.cancel_asked()) {
    return Unexpected{stopped()};
  }
  FitRecord record{.fitted_at = core_.clock.now(),
                   .as_of = fit.as_of,
                   .used = fit.used(),
                   .cause = request.cause,
                   .actor = request.actor,
                   .data_hash = fit.data_hash,
                   .parameters = to_json(fit)};
  GUANXI_TRY(number, core_.log->add_fit(record));
  GUANXI_TRY_VOID(core_.log->commit());
  auto logged = std::make_shared<const LoggedFit>(
      LoggedFit{number, record.fitted_at, record.cause, record.actor, std::move(fit)});
  {
    const std::lock_guard lock(mutex_);
    fits_.push_back(logged);
    used_ = logged->fit.used() ? logged : used_;
  }
  if (core_.model->rhythm_fitted && !(rhythm() == core_.model->calibration.rhythm)) {
    GUANXI_TRY_VOID(settle(core_, "fit", nullptr));  // which shows the values, too
  } else {
    refresh();
  }
  return logged;
}

std::string FitDesk::no_classes() const {
  const std::lock_guard lock(mutex_);
  return no_classes_;
}

// Sampled beside readers, fitted beside everyone; put to people with the log held, so that nobody
// comes, goes or merges in between.
Result<void> FitDesk::classify() {
  std::vector<TraitRow> sample;
  {
    const std::shared_lock lock(core_.image_mutex);
    if (!core_.image->folded() || core_.image->events() == 0) {
      return fail(ErrorCode::invalid, "there are no events yet");
    }
    board_.phase("classes", "people", core_.image->people());
    sample =
        sample_traits(*core_.image, core_.threads,
                      [this](std::uint64_t done, std::uint64_t all) { board_.update(done, all); });
  }
  GUANXI_TRY(model, ClassModel::fit(sample));
  if (board_.cancel_asked()) {
    return Unexpected{stopped()};
  }
  const std::lock_guard writer(core_.writer);
  {
    const std::lock_guard lock(mutex_);
    class_model_ = std::make_shared<const ClassModel>(std::move(model));
  }
  show_classes();
  return {};
}

// By the model fitted last: everyone as they stand now, and what they are worth.
void FitDesk::show_classes() {
  std::shared_ptr<const ClassModel> model;
  {
    const std::lock_guard lock(mutex_);
    model = class_model_;
  }
  if (model == nullptr || !core_.image->folded() || core_.image->events() == 0) {
    return;
  }
  auto classes =
      std::make_unique<PeopleClasses>(classes_of_everyone(*core_.image, *model, core_.threads));
  const std::unique_lock lock(core_.image_mutex);
  core_.image->show_classes(std::move(classes));
  core_.version.fetch_add(1);
}

// After each fit, and by itself for a day that has none.
void FitDesk::classify_when_due() {
  Day as_of = kNoDay;
  bool none = false;
  {
    const std::shared_lock lock(core_.image_mutex);
    as_of = core_.image->folded() && core_.image->events() > 0 ? core_.image->as_of() : kNoDay;
    none = core_.image->classes() == nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    if (as_of == kNoDay || (classified_ == as_of && (!none || !no_classes_.empty()))) {
      return;
    }
    classified_ = as_of;
  }
  const Result<void> done = classify();
  const std::lock_guard lock(mutex_);
  no_classes_ = done ? std::string() : done.error().message;
}

void FitDesk::refresh() {
  const SharedFit by = used();
  if (by == nullptr && core_.image->values() == nullptr) {
    show_classes();
    return;
  }
  std::unique_ptr<PeopleValues> values;
  if (by != nullptr && core_.image->folded() && core_.image->events() > 0) {
    values = values_of_everyone(*core_.image, *core_.model, by->fit, by->number, core_.threads);
  }
  {
    const std::unique_lock lock(core_.image_mutex);
    core_.image->show_values(std::move(values));
    core_.version.fetch_add(1);
  }
  show_classes();
}

bool FitDesk::due() const {
  if (!core_.options.fit_daily || !core_.ready || core_.image_doubtful || core_.log->failure() ||
      core_.clock.monotonic_ns() - ended_ns_ < took_ns_ * kRestFactor) {
    return false;
  }
  Day as_of = kNoDay;
  {
    const std::shared_lock lock(core_.image_mutex);
    if (!core_.image->folded() || core_.image->events() == 0) {
      return false;
    }
    as_of = core_.image->as_of();
  }
  const std::lock_guard lock(mutex_);
  return tried_ < as_of && (fits_.empty() || fits_.back()->fit.as_of < as_of);
}

void FitDesk::keep_fitting(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<FitRequest> request;
    {
      std::unique_lock lock(mutex_);
      const auto asked = [this] { return request_.has_value(); };
      if (core_.options.fit_daily) {
        wake_.wait_for(lock, stop, kLookAgain, asked);
      } else {
        wake_.wait(lock, stop, asked);
      }
      if (stop.stop_requested()) {
        return;
      }
      request = std::exchange(request_, std::nullopt);
      if (request && working_.exchange(true)) {
        request.reset();  // somebody fits and waits: that one will do
      }
    }
    if (!request && due() && !working_.exchange(true)) {
      request = FitRequest{.cause = "daily"};
    }
    if (!request && core_.options.fit_daily && core_.ready && !working_.exchange(true)) {
      classify_when_due();
      working_ = false;
    }
    if (request) {
      if (!core_.ready) {
        core_.opening.wait();
      }
      if (const auto done = work(*request); !done && !closing_) {
        log_line(LogLevel::warning, "fit_not_kept", {{"reason", done.error().message}});
      }
      working_ = false;
    }
  }
}

}  // namespace guanxi
