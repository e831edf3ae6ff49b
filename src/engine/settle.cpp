#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/core.hpp"
#include "events/kind.hpp"
#include "people/validation.hpp"

namespace guanxi {
namespace {

std::string hex_of(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

Result<void> log_step(EngineCore& core, const Model& model, const std::string& cause) {
  return core.log->add_model_step(ModelStep{.activated_at = core.clock.now(),
                                            .name = model.name,
                                            .version = model.version,
                                            .hash = hex_of(model.hash),
                                            .toml = model.source,
                                            .calibration = to_json(model.calibration),
                                            .cause = cause});
}

void tell_new_kinds(const Model& before, const Model& after, ImportReport& report) {
  const std::uint64_t fresh = after.calibration.observed_kinds & ~before.calibration.observed_kinds;
  for (unsigned kind = 0; kind < kEventKinds; ++kind) {
    if ((fresh >> kind & 1U) != 0) {
      report.newly_observed.emplace_back(name_of(static_cast<EventKind>(kind)));
    }
  }
}

// The image's amounts depend on the brand's currency; when most money turns out to be in another
// one than was taken, the log is read again with it.
Currency currency_now(const EngineCore& core) {
  return core.model->currency.named() ? core.model->currency : main_currency(core.currencies);
}

Result<bool> currency_changed(EngineCore& core) {
  const Currency main = currency_now(core);
  if (main == core.brand || !main.named()) {
    return false;
  }
  const bool flagged = std::any_of(core.currencies.begin(), core.currencies.end(),
                                   [&](const auto& entry) { return entry.first != main.code; });
  const bool matters = flagged || core.brand.named();
  const std::unique_lock lock(core.image_mutex);
  core.brand = main;
  return matters;
}

// What is settled, in one transaction; the calibration is an activation of its own.
Result<void> log_settled(EngineCore& core, const Model& model, bool changed,
                         const std::string& cause) {
  if (changed) {
    GUANXI_TRY_VOID(log_step(core, model, cause));
  }
  GUANXI_TRY_VOID(core.log->put_setting(kCurrencySetting, core.brand.text()));
  GUANXI_TRY_VOID(core.log->put_setting(kUnsettledSetting, "0"));
  GUANXI_TRY_VOID(core.log->commit());
  core.model_logged = core.model_logged || changed;
  return {};
}

// What the data say, and the rhythm of the last used fit where the model asks for it.
Calibration calibration_now(const EngineCore& core, Day as_of) {
  Calibration calibration = calibration_at(*core.image, *core.model, as_of, core.threads);
  if (core.model->rhythm_fitted) {
    calibration.rhythm = core.fits.rhythm();
  }
  return calibration;
}

}  // namespace

Result<void> settle(EngineCore& core, const std::string& cause, ImportReport* report) {
  GUANXI_TRY(other_currency, currency_changed(core));
  if (other_currency) {
    return reload(core, cause, report);
  }
  const bool any = core.image->events() > 0;
  const Day as_of = any ? core.model->zone.day_of(core.image->last_event_at()) : Day{0};
  core.board->phase("calibrate", "people", 0);
  Calibration calibration;
  if (any) {
    calibration = calibration_now(core, as_of);
  }
  const bool changed = !(calibration == core.model->calibration) || (!core.model_logged && any);
  auto model = std::make_unique<const Model>(core.model->with(calibration));
  const Result<void> logged =
      core.writable() ? log_settled(core, *model, changed, cause) : Result<void>();
  if (logged && report != nullptr) {
    report->model_changed = changed;
    tell_new_kinds(*core.model, *model, *report);
  }
  core.board->phase("fold", "people", core.image->people());
  {
    const std::unique_lock lock(core.image_mutex);
    if (logged) {
      core.model = std::move(model);
    }
    core.image->refold(
        *core.model, as_of, core.threads,
        [&](std::uint64_t done, std::uint64_t all) { core.board->update(done, all); });
    core.version.fetch_add(1);
    core.refresh_habits();
  }
  core.fits.refresh();
  return logged;
}

Result<Beside> settle_beside(EngineCore& core, const std::string& cause,
                             const std::function<bool()>& take_writer) {
  const Day as_of = core.model->zone.day_of(core.image->last_event_at());
  const Calibration calibration = calibration_now(core, as_of);
  if (!take_writer()) {
    return Beside::no_writer;
  }
  std::unique_lock held(core.writer, std::adopt_lock);
  const Currency main = currency_now(core);
  if (main.named() && !(main == core.brand)) {
    return Beside::whole;
  }
  const bool changed = !(calibration == core.model->calibration) || !core.model_logged;
  if (!changed && as_of == core.image->as_of()) {
    return Beside::settled;
  }
  auto model = std::make_unique<const Model>(core.model->with(calibration));
  if (changed) {
    GUANXI_TRY_VOID(core.writable());
    GUANXI_TRY_VOID(log_settled(core, *model, changed, cause));
  }
  held.unlock();
  const std::unique_lock lock(core.image_mutex);
  if (changed) {
    core.model = std::move(model);
  }
  core.image->refold(*core.model, as_of, core.threads);
  core.version.fetch_add(1);
  core.refresh_habits();
  return Beside::settled;
}

Result<void> reload(EngineCore& core, const std::string& cause, ImportReport* report) {
  core.image_doubtful = true;
  {
    const std::unique_lock lock(core.image_mutex);
    core.image->clear();
    GUANXI_TRY(outcome, replay(core, *core.image, core.brand));
    core.currencies = outcome.currencies;
    core.brand = outcome.brand;
    core.ordinals.clear();
    for (const std::uint64_t events : outcome.batch_events) {
      core.ordinals.add(events);
    }
    core.version.fetch_add(1);
  }
  core.image_doubtful = false;
  return settle(core, cause, report);
}

}  // namespace guanxi
