#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "engine/leftovers.hpp"
#include "events/identity.hpp"
#include "people/expression.hpp"
#include "people/people_classes.hpp"
#include "people/people_values.hpp"

// The models that predict, through the whole engine: what was found is in the log, and a restart
// reads it and fits nothing.
namespace guanxi {
namespace {

constexpr std::int64_t kNoon = 1'767'268'800;  // 2026-01-01T12:00:00Z
constexpr std::int64_t kDay = 86'400;

std::string fresh_folder(const std::string& name) {
  std::string folder = ::testing::TempDir() + "guanxi_fits_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

Engine::Options options_for(const std::string& folder) {
  Engine::Options options;
  options.folder = folder;
  options.default_model_toml = *read_file(real_disk(), "models/retail.toml");
  options.shards = 4;
  options.threads = 2;
  return options;
}

std::unique_ptr<Engine> open_engine(const Engine::Options& options) {
  auto engine = Engine::open(options);
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(engine).value();
}

struct Bought {
  std::string who;
  std::int64_t day = 0;
  std::int64_t amount_minor = 0;
};

void admit(Engine& engine, const std::vector<Bought>& all) {
  EventBatch batch;
  for (const Bought& bought : all) {
    const std::string id = bought.who + "-" + std::to_string(bought.day);
    Event event;
    event.kind = EventKind::order_completed;
    event.message_id = batch.keep(id);
    event.id_hash = identity_of_message({}, event.message_id, 0);
    event.occurred_at = Instant{kNoon + bought.day * kDay};
    event.received_at = Instant{kNoon + 400 * kDay};
    event.person = ExternalId{IdNamespace::user, batch.keep(bought.who)};
    event.order_id = batch.keep(id);
    event.amount_minor = bought.amount_minor;
    event.currency = *parse_currency("CNY");
    batch.events.push_back(event);
  }
  const auto report = engine.admit(std::move(batch));
  ASSERT_TRUE(report) << report.error().message;
  engine.wait_applied();
}

// Customers of many rhythms, some of whom stop.
std::vector<Bought> some_year(std::uint64_t seed, int people) {
  Random random(seed);
  std::vector<Bought> all;
  for (int i = 0; i < people; ++i) {
    const std::string who = "u" + std::to_string(i);
    const auto gap = static_cast<std::int64_t>(7 + random.below(60));
    const auto until = static_cast<std::int64_t>(random.below(2) == 0 ? 300 : random.below(300));
    const auto purse = static_cast<std::int64_t>(1000 + random.below(9000));
    std::int64_t day = static_cast<std::int64_t>(random.below(60));
    do {
      all.push_back({who, day, purse + static_cast<std::int64_t>(random.below(2000))});
      day += 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * gap)));
    } while (day <= until);
  }
  return all;
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

std::vector<std::int64_t> own_values(const Engine& engine) {
  const ReadAccess access = engine.read();
  std::vector<std::int64_t> values;
  for (int i = 0; i < 60; ++i) {
    const auto person = access.image().find({IdNamespace::user, "u" + std::to_string(i)}).value();
    values.push_back(column_value(access.image(), column_named("own_value"), person));
  }
  return values;
}

TEST(Fits, PutPeopleIntoClassesThatKeepStepWithThem) {
  auto engine = open_engine(options_for(fresh_folder("classes")));
  admit(*engine, some_year(5, 160));
  EXPECT_EQ(engine->read().image().classes(), nullptr);
  ASSERT_TRUE(engine->fits().fit_now({}));
  EXPECT_EQ(engine->fits().no_classes(), "");
  std::uint64_t people = 0;
  {
    const ReadAccess access = engine->read();
    ASSERT_NE(access.image().classes(), nullptr);
    EXPECT_EQ(access.image().classes()->as_of(), access.image().as_of());
    for (const PeopleClass& one : access.image().classes()->classes()) {
      EXPECT_FALSE(one.en.empty());
      EXPECT_NE(one.value_minor, kNoValue);
      people += one.people;
    }
    EXPECT_EQ(people, access.image().people());
  }
  const auto of = [&](const std::string& id) {
    const ReadAccess access = engine->read();
    const Image& image = access.image();
    return image.classes()->of(image.number_of(*image.find(parse_external_id(id))));
  };
  std::vector<std::uint8_t> before;
  for (int i = 0; i < 160; ++i) {
    before.push_back(of("u" + std::to_string(i)));
  }
  ASSERT_TRUE(engine->erase("u3"));
  for (int i = 0; i < 160; ++i) {
    if (i != 3) {
      EXPECT_EQ(of("u" + std::to_string(i)), before[static_cast<std::size_t>(i)]) << i;
    }
  }
}

ModelStep last_step(const std::string& folder) {
  auto reader = LogReader::open(folder + "/guanxi.db");
  EXPECT_TRUE(reader) << reader.error().message;
  return reader->active_model().value().value();
}

// A model that asks for it judges silence by the rhythm fitted last: an activation in the log,
// which a restart reads, and which goes when the model no longer asks.
TEST(Fits, GiveTheModelItsRhythmAsALoggedStep) {
  const std::string folder = fresh_folder("rhythm");
  const std::string mean = *read_file(real_disk(), "models/retail.toml");
  std::string fitted = mean;
  const std::string table = "[velocity]\n";
  fitted.insert(fitted.find(table) + table.size(), "rhythm = \"fitted\"\n");
  std::string digest_before;
  Rhythm rhythm;
  {
    auto engine = open_engine(options_for(folder));
    admit(*engine, some_year(3, 60));
    ASSERT_TRUE(engine->activate_model(fitted));
    EXPECT_EQ(engine->read().model().calibration.rhythm, Rhythm{}) << "nothing is fitted yet";
    ASSERT_TRUE(engine->fits().fit_now({}));
    rhythm = engine->fits().rhythm();
    EXPECT_GT(rhythm.prior_gaps_16, 0U);
    EXPECT_EQ(engine->read().model().rhythm, rhythm);
    EXPECT_TRUE(engine->check()->good()) << "a rebuild comes to the same";
    digest_before = digest_of(*engine);
  }
  EXPECT_EQ(last_step(folder).cause, "fit") << "activated as a step of its own";
  EXPECT_EQ(calibration_from_json(last_step(folder).calibration)->rhythm, rhythm);
  {
    auto engine = open_engine(options_for(folder));
    EXPECT_EQ(engine->read().model().rhythm, rhythm);
    EXPECT_EQ(digest_of(*engine), digest_before);
    ASSERT_TRUE(engine->activate_model(mean));
    EXPECT_EQ(engine->read().model().calibration.rhythm, Rhythm{});
    EXPECT_NE(digest_of(*engine), digest_before);
  }
}

TEST(Fits, ComeBackFromTheLogWithoutFittingAgain) {
  const std::string folder = fresh_folder("restart");
  std::string parameters;
  std::vector<std::int64_t> values;
  std::string digest_before;
  {
    auto engine = open_engine(options_for(folder));
    admit(*engine, some_year(1, 60));
    digest_before = digest_of(*engine);
    EXPECT_EQ(engine->fits().used(), nullptr);
    EXPECT_EQ(engine->read().image().values(), nullptr);
    const auto fit = engine->fits().fit_now({.actor = "kim"});
    ASSERT_TRUE(fit) << fit.error().message;
    ASSERT_TRUE((*fit)->fit.used()) << (*fit)->fit.buying_refused;
    EXPECT_EQ((*fit)->number, 1U);
    EXPECT_EQ((*fit)->actor, "kim");
    EXPECT_EQ(digest_of(*engine), digest_before);
    EXPECT_EQ(engine->fits().board().last()->ok, true);
    parameters = to_json((*fit)->fit);
    values = own_values(*engine);
    EXPECT_EQ(engine->read().image().values()->fit, 1U);
    ASSERT_TRUE(engine->write_snapshot());
  }
  for (const bool with_snapshot : {true, false}) {
    if (!with_snapshot) {
      std::filesystem::remove(folder + "/guanxi.image");
    }
    auto engine = open_engine(options_for(folder));
    EXPECT_EQ(engine->resumed_events() > 0, with_snapshot);
    ASSERT_NE(engine->fits().used(), nullptr);
    EXPECT_EQ(to_json(engine->fits().used()->fit), parameters);
    EXPECT_EQ(engine->fits().fits().size(), 1U);
    EXPECT_FALSE(engine->fits().board().last()) << "nothing was fitted";
    EXPECT_EQ(own_values(*engine), values);
    EXPECT_EQ(digest_of(*engine), digest_before);
  }
  Engine::Options reading = options_for(folder);
  reading.read_only = true;
  auto engine = open_engine(reading);
  EXPECT_EQ(own_values(*engine), values);
  EXPECT_EQ(engine->fits().fit_now({}).error().code, ErrorCode::unavailable);
}

TEST(Fits, AStoppedOneLeavesNothing) {
  auto engine = open_engine(options_for(fresh_folder("stop")));
  admit(*engine, some_year(2, 60));
  const std::uint64_t version = engine->version();
  engine->fits().board().listen([&](const Work& work) {
    if (work.phase == "fit") {
      engine->fits().board().ask_cancel();
    }
  });
  const auto fit = engine->fits().fit_now({});
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().code, ErrorCode::conflict);
  EXPECT_TRUE(engine->fits().fits().empty());
  EXPECT_EQ(engine->version(), version);
  auto log = engine->log();
  EXPECT_TRUE(log->fits()->empty());
  EXPECT_FALSE(engine->fits().cancel()) << "nothing runs any more";
}

