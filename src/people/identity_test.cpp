#include "people/identity.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "people/dictionary.hpp"

namespace guanxi {
namespace {

ExternalId id(std::string_view text) { return parse_external_id(text); }

TEST(Identity, PeopleAreNumberedInOrderOfComing) {
  Identity identity;
  EXPECT_EQ(identity.find(id("a")), Identity::kNobody);
  EXPECT_EQ(identity.find_or_add(id("a")), 0U);
  EXPECT_EQ(identity.find_or_add(id("email:a")), 1U);
  EXPECT_EQ(identity.find_or_add(id("user:a")), 0U);
  EXPECT_EQ(identity.people(), 2U);
}

TEST(Identity, TheIdShownIsOfTheSmallestNamespaceThenTheFirst) {
  Identity identity;
  const std::uint32_t person = identity.find_or_add(id("email:z@x"));
  EXPECT_EQ(identity.identify(id("email:z@x"), id("email:a@x"), {1, 1, 1}), person);
  EXPECT_EQ(to_string(identity.primary(person)), "email:a@x");
  (void)identity.identify(id("email:a@x"), id("phone:1"), {2, 2, 1});
  (void)identity.identify(id("phone:1"), id("user:m"), {3, 3, 1});
  EXPECT_FALSE(identity.unsettled()) << "an id met for the first time joins at once";
  EXPECT_EQ(to_string(identity.primary(person)), "user:m");
  EXPECT_EQ(identity.ids(person),
            (std::vector<std::string>{"email:a@x", "email:z@x", "phone:1", "user:m"}));
}

// Settles, and closes the gaps as the image would.
void settle(Identity& identity) {
  const Regrouping moves = identity.settle();
  (void)identity.close_gaps(moves.emptied);
}

std::string word_for(const Identity& identity, std::string_view a, std::string_view b) {
  std::string word = "none";
  identity.for_each_link(identity.find(id(a)), [&](const KnownLink& link) {
    if ((link.a == id(a) && link.b == id(b)) || (link.a == id(b) && link.b == id(a))) {
      word = name_of(link.verdict);
    }
  });
  return word;
}

TEST(Identity, TwoPeopleWhoTurnOutToBeOneAreOne) {
  Identity identity;
  (void)identity.find_or_add(id("anonymous:web"));
  (void)identity.find_or_add(id("ada"));
  (void)identity.find_or_add(id("zoe"));
  EXPECT_EQ(identity.identify(id("ada"), id("anonymous:web"), {7, 400, 1}),
            identity.find(id("ada")));
  EXPECT_TRUE(identity.unsettled());
  settle(identity);
  EXPECT_EQ(identity.people(), 2U);
  EXPECT_EQ(identity.find(id("ada")), identity.find(id("anonymous:web")));
  EXPECT_NE(identity.find(id("ada")), identity.find(id("zoe")));
  (void)identity.identify(id("ada"), id("anonymous:web"), {6, 300, 1});
  identity.for_each_link(identity.find(id("ada")), [&](const KnownLink& link) {
    EXPECT_EQ(link.evidence.times, 2U);
    EXPECT_EQ(link.evidence.occurred_s, 300U);
    EXPECT_EQ(link.evidence.event_id_hash, 6U);
  });
}

TEST(Identity, TwoUserIdsMeetOnlyByAliasOrDecision) {
  Identity identity;
  (void)identity.identify(id("ada"), id("anonymous:web"), {1, 100, 1});
  (void)identity.identify(id("bob"), id("anonymous:web"), {2, 200, 1});
  settle(identity);
  EXPECT_NE(identity.find(id("ada")), identity.find(id("bob")));
  EXPECT_EQ(identity.find(id("ada")), identity.find(id("anonymous:web"))) << "the first has it";
  EXPECT_EQ(word_for(identity, "bob", "anonymous:web"), "two_users");

  (void)identity.identify(id("bob"), id("anonymous:ada"), {3, 300, 1, true});
  settle(identity);
  EXPECT_EQ(identity.find(id("ada")), identity.find(id("bob"))) << "an alias may mean a user id";
  identity.decide({1, IdDecision::Kind::apart, id("ada"), id("bob")});
  settle(identity);
  EXPECT_NE(identity.find(id("ada")), identity.find(id("bob")));
  EXPECT_EQ(word_for(identity, "ada", "bob"), "kept_apart");
  identity.decide({2, IdDecision::Kind::same, id("ada"), id("bob")});
  settle(identity);
  EXPECT_EQ(identity.find(id("ada")), identity.find(id("bob")));
}

TEST(Identity, AnAliasOfAnIdThatNoEventIsOfNamesNobodyElse) {
  Identity identity;
  (void)identity.identify(id("ada"), id("anonymous:a-0"), {1, 100, 1, true});
  settle(identity);
  EXPECT_EQ(identity.find(id("user:a-0")), Identity::kNobody);
  EXPECT_EQ(identity.ids(identity.find(id("ada"))),
            (std::vector<std::string>{"anonymous:a-0", "user:ada"}));
  (void)identity.find_or_add(id("user:a-0"));
  settle(identity);
  EXPECT_EQ(identity.people(), 1U);
}

TEST(Identity, ADeviceThatThreePeopleUseIsNobodysKey) {
  Identity identity;
  (void)identity.find_or_add(id("anonymous:till"));
  for (const char* user : {"u-1", "u-2"}) {
    (void)identity.identify(id(user), id("anonymous:till"), {hash64(user), 100, 1});
    settle(identity);
  }
  EXPECT_EQ(identity.people(), 2U);
  (void)identity.identify(id("u-3"), id("anonymous:till"), {9, 900, 1});
  settle(identity);
  EXPECT_EQ(identity.people(), 4U) << "the till and three customers";
  EXPECT_TRUE(identity.is_distrusted(id("anonymous:till")));
  EXPECT_EQ(word_for(identity, "u-1", "anonymous:till"), "key_refused");

  identity.decide({1, IdDecision::Kind::same, id("u-2"), id("u-3")});
  settle(identity);
  EXPECT_EQ(identity.people(), 2U) << "two people only: the first has the till";
  identity.decide({2, IdDecision::Kind::open, id("u-2"), id("u-3")});
  settle(identity);
  EXPECT_EQ(identity.people(), 4U);
  identity.decide({3, IdDecision::Kind::trust, id("anonymous:till"), {}});
  settle(identity);
  EXPECT_EQ(identity.people(), 3U);
}

TEST(Identity, AChainOfAliasesTenThousandLongAndItsCycleAreOnePerson) {
  constexpr int kLong = 10000;
  Identity identity;
  std::vector<std::string> users;
  for (int i = 0; i < kLong; ++i) {
    users.push_back("u-" + std::to_string(i * 7919 % kLong));
  }
  for (int i = 0; i < kLong; ++i) {  // the last closes the cycle
    const std::string& before = users[static_cast<std::size_t>(i)];
    const std::string& after = users[static_cast<std::size_t>((i + 1) % kLong)];
    (void)identity.find_or_add(id(before));
    (void)identity.identify(id(after), ExternalId{IdNamespace::anonymous, before},
                            {static_cast<std::uint64_t>(i + 1), 1000, 1, true});
  }
  settle(identity);
  EXPECT_EQ(identity.people(), 1U);
  identity.decide({1, IdDecision::Kind::apart, id(users[0]), id(users[5000])});
  settle(identity);
  EXPECT_EQ(identity.people(), 2U);
  identity.decide({2, IdDecision::Kind::open, id(users[0]), id(users[5000])});
  settle(identity);
  EXPECT_EQ(identity.people(), 1U);
  EXPECT_EQ(identity.find(id(users[17])), 0U);
}

TEST(Identity, ManyCustomersAtOneTillAreQuick) {
  Identity identity;
  constexpr int kMany = 20000;
  for (int i = 0; i < kMany; ++i) {
    const std::string user = "u-" + std::to_string(i);
    const std::string mail = "email:" + user + "@example.org";
    (void)identity.identify(id(user), id("device:till"),
                            {static_cast<std::uint64_t>(i + 1), 1000, 1});
    (void)identity.identify(id(user), id(mail), {static_cast<std::uint64_t>(i + 1), 1000, 1});
    if (i % 3 == 0) {
      settle(identity);
    }
  }
  settle(identity);
  EXPECT_EQ(identity.people(), static_cast<std::uint32_t>(kMany)) << "no event is of the till";
}

TEST(Identity, ManyIdsAreFoundAgainThroughGrowthAndErasure) {
  Identity identity;
  constexpr std::uint32_t kMany = 20000;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(identity.find_or_add(id("customer-" + std::to_string(i))), i);
  }
  Random random(5);
  for (int i = 0; i < 10000; ++i) {
    identity.erase(static_cast<std::uint32_t>(random.below(identity.people())));
  }
  EXPECT_EQ(identity.people(), kMany - 10000);
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const std::string text = "customer-" + std::to_string(i);
    const std::uint32_t person = identity.find(id(text));
    if (person != Identity::kNobody) {
      ++found;
      EXPECT_EQ(identity.primary(person).value, text);
    }
  }
  EXPECT_EQ(found, kMany - 10000);
  identity.fit();
  EXPECT_EQ(identity.find(id("nobody at all")), Identity::kNobody);
}

