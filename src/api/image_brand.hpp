#pragma once

#include <string>
#include <vector>

#include "api/brand.hpp"
#include "people/people_values.hpp"
#include "people/test_brand.hpp"

namespace guanxi::api {

/// A made-up brand in memory, with names and titles that would be code on a careless page.
///
/// Place       Tests only.
/// Threads     Immutable after construction.
class ImageBrand final : public Brand {
 public:
  static constexpr const char* kTitle = "<script>alert('title')</script>";

  explicit ImageBrand(std::uint32_t events, std::uint32_t people = 300) {
    lines_ = test_brand::life(7, people, events, 700);
    if (events > 0) {
      lines_.push_back({"email:<img src=x onerror=alert(1)>@example.org", "<b>product</b>",
                        test_brand::on_day(5, EventKind::order_line, 1U << 30U)});
    }
    BulkLoader loader = image_.begin_bulk();
    for (std::uint32_t i = 0; i < lines_.size(); ++i) {
      test_brand::push_line(image_, loader, lines_[i], i);
    }
    static_cast<void>(loader.finish(2));
    const Day last = test_brand::model().zone.day_of(image_.last_event_at());
    image_.refold(test_brand::model(), events > 0 ? last : kNoDay, 2);
    work_out_needs(last);
    if (events > 0) {
      fit_everyone();
    }
  }

  [[nodiscard]] const Image& image() const { return image_; }

