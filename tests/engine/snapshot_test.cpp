#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "engine/leftovers.hpp"
#include "events/identity.hpp"
#include "people/duplicates.hpp"

// The image on the disk, through the whole engine: what was read of it is what the log says, and
// whatever comes later means the same to it.
namespace guanxi {
namespace {

using Kind = IdDecision::Kind;

constexpr std::int64_t kNoon = 1'767'268'800;  // 2026-01-01T12:00:00Z
constexpr std::int32_t kPeople = 30;

std::string fresh_folder(const std::string& name) {
  std::string folder = ::testing::TempDir() + "guanxi_snapshot_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::string image_in(const std::string& folder) { return folder + "/guanxi.image"; }

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

std::unique_ptr<Engine> open_engine(const std::string& folder) {
  return open_engine(options_for(folder));
}

/// One thing that happened, as a door would give it.
struct Deed {
  EventKind kind = EventKind::visit;
  std::string person{};
  std::string also{};
  std::string subject{};
  std::int64_t at_s = 0;
  std::uint64_t id = 0;
  std::int64_t amount_minor = 0;
  bool alias = false;
};

Event event_of(EventBatch& batch, const Deed& deed) {
  const auto id_of = [&](const std::string& text) {
    const ExternalId id = parse_external_id(text);
    return text.empty() ? ExternalId{} : ExternalId{id.name_space, batch.keep(id.value)};
  };
  Event event;
  event.kind = deed.kind;
  event.message_id = batch.keep("m-" + std::to_string(deed.id));
  event.id_hash = identity_of_message({}, event.message_id, 0);
  event.occurred_at = Instant{kNoon + deed.at_s};
  event.received_at = Instant{kNoon + 400 * 86'400};
  event.person = id_of(deed.person);
  event.also_known_as = id_of(deed.also);
  event.subject = batch.keep(deed.subject);
  event.order_id =
      deed.amount_minor == 0 ? std::string_view() : batch.keep("o-" + std::to_string(deed.id % 97));
  event.amount_minor = deed.amount_minor;
  event.currency = *parse_currency("CNY");
  event.name = deed.alias ? kAliasName : std::string_view();
  return event;
}

void admit(Engine& engine, std::span<const Deed> deeds) {
  EventBatch batch;
  for (const Deed& deed : deeds) {
    batch.events.push_back(event_of(batch, deed));
  }
  const auto report = engine.admit(std::move(batch));
  ASSERT_TRUE(report) << report.error().message;
}

std::string random_id(Random& random) {
  constexpr std::array<const char*, 5> kSpaces = {"user:", "user:", "anonymous:", "email:a+",
                                                  "device:"};
  return kSpaces.at(random.below(5)) + std::to_string(random.below(kPeople));
}

// Orders, refunds, referrals, links, aliases, what people say of their data, events of nobody; some
// message ids come again, with the same content or other, of the same id or another.
Deed random_deed(Random& random, std::uint64_t& next_id, std::int64_t latest_day) {
  Deed deed;
  deed.person = random_id(random);
  deed.at_s =
      static_cast<std::int64_t>(random.below(86'400)) +
      86'400 * static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(latest_day)));
  deed.id = random.below(8) == 0 ? random.below(next_id) : next_id++;
  const std::uint64_t choice = random.below(100);
  if (choice < 30) {
    deed.kind = EventKind::order_completed;
    deed.amount_minor = 2500;
  } else if (choice < 36) {
    deed.kind = EventKind::order_refunded;
    deed.amount_minor = -2500;
  } else if (choice < 46) {
    deed.kind = EventKind::referral_accepted;
    deed.subject = "user:" + std::to_string(random.below(kPeople));
  } else if (choice < 66) {
    deed.kind = EventKind::identified;
    deed.also = random_id(random);
    deed.alias = random.below(4) == 0;
  } else if (choice < 72) {
    deed.kind = random.below(2) == 0 ? EventKind::consent_withdrawn : EventKind::consent_given;
    deed.subject = random.below(2) == 0 ? "processing" : "profiling";
  } else if (choice < 78) {
    deed.person.clear();
  } else {
    deed.kind = EventKind::review_posted;
    deed.subject = "sku-" + std::to_string(random.below(20));
  }
  return deed;
}

/// What happens to a brand from a moment on: the same for every engine that is given it.
struct History {
  explicit History(std::uint64_t seed) : random(seed) {}

  void go_on(std::span<Engine* const> engines, int steps) {
    for (int step = 0; step < steps; ++step) {
      latest_day += static_cast<std::int64_t>(random.below(3));
      if (random.below(3) != 0) {
        std::vector<Deed> deeds;
        for (std::uint64_t i = 1 + random.below(25); i > 0; --i) {
          deeds.push_back(random_deed(random, next_id, latest_day));
        }
        for (Engine* engine : engines) {
          admit(*engine, deeds);
        }
        continue;
      }
      constexpr std::array kKinds = {Kind::same, Kind::apart, Kind::open, Kind::distrust,
                                     Kind::trust};
      const Kind kind = kKinds.at(random.below(5));
      const bool one = kind == Kind::distrust || kind == Kind::trust;
      const DecisionRequest request{.kind = kind,
                                    .first_id = random_id(random),
                                    .second_id = one ? "" : random_id(random),
                                    .actor = "kim"};
      for (Engine* engine : engines) {
        static_cast<void>(engine->decide(request));  // refused by all or by none
      }
    }
  }

  Random random;
  std::uint64_t next_id = 1;
  std::int64_t latest_day = 20;
};

void tell_event(std::string& out, const Image& image, const CompactEvent& event) {
  for (const std::int64_t number :
       {static_cast<std::int64_t>(event.id_hash()), std::int64_t{event.occurred_s()},
        std::int64_t{event.order_ref()}, static_cast<std::int64_t>(event.kind()),
        std::int64_t{event.flags()}, std::int64_t{event.quantity()}, event.amount_minor(),
        std::int64_t{event.ordinal()}}) {
    out += std::to_string(number) + ' ';
  }
  out += std::string(image.subjects().text(event.subject())) + '\n';
}

void tell_person(std::string& out, const Image& image, PersonRef person) {
  const std::uint32_t number = image.number_of(person);
  for (const std::string& id : image.ids(person)) {
    out += id + (image.identity().is_distrusted(parse_external_id(id)) ? "!" : "") + ' ';
  }
  out += image.id_text(person) + (image.identity().is_contested(number) ? " contested\n" : "\n");
  for (const CompactEvent& event : image.timeline(person)) {
    tell_event(out, image, event);
  }
  const State& state = image.state(person);
  const Columns& columns = image.columns(person.shard);
  const std::size_t row = person.index;
  for (const std::int64_t value :
       {std::int64_t{state.day.number}, std::int64_t{state.good_16}, std::int64_t{state.orders},
        state.spent_minor, std::int64_t{state.tier_since.number},
        static_cast<std::int64_t>(state.tip_id_hash), std::int64_t{columns.tier[row]},
        std::int64_t{columns.velocity[row]}, std::int64_t{columns.index_milli[row]},
        std::int64_t{columns.trust[row]}, std::int64_t{columns.uncertainty[row]},
        std::int64_t{columns.depth[row]}, std::int64_t{columns.depth_of[1][row]},
        std::int64_t{columns.orders[row]}, columns.spent_minor[row],
        std::int64_t{columns.first_day[row]}, std::int64_t{columns.last_order_day[row]},
        std::int64_t{columns.tier_since[row]}, std::int64_t{columns.stance[row]}}) {
    out += std::to_string(value) + ',';
  }
  const auto referrer = image.referrer_of(person);
  out += referrer ? " brought by " + image.id_text(*referrer) : "";
  for (const PersonRef brought : image.referred_by(person)) {
    out += " brought " + image.id_text(brought);
  }
  std::vector<std::string> links;
  image.identity().for_each_link(number, [&](const KnownLink& link) {
    std::string a = to_string(link.a);
    std::string b = to_string(link.b);
    links.push_back(std::min(a, b) + '=' + std::max(a, b) + ' ' +
                    std::to_string(link.evidence.times) + ' ' +
                    std::to_string(link.evidence.event_id_hash) + ' ' +
                    std::to_string(link.decision) + ' ' + std::string(name_of(link.verdict)));
  });
  std::sort(links.begin(), links.end());
  for (const std::string& link : links) {
    out += "\n  " + link;
  }
  out += '\n';
}

// Everything that can be read of an image, person by person in the order of their ids.
std::string told(const Engine& engine) {
  const ReadAccess access = engine.read();
  const Image& image = access.image();
  std::vector<PersonRef> people;
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    people.push_back(image.ref_of(number));
  }
  std::sort(people.begin(), people.end(),
            [&](PersonRef a, PersonRef b) { return image.id_text(a) < image.id_text(b); });
  std::string out = to_string(digest(image, access.model(), image.as_of())) + '\n';
  for (const PersonRef person : people) {
    tell_person(out, image, person);
  }
  for (std::uint32_t part = 0; part < Image::kNobodyParts; ++part) {
    for (const CompactEvent& event : image.nobody(part)) {
      tell_event(out, image, event);
    }
  }
  for (const Duplicate& pair : find_duplicates(image, 1000).pairs) {
    out += pair.a + '~' + pair.b + ' ' + std::to_string(pair.points) + '\n';
  }
  for (const std::uint64_t number :
       {image.events(), image.derived_events(), image.nobody_events(),
        static_cast<std::uint64_t>(image.last_event_at().seconds),
        static_cast<std::uint64_t>(image.as_of().number), std::uint64_t{image.identity().ids()},
        std::uint64_t{image.identity().links()}}) {
    out += std::to_string(number) + ' ';
  }
  return out + std::string(engine.currency().text()) + to_json(access.model().calibration);
}

// Goal: an engine that was opened from a snapshot and what came after it says what one says that
// read the whole log, and whatever happens later means the same to both. Method: random brands with
// links, undone merges, restrictions, referrals, repeats and conflicts, days that pass and events
// that come late.
TEST(Snapshot, WithItsTailIsTheWholeLogAndStaysSo) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    History history(seed);
    const std::string reference_folder = fresh_folder("reference");
    auto reference = open_engine(reference_folder);
    const std::string folder = fresh_folder("random");
    auto engine = open_engine(folder);
    for (int life = 0; life < 3; ++life) {
      std::array<Engine*, 2> both = {reference.get(), engine.get()};
      history.go_on(both, 20);
      const auto written = engine->write_snapshot();
      ASSERT_TRUE(written) << written.error().message;
      ASSERT_TRUE(written->written) << written->why_not;
      history.go_on(both, static_cast<int>(seed % 4) * 4);
      const std::string before = told(*engine);
      engine.reset();
      reference.reset();
      reference = open_engine(reference_folder);  // when a model is calibrated depends on openings
      both[0] = reference.get();
      Engine::Options options = options_for(folder);
      options.threads = 1 + static_cast<unsigned>(life);
      options.tail_live_most = life == 1 ? 0 : 100'000;
      engine = open_engine(options);
      ASSERT_EQ(engine->resumed_events(), written->events) << "the snapshot was not used";
      ASSERT_EQ(told(*engine), before) << "life " << life;
      ASSERT_EQ(told(*engine), told(*reference)) << "life " << life;
      both[1] = engine.get();
      history.go_on(both, 15);
      ASSERT_EQ(told(*engine), told(*reference)) << "life " << life;
    }
    const auto check = engine->check();
    ASSERT_TRUE(check);
    EXPECT_TRUE(check->good());
    EXPECT_TRUE(check->snapshot.there && check->snapshot.good) << check->snapshot.reason;
    const std::string live = told(*engine);
    engine.reset();
    std::filesystem::remove(image_in(folder));
    Engine::Options whole = options_for(folder);
    whole.shards = 1U << (seed % 5);
    EXPECT_EQ(told(*open_engine(whole)), live);
  }
}

// A folder with a log of some hundred events, and a snapshot of it.
std::string brand_with_snapshot(const std::string& name, std::uint64_t seed = 3) {
  const std::string folder = fresh_folder(name);
  auto engine = open_engine(folder);
  History history(seed);
  std::array<Engine*, 1> one = {engine.get()};
  history.go_on(one, 30);
  const auto written = engine->write_snapshot();
  EXPECT_TRUE(written && written->written);
  return folder;
}

TEST(Snapshot, OfNothingNewIsNotWritten) {
  const std::string folder = brand_with_snapshot("nothing_new");
  auto engine = open_engine(folder);
  const auto again = engine->write_snapshot();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->written);
  admit(*engine, std::vector<Deed>{{.person = "user:new", .at_s = 5, .id = 100'000}});
  EXPECT_FALSE(engine->write_snapshot(2)->written);
  EXPECT_TRUE(engine->write_snapshot(1)->written);
}

TEST(Snapshot, IsReadableByItsOwnerAlone) {
  const std::string folder = brand_with_snapshot("mode");
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(image_in(folder)).permissions(),
            perms::owner_read | perms::owner_write);
}

// Goal: nothing that is not whole is trusted. Method: bytes flipped all over the file, and the file
// cut short or made longer; each time the log is read instead, and the file is gone.
TEST(Snapshot, ThatIsDamagedIsDiscarded) {
  const std::string folder = brand_with_snapshot("damaged");
  const std::string good = *read_file(real_disk(), image_in(folder));
  const std::string expected = told(*open_engine(folder));
  Random random(8);
  const auto discarded = [&](const std::string& bytes) {
    EXPECT_TRUE(write_file(real_disk(), image_in(folder), bytes));
    auto engine = open_engine(folder);
    EXPECT_EQ(engine->resumed_events(), 0U);
    EXPECT_FALSE(std::filesystem::exists(image_in(folder)));
    return told(*engine) == expected;
  };
  for (int round = 0; round < 16; ++round) {
    std::string bytes = good;
    // Not what lies between the sections, which nobody reads.
    std::size_t at = round < 8 ? static_cast<std::size_t>(round) * 8 : random.below(bytes.size());
    while (bytes[at] == 0 && round >= 8) {
      at = random.below(bytes.size());
    }
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    ASSERT_TRUE(discarded(bytes)) << "byte " << at;
    if (round % 4 == 0) {
      ASSERT_TRUE(discarded(good.substr(0, random.below(good.size()))));
    }
  }
  ASSERT_TRUE(discarded(good + '\0'));
  ASSERT_TRUE(discarded(""));
  ASSERT_TRUE(write_file(real_disk(), image_in(folder), good));
  EXPECT_GT(open_engine(folder)->resumed_events(), 0U) << "the good one is used";
}

TEST(Snapshot, OfAnotherLogOrOfALaterOneIsDiscarded) {
  const std::string other = brand_with_snapshot("other", 4);
  const std::string folder = brand_with_snapshot("this", 5);
  const std::string expected = told(*open_engine(folder));
  const std::string old = fresh_folder("old");
  std::filesystem::copy(folder, old);
  {
    auto engine = open_engine(folder);
    admit(*engine, std::vector<Deed>{{.person = "user:new", .at_s = 5, .id = 100'000}});
    ASSERT_TRUE(engine->write_snapshot()->written);
  }
  for (const std::string& from : {other, folder}) {
    std::filesystem::copy_file(image_in(from), image_in(old),
                               std::filesystem::copy_options::overwrite_existing);
    auto engine = open_engine(old);
    EXPECT_EQ(engine->resumed_events(), 0U);
    EXPECT_EQ(told(*engine), expected);
  }
}

TEST(Snapshot, OfOtherShardsIsDiscarded) {
  const std::string folder = brand_with_snapshot("shards");
  const std::string expected = told(*open_engine(folder));
  Engine::Options options = options_for(folder);
  options.shards = 8;
  auto engine = open_engine(options);
  EXPECT_EQ(engine->resumed_events(), 0U);
  EXPECT_EQ(told(*engine), expected);
}

TEST(Snapshot, FromBeforeAnActivationIsFoldedAgain) {
  const std::string folder = brand_with_snapshot("model");
  std::string toml = *read_file(real_disk(), "models/retail.toml");
  const std::string name = "name = \"retail\"";
  ASSERT_NE(toml.find(name), std::string::npos);
  toml.replace(toml.find(name), name.size(), "name = \"other\"");
  std::string expected;
  {
    auto engine = open_engine(folder);
    ASSERT_TRUE(engine->activate_model(toml));
    expected = told(*engine);
  }
  auto engine = open_engine(folder);
  EXPECT_GT(engine->resumed_events(), 0U);
  EXPECT_EQ(told(*engine), expected);
  EXPECT_TRUE(engine->write_snapshot()->written) << "so that the next opening need not fold";
}

TEST(Snapshot, IsGoneBeforeAnybodyIsErasedAndAfterARestore) {
  const std::string folder = brand_with_snapshot("erase");
  const std::string backup = fresh_folder("backup") + ".db";
  std::filesystem::remove(backup);
  {
    auto engine = open_engine(folder);
    ASSERT_TRUE(engine->backup(backup));
    ASSERT_TRUE(std::filesystem::exists(image_in(folder)));
    ASSERT_TRUE(engine->erase("user:1"));
    EXPECT_FALSE(std::filesystem::exists(image_in(folder)));
    ASSERT_TRUE(engine->write_snapshot()->written);
    const std::string bytes = *read_file(real_disk(), image_in(folder));
    EXPECT_EQ(bytes.find("user:1\n"), std::string::npos);
  }
  EXPECT_GT(open_engine(folder)->resumed_events(), 0U);
  ASSERT_TRUE(Engine::restore(backup, folder));
  EXPECT_FALSE(std::filesystem::exists(image_in(folder)));
}

// A snapshot that was put back from before an erasure is not trusted.
TEST(Snapshot, FromBeforeAnErasureIsDiscarded) {
  const std::string folder = brand_with_snapshot("before_erasure");
  const std::string bytes = *read_file(real_disk(), image_in(folder));
  std::string expected;
  {
    auto engine = open_engine(folder);
    ASSERT_TRUE(engine->erase("user:1"));
    expected = told(*engine);
  }
  ASSERT_TRUE(write_file(real_disk(), image_in(folder), bytes));
  auto engine = open_engine(folder);
  EXPECT_EQ(engine->resumed_events(), 0U);
  EXPECT_EQ(told(*engine), expected);
}

// A snapshot from before an erasure, put back while nobody looked, is found by those who look for
// leftovers, also where only hashes of the names are known.
TEST(Snapshot, WithSomebodyErasedInItIsFoundAsALeftover) {
  const std::string folder = brand_with_snapshot("leftover");
  {
    auto engine = open_engine(folder);
    admit(*engine, std::vector<Deed>{{.person = "user:wilhelmina", .at_s = 5, .id = 100'000}});
    ASSERT_TRUE(engine->write_snapshot()->written);
  }
  const std::string bytes = *read_file(real_disk(), image_in(folder));
  ASSERT_TRUE(open_engine(folder)->erase("user:wilhelmina"));
  const auto clean = find_leftovers(folder, {});
  ASSERT_TRUE(clean);
  EXPECT_EQ(clean->hits, 0U);
  ASSERT_TRUE(write_file(real_disk(), image_in(folder), bytes));
  const auto report = find_leftovers(folder, {});
  ASSERT_TRUE(report);
  EXPECT_GT(report->hits, 0U);
}

// While it is written, and afterwards, the door takes in and answers; the next opening has all.
TEST(Snapshot, IsWrittenBesideALiveDoor) {
  const std::string folder = fresh_folder("live");
  Engine::Options options = options_for(folder);
  options.snapshot_every_events = 50;
  std::string expected;
  {
    auto opened = Engine::open_live(options);
    ASSERT_TRUE(opened);
    Engine& engine = **opened;
    ASSERT_TRUE(engine.wait_ready());
    History history(9);
    std::array<Engine*, 1> one = {&engine};
    for (int round = 0; round < 200 && !std::filesystem::exists(image_in(folder)); ++round) {
      history.go_on(one, 5);
    }
    EXPECT_TRUE(std::filesystem::exists(image_in(folder)));
    history.go_on(one, 5);
    expected = told(engine);
  }
  auto engine = open_engine(folder);
  EXPECT_GT(engine->resumed_events(), 0U);
  EXPECT_EQ(told(*engine), expected);
}

}  // namespace
}  // namespace guanxi
