#include "people/identity.hpp"

#include <gtest/gtest.h>

#include <thread>

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
  EXPECT_EQ(identity.link(id("email:z@x"), id("email:a@x"), {}), Linked::linked);
  EXPECT_EQ(to_string(identity.primary(person)), "email:a@x");
  EXPECT_EQ(identity.link(id("email:z@x"), id("user:m"), {}), Linked::linked);
  EXPECT_EQ(identity.link(id("email:a@x"), id("phone:1"), {}), Linked::linked);
  EXPECT_EQ(identity.link(id("phone:1"), id("user:m"), {}), Linked::same);
  EXPECT_EQ(to_string(identity.primary(person)), "user:m");
  EXPECT_EQ(identity.ids(person),
            (std::vector<std::string>{"email:a@x", "email:z@x", "phone:1", "user:m"}));
}

TEST(Identity, TwoPeopleAreNeverMergedButTheLinkIsKept) {
  Identity identity;
  const std::uint32_t ada = identity.find_or_add(id("ada"));
  const std::uint32_t bob = identity.find_or_add(id("email:b@x"));
  EXPECT_EQ(identity.link(id("ada"), id("email:b@x"), {9, 500, 0}), Linked::pending);
  EXPECT_EQ(identity.link(id("email:b@x"), id("ada"), {7, 400, 0}), Linked::pending);
  EXPECT_EQ(identity.find(id("ada")), ada);
  EXPECT_EQ(identity.find(id("email:b@x")), bob);
  ASSERT_EQ(identity.pending_links().size(), 1U);
  const auto& [pair, evidence] = *identity.pending_links().begin();
  EXPECT_EQ(pair.first, "email:b@x");
  EXPECT_EQ(pair.second, "user:ada");
  EXPECT_EQ(evidence.times, 2U);
  EXPECT_EQ(evidence.occurred_s, 400U);
  EXPECT_EQ(evidence.event_id_hash, 7U);
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
