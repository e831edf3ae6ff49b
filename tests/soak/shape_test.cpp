#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kBeganAt = 1'780'000'000;
constexpr std::uint64_t kARequest = 100;

/// People who brought each other, as events numbered from 0: which one is asked for decides what
/// happens.
using Story = std::function<void(EventBatch&, Event&, std::uint64_t)>;

Admission request_of(std::uint64_t first, std::uint64_t count, const Story& story) {
  Admission admission;
  admission.door = "soak";
  for (std::uint64_t n = first; n < first + count; ++n) {
    const std::string id = "s-" + std::to_string(n);
    Event event;
    event.id_hash = identity_of_message({}, id, 0);
    event.message_id = admission.batch.keep(id);
    event.occurred_at = Instant{kBeganAt + static_cast<std::int64_t>(n)};
    event.received_at = event.occurred_at;
    story(admission.batch, event, n);
    admission.batch.events.push_back(event);
  }
  return admission;
}

void person(EventBatch& batch, Event& event, std::string_view prefix, std::uint64_t n) {
  event.person = {IdNamespace::user, batch.keep(std::string(prefix) + std::to_string(n))};
}

void order(EventBatch& batch, Event& event, std::uint64_t n) {
  event.kind = EventKind::order_line;
  event.order_id = batch.keep("o-" + std::to_string(n));
  event.subject = batch.keep("sku");
  event.amount_minor = 2'500;
  event.currency = *parse_currency("EUR");
}

void brought_by(EventBatch& batch, Event& event, const std::string& who) {
  event.kind = EventKind::referral_accepted;
  event.subject = batch.keep(who);
}

/// Sends all of a story; how long each quarter took, and whether the image is in the end what the
/// log says.
void tell(const std::string& name, std::uint64_t events, const Story& story) {
  const std::string folder = ::testing::TempDir() + "guanxi_soak_shape_" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  auto engine = *Engine::open({.folder = folder, .default_model_toml = model_toml(), .threads = 1});
  std::array<double, 4> quarters_s{};
  for (std::size_t quarter = 0; quarter < 4; ++quarter) {
    const auto began = steady_clock::now();
    for (std::uint64_t first = quarter * events / 4; first < (quarter + 1) * events / 4;
         first += kARequest) {
      std::promise<Result<Admitted>> promise;
      Admission admission = request_of(first, kARequest, story);
      admission.done = [&](const Result<Admitted>& admitted) { promise.set_value(admitted); };
      ASSERT_TRUE(engine->submit(std::move(admission)));
      ASSERT_TRUE(promise.get_future().get());
    }
    engine->wait_applied();
    quarters_s[quarter] = std::chrono::duration<double>(steady_clock::now() - began).count();
  }
  EXPECT_EQ(engine->read().image().events(), events);
  const auto checked = engine->check();
  EXPECT_TRUE(checked && checked->good());
  std::printf("%s, %llu events: quarters in %.2f, %.2f, %.2f, %.2f s\n", name.c_str(),
              static_cast<unsigned long long>(events), quarters_s[0], quarters_s[1], quarters_s[2],
              quarters_s[3]);
  std::fflush(stdout);
  engine.reset();
  std::filesystem::remove_all(folder);
}

// How many referrals a shape has: 100,000 by run.sh.
std::uint64_t referrals() {
  return std::max<std::uint64_t>(2'000,
                                 std::min<std::uint64_t>(100 * setting("SOAK_ROUNDS", 0), 100'000));
}

// C3. Everybody was brought by one person, and buys: the credit stands on the hub's timeline.
TEST(SoakShape, AStarOfReferrals) {
  tell("a star: each is brought, then buys", 2 * referrals(),
       [](EventBatch& batch, Event& event, std::uint64_t n) {
         person(batch, event, "p-", n / 2);
         n % 2 == 0 ? brought_by(batch, event, "user:hub") : order(batch, event, n);
       });
}

TEST(SoakShape, AStarWhoseHubIsMetLast) {
  const std::uint64_t all = 2 * referrals();
  tell("a star whose hub comes last", all, [all](EventBatch& batch, Event& event, std::uint64_t n) {
    person(batch, event, n + kARequest >= all ? "hub" : "p-", n + kARequest >= all ? 0 : n / 2);
    n % 2 == 0 && n + kARequest < all ? brought_by(batch, event, "user:hub0")
                                      : order(batch, event, n);
  });
}

// The orders of the brought come in any order of time: each credit lands in the hub's past.
TEST(SoakShape, AStarWhoseOrdersComeLate) {
  const std::uint64_t all = 2 * referrals();
  tell("a star whose orders come in any order", all,
       [all](EventBatch& batch, Event& event, std::uint64_t n) {
         person(batch, event, "p-", n % (all / 2));
         if (n < all / 2) {
           brought_by(batch, event, "user:hub");
         } else {
           order(batch, event, n);
           event.occurred_at.seconds = kBeganAt + static_cast<std::int64_t>(all + mix64(n) % all);
         }
       });
}

// Each brought the next, and the last the first; some brought themselves, some each other.
TEST(SoakShape, CyclesOfReferrals) {
  const std::uint64_t people = referrals();
  tell("one cycle of all", 2 * people, [people](EventBatch& batch, Event& event, std::uint64_t n) {
    const std::uint64_t me = n % people;
    person(batch, event, "p-", me);
    n < people ? brought_by(batch, event, "user:p-" + std::to_string((me + 1) % people))
               : order(batch, event, n);
  });
  tell("cycles of one and of two", 2 * people,
       [people](EventBatch& batch, Event& event, std::uint64_t n) {
         const std::uint64_t me = n % people;
         person(batch, event, "p-", me);
         n < people
             ? brought_by(batch, event, "user:p-" + std::to_string(me % 3 == 0 ? me : me ^ 1U))
             : order(batch, event, n);
       });
}

// Everybody brings somebody: as many hubs as people.
TEST(SoakShape, ManyHubs) {
  tell("a chain: each brings the next", 2 * referrals(),
       [](EventBatch& batch, Event& event, std::uint64_t n) {
         person(batch, event, "p-", n / 2 + 1);
         n % 2 == 0 ? brought_by(batch, event, "user:p-" + std::to_string(n / 2))
                    : order(batch, event, n);
       });
}

// One person with very many events, who was brought by somebody.
TEST(SoakShape, AHotPersonWhoWasBrought) {
  tell("one person who was brought", 10 * referrals(),
       [](EventBatch& batch, Event& event, std::uint64_t n) {
         person(batch, event, "hot-", 0);
         if (n == 0) {
           brought_by(batch, event, "user:friend");
         } else if (n % 10 == 0) {
           order(batch, event, n);
         } else {
           event.kind = EventKind::visit;
           event.subject = batch.keep("page");
         }
       });
}

}  // namespace
}  // namespace guanxi::soak
