#include "api/engine_brand.hpp"

#include <chrono>

namespace guanxi::api {
namespace {

// The image cannot change while a question is answered, so a page may not ask for long.
constexpr std::chrono::seconds kSqlTimeMost{10};

}  // namespace

void EngineBrand::ready(std::shared_ptr<Engine> engine) {
  const std::lock_guard lock(mutex_);
  engine_ = std::move(engine);
}

Result<std::shared_ptr<Engine>> EngineBrand::engine() const {
  const std::lock_guard lock(mutex_);
  if (engine_ == nullptr) {
    return fail(ErrorCode::unavailable, "the data are still being read; see /api/v1/progress");
  }
  return engine_;
}

void EngineBrand::ask_needs_of(std::shared_ptr<NeedDesk> desk) {
  const std::lock_guard lock(mutex_);
  desk_ = std::move(desk);
}

Result<std::shared_ptr<NeedDesk>> EngineBrand::desk() const {
  const std::lock_guard lock(mutex_);
  if (desk_ == nullptr) {
    return fail(ErrorCode::unavailable, "the data are still being read; see /api/v1/progress");
  }
  return desk_;
}

Result<std::shared_ptr<const NeedReport>> EngineBrand::needs() const {
  GUANXI_TRY(desk, this->desk());
  return desk->latest();
}

WorkReport EngineBrand::needs_work() const {
  const auto desk = this->desk();
  return desk ? WorkReport{(*desk)->current(), (*desk)->last()} : WorkReport();
}

Result<void> EngineBrand::rebuild_needs(std::optional<std::uint32_t> horizon_days) const {
  GUANXI_TRY(desk, this->desk());
  return desk->rebuild(horizon_days);
}

Result<bool> EngineBrand::cancel_needs() const {
  GUANXI_TRY(desk, this->desk());
  return desk->cancel();
}

Result<void> EngineBrand::read(const std::function<void(const View&)>& use) const {
  GUANXI_TRY(engine, this->engine());
  const Currency currency = engine->currency();
  const ReadAccess access = engine->read();
  use(View{access.image(), access.model(), currency});
  return {};
}

Result<LogFacts> EngineBrand::log_facts() const {
  GUANXI_TRY(engine, this->engine());
  LogFacts facts;
  facts.read_only = engine->read_only_because().has_value();
  GUANXI_TRY(refused, engine->refused_total());
  facts.refused = refused;
  GUANXI_TRY(log, engine->log());
  GUANXI_TRY(sources, log.sources());
  facts.sources = std::move(sources);
  return facts;
}

Result<void> EngineBrand::originals(
    std::span<const std::uint32_t> ordinals,
    const std::function<void(std::size_t place, const Event& event)>& visit) const {
  GUANXI_TRY(engine, this->engine());
  return engine->originals(ordinals, visit);
}

Result<void> EngineBrand::admit(EventBatch batch) const {
  GUANXI_TRY(engine, this->engine());
  GUANXI_TRY(report, engine->admit(std::move(batch)));
  static_cast<void>(report);
  engine->wait_applied();
  return {};
}

Result<EraseReport> EngineBrand::erase(const std::string& id) const {
  GUANXI_TRY(engine, this->engine());
  return engine->erase(id);
}

WorkReport EngineBrand::work() const { return {board_.current(), board_.last()}; }

Result<std::map<std::string, DoorReport>> EngineBrand::doors(
    const std::vector<std::string>& names) const {
  GUANXI_TRY(engine, this->engine());
  GUANXI_TRY(log, engine->log());
  const auto today = engine->door_figures_today();
  std::map<std::string, DoorReport> reports;
  for (const std::string& name : names) {
    DoorReport& report = reports[name];
    const auto found = today.find(name);
    report.today = found == today.end() ? Admitted() : found->second;
    GUANXI_TRY(open, log.dead_letters_open(name));
    report.dead_letters = open;
  }
  return reports;
}

Result<DeadLetterPage> EngineBrand::dead_letters(std::uint64_t offset, std::uint64_t limit,
                                                 const std::string& source) const {
  GUANXI_TRY(engine, this->engine());
  GUANXI_TRY(log, engine->log());
  DeadLetterPage page;
  GUANXI_TRY(total, log.dead_letters_kept(source));
  page.total = total;
  GUANXI_TRY(letters, log.dead_letters(offset, limit, source));
  page.letters = std::move(letters);
  return page;
}

Result<ImportReport> EngineBrand::resend(std::uint64_t letter, const Engine::KeyOfDoor& key_of_door,
                                         std::optional<std::string> corrected) const {
  GUANXI_TRY(engine, this->engine());
  return engine->resend(letter, key_of_door, std::move(corrected));
}

Result<std::vector<DecisionRecord>> EngineBrand::decisions() const {
  GUANXI_TRY(engine, this->engine());
  GUANXI_TRY(log, engine->log());
  return log.decisions();
}

Result<DecisionReport> EngineBrand::decide(const DecisionRequest& request) const {
  GUANXI_TRY(engine, this->engine());
  return engine->decide(request);
}

Result<FitsReport> EngineBrand::fits() const {
  GUANXI_TRY(engine, this->engine());
  FitDesk& desk = engine->fits();
  return FitsReport{{desk.board().current(), desk.board().last()}, desk.fits(), desk.used()};
}

Result<void> EngineBrand::fit(const FitRequest& request) const {
  GUANXI_TRY(engine, this->engine());
  return engine->fits().ask(request);
}

Result<bool> EngineBrand::stop_fit() const {
  GUANXI_TRY(engine, this->engine());
  return engine->fits().cancel();
}

Result<std::shared_ptr<LiveFeed::Watcher>> EngineBrand::watch(std::size_t notes_most) const {
  GUANXI_TRY(engine, this->engine());
  return engine->feed().watch(notes_most, true);
}

Result<SqlAnswer> EngineBrand::sql(const std::string& query, std::uint64_t rows_most,
                                   const Masking* masking) const {
  GUANXI_TRY(engine, this->engine());
  const Currency currency = engine->currency();
  const ReadAccess access = engine->read();
  if (!access.image().folded()) {
    return fail(ErrorCode::conflict, "there are no events to ask about yet");
  }
  SqlLimits limits;
  limits.time_most = kSqlTimeMost;
  limits.rows_most = rows_most;
  GUANXI_TRY(session, SqlSession::open(access.image(), currency, limits, masking));
  return session->query(query);
}

}  // namespace guanxi::api