TEST(Fits, TooFewPeopleAreSaidAndTheLastGoodFitStays) {
  const std::string folder = fresh_folder("few");
  auto engine = open_engine(options_for(folder));
  EXPECT_EQ(engine->fits().fit_now({}).error().code, ErrorCode::invalid) << "there is nobody";
  admit(*engine, {{"u0", 1, 1000}, {"u0", 9, 1000}});
  const auto few = engine->fits().fit_now({});
  ASSERT_TRUE(few);
  EXPECT_FALSE((*few)->fit.used());
  EXPECT_EQ(engine->fits().used(), nullptr);
  EXPECT_EQ(engine->read().image().values(), nullptr);
  admit(*engine, some_year(3, 60));
  ASSERT_TRUE((*engine->fits().fit_now({}))->fit.used());
  EXPECT_EQ(engine->fits().used()->number, 2U);
  engine.reset();
  engine = open_engine(options_for(folder));
  EXPECT_EQ(engine->fits().used()->number, 2U);
  EXPECT_EQ(engine->fits().fits().size(), 2U);
}

// An erasure reads the log again; what others are worth stands afterwards, the fit names nobody.
TEST(Fits, AnErasureLeavesTheFitAndNoRow) {
  auto engine = open_engine(options_for(fresh_folder("erase")));
  admit(*engine, some_year(4, 60));
  ASSERT_TRUE(engine->fits().fit_now({}));
  ASSERT_TRUE(engine->erase("user:u7"));
  EXPECT_EQ(engine->fits().fits().size(), 1U);
  const ReadAccess access = engine->read();
  ASSERT_NE(access.image().values(), nullptr);
  EXPECT_EQ(access.image().values()->rows(), access.image().people());
  auto log = engine->log();
  EXPECT_EQ(log->fits()->front().parameters.find("u7"), std::string::npos);
}