  [[nodiscard]] Result<void> read(const std::function<void(const View&)>& use) const override {
    use(View{image_, test_brand::model(), parse_currency("GBP").value()});
    return {};
  }
  [[nodiscard]] Result<LogFacts> log_facts() const override {
    SourceRecord source;
    source.name = "<i>orders</i>.csv";
    source.added = lines_.size();
    LogFacts facts;
    facts.sources.push_back(source);
    return facts;
  }
  [[nodiscard]] Result<void> originals(
      std::span<const std::uint32_t> ordinals,
      const std::function<void(std::size_t, const Event&)>& visit) const override {
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
      if (ordinals[i] >= lines_.size()) {
        return fail(ErrorCode::not_found, "the log ends before this event");
      }
      const test_brand::Line& line = lines_[ordinals[i]];
      Event event;
      event.kind = line.fields.kind;
      event.id_hash = line.fields.id_hash;
      event.occurred_at = Instant{line.fields.occurred_s};
      event.person = parse_external_id(line.person);
      event.title = kTitle;
      event.order_id = "o-1";
      visit(i, event);
    }
    return {};
  }
  [[nodiscard]] Result<void> admit(EventBatch /*batch*/) const override {
    return fail(ErrorCode::unavailable, "nothing can be written here");
  }
  [[nodiscard]] Result<EraseReport> erase(const std::string& /*id*/) const override {
    return fail(ErrorCode::unavailable, "nothing can be written here");
  }
  [[nodiscard]] WorkReport work() const override {
    WorkReport report;
    report.current = Work{};
    report.current->name = "import";
    report.current->phase = "read";
    return report;
  }
  [[nodiscard]] Result<std::shared_ptr<const NeedReport>> needs() const override { return needs_; }
  [[nodiscard]] WorkReport needs_work() const override { return {}; }
  [[nodiscard]] Result<void> rebuild_needs(
      std::optional<std::uint32_t> /*horizon_days*/) const override {
    return fail(ErrorCode::conflict, "needs are being worked out already");
  }
  [[nodiscard]] Result<bool> cancel_needs() const override { return false; }
  [[nodiscard]] Result<DeadLetterPage> dead_letters(std::uint64_t offset, std::uint64_t limit,
                                                    const std::string& /*source*/) const override {
    DeadLetterPage page;
    page.total = 3;
    for (std::uint64_t id = offset; id < 3 && page.letters.size() < limit; ++id) {
      DeadLetter letter;
      letter.id = id;
      letter.original = "{\"name\":\"</script><script>alert(2)</script>\"}";
      page.letters.push_back(letter);
    }
    return page;
  }
  [[nodiscard]] Result<std::map<std::string, DoorReport>> doors(
      const std::vector<std::string>& /*names*/) const override {
    return std::map<std::string, DoorReport>();
  }
  [[nodiscard]] Result<ImportReport> resend(std::uint64_t letter,
                                            const Engine::KeyOfDoor& /*key_of_door*/,
                                            std::optional<std::string> corrected) const override {
    if (letter > 2) {
      return fail(ErrorCode::not_found, "there is no dead letter " + std::to_string(letter));
    }
    if (!corrected) {
      return fail(ErrorCode::invalid, "it is refused again: <b>");
    }
    ImportReport report;
    report.added = 1;
    return report;
  }
  [[nodiscard]] Result<std::vector<DecisionRecord>> decisions() const override {
    return std::vector<DecisionRecord>{
        {1, Instant{1'300'000'000}, "same", "user:u-1", "email:<b>@x", "kim",
         "<script>alert(3)</script>"},
        {2, Instant{1'300'000'060}, "distrust", "device:till", "", "kim", ""}};
  }
  [[nodiscard]] Result<DecisionReport> decide(const DecisionRequest& request) const override {
    if (request.second_id == "user:nobody") {
      return fail(ErrorCode::not_found, "nobody is known as 'user:nobody'");
    }
    return DecisionReport{
        3, {{request.first_id}, {request.second_id}}, {{request.first_id, request.second_id}}};
  }
  [[nodiscard]] Result<FitsReport> fits() const override {
    FitsReport report;
    report.work.last = Work{};
    report.work.last->name = "fit";
    if (fit_ != nullptr) {
      auto few = std::make_shared<LoggedFit>();
      few->number = 1;
      few->cause = "daily";
      few->fit = fit_purchases({}, image_.as_of(), {}).value();
      report.fits = {few, fit_, fit_};
      report.used = fit_;
    }
    return report;
  }
  [[nodiscard]] Result<void> fit(const FitRequest& request) const override {
    if (request.choice == PurchaseChoice::bg_cnbd) {
      return fail(ErrorCode::conflict, "a fit is under way: wait for it, or stop it first");
    }
    return {};
  }
  [[nodiscard]] Result<bool> stop_fit() const override { return false; }
  [[nodiscard]] Result<std::shared_ptr<LiveFeed::Watcher>> watch(
      std::size_t notes_most) const override {
    return feed_.watch(notes_most, true);
  }
  [[nodiscard]] LiveFeed& feed() const { return feed_; }
  [[nodiscard]] Result<SqlAnswer> sql(const std::string& query, std::uint64_t rows_most,
                                      const Masking* masking) const override {
    SqlLimits limits;
    limits.rows_most = rows_most;
    GUANXI_TRY(session, SqlSession::open(image_, parse_currency("GBP").value(), limits, masking));
    return session->query(query);
  }

 private:
  void work_out_needs(Day day) {
    const ForShards shards = shards_of(image_, test_brand::model());
    if (const auto model = NeedModel::build(shards, day, {})) {
      auto report = std::make_shared<NeedReport>();
      report->model = *model;
      report->titles.assign((*model)->products().size(), kTitle);
      report->built_at = Instant{1'400'000'000};
      image_.set_next_needs(NextNeeds::of(*model, shards, 2).value());
      needs_ = std::move(report);
    }
  }

  // A fit that another brand's customers gave: these here are made up by no rhythm.
  void fit_everyone() {
    auto logged = std::make_shared<LoggedFit>();
    logged->number = 2;
    logged->fitted_at = Instant{1'300'000'000};
    logged->cause = "asked";
    logged->actor = "<b>kim</b>";
    PurchaseFit& fit = logged->fit;
    fit.as_of = image_.as_of();
    fit.data_hash = std::string(32, 'a');
    fit.customers = image_.people();
    fit.candidates = {{"BG/NBD", std::nullopt, "<i>no top</i>"}, {"MBG/NBD", -1234.5, ""}};
    const auto report = [](std::size_t parameters) {
      FitReport made;
      made.covariance.assign(parameters * parameters, 0);
      for (std::size_t i = 0; i < parameters; ++i) {
        made.covariance[i * (parameters + 1)] = 0.01;
      }
      return made;
    };
    fit.buying.emplace(BetaGeometricFit{
        *BetaGeometric::create({0.5, 50, 0.3, 2.5}, {Dropout::after_every, 1}), report(4)});
    fit.spending.emplace(GammaGammaFit{*GammaGamma::create({1.5, 6, 20000}), report(3)});
    fit.totals = PurchaseFit::Totals{100, 400};
    fit_ = logged;
    image_.show_values(values_of_everyone(image_, test_brand::model(), fit, 2));
  }

  std::vector<test_brand::Line> lines_;
  std::shared_ptr<const NeedReport> needs_;
  SharedFit fit_;
  Image image_{4};
  mutable LiveFeed feed_;
};

}  // namespace guanxi::api