TEST(Identity, ManyAtOnceAreFoundAsOneByOne) {
  Identity identity;
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    texts.push_back("u" + std::to_string(i * 7 % 1000));
    if (i % 3 != 0) {
      (void)identity.find_or_add(id(texts.back()));
    }
  }
  std::vector<ExternalId> ids;
  for (const std::string& text : texts) {
    ids.push_back(id(text));
  }
  std::vector<std::uint32_t> found(ids.size());
  identity.find(ids, found);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(found[i], identity.find(ids[i]));
  }
}

TEST(Dictionary, NumbersRunFromOneAndTextsComeBack) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.intern(""), 0U);
  EXPECT_EQ(dictionary.find("tea"), 0U);
  for (std::uint32_t i = 1; i <= 5000; ++i) {
    ASSERT_EQ(dictionary.intern("product " + std::to_string(i)), i);
  }
  EXPECT_EQ(dictionary.intern("product 77"), 77U);
  EXPECT_EQ(dictionary.text(4999), "product 4999");
  EXPECT_EQ(dictionary.text(0), "");
  const std::string long_text(100000, 'x');
  EXPECT_EQ(dictionary.text(dictionary.intern(long_text)).size(), 65535U);
}

TEST(Dictionary, WhatIsForgottenReadsAsEmptyAndIsNumberedAnew) {
  Dictionary dictionary;
  const std::uint32_t ada = dictionary.intern("ada");
  const std::uint32_t bob = dictionary.intern("bob");
  dictionary.forget(ada);
  EXPECT_EQ(dictionary.find("ada"), 0U);
  EXPECT_EQ(dictionary.text(ada), "");
  EXPECT_EQ(dictionary.find("bob"), bob);
  EXPECT_EQ(dictionary.intern("ada"), 3U);
}

TEST(Dictionary, ThreadsThatInternTheSameTextsAgree) {
  Dictionary dictionary;
  std::array<std::vector<std::uint32_t>, 4> numbers;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : numbers) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          mine.push_back(dictionary.intern("p" + std::to_string(i)));
        }
      });
    }
  }
  EXPECT_EQ(dictionary.size(), 2000U);
  for (const auto& mine : numbers) {
    EXPECT_EQ(mine, numbers[0]);
  }
}

}  // namespace
}  // namespace guanxi