void wait_for(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(Fits, AreMadeByThemselvesWhenADayHasClosed) {
  Engine::Options options = options_for(fresh_folder("daily"));
  options.fit_daily = true;
  auto engine = open_engine(options);
  admit(*engine, some_year(5, 60));
  wait_for([&] { return engine->fits().fits().size() == 1; });
  ASSERT_EQ(engine->fits().fits().size(), 1U);
  EXPECT_EQ(engine->fits().fits()[0]->cause, "daily");
  const Day first = engine->fits().fits()[0]->fit.as_of;
  admit(*engine, {{"u1", 330, 2500}});
  wait_for([&] { return engine->fits().fits().size() == 2; });
  ASSERT_EQ(engine->fits().fits().size(), 2U);
  EXPECT_GT(engine->fits().fits()[1]->fit.as_of, first);
  EXPECT_TRUE(engine->fits().fits()[1]->fit.totals_before);
}

TEST(Fits, CanBeAskedForInTheBackground) {
  auto engine = open_engine(options_for(fresh_folder("ask")));
  admit(*engine, some_year(6, 60));
  ASSERT_TRUE(engine->fits().ask({.choice = PurchaseChoice::bg_nbd}));
  wait_for([&] { return engine->fits().used() != nullptr; });
  ASSERT_NE(engine->fits().used(), nullptr);
  EXPECT_EQ(name_of(engine->fits().used()->fit.buying->model.kind()), "BG/NBD");
}

}  // namespace
}  // namespace guanxi
