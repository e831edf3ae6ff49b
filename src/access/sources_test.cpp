#include "access/sources.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/access_testing.hpp"

namespace guanxi::access {
namespace {

class SourcesTest : public AccessTest {
 protected:
  NewSource add(const std::string& name, SourceKind kind = SourceKind::sdk) {
    auto made = store_->add_source({.name = name, .kind = kind});
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : NewSource{};
  }
};

TEST_F(SourcesTest, AWriteKeyFindsItsSourceAlsoAfterARestart) {
  const NewSource shop = add("网店");
  const NewSource app = add("app");
  EXPECT_NE(shop.write_key, app.write_key);
  EXPECT_EQ(shop.source.id.size(), 32U);
  EXPECT_EQ(store_->source_of_key(shop.write_key)->name, "网店");
  open();
  EXPECT_EQ(store_->source_of_key(shop.write_key)->id, shop.source.id);
  EXPECT_EQ(store_->source(app.source.id)->name, "app");
  EXPECT_EQ(store_->source_of_key(shop.write_key + "0"), nullptr);
  EXPECT_EQ(store_->source_of_key(shop.write_key.substr(1)), nullptr);
  EXPECT_EQ(store_->source_of_key(""), nullptr);
  EXPECT_EQ(store_->source("no such"), nullptr);
}

TEST_F(SourcesTest, AKeyIsInNoByteOfTheFolderAndTheFileIsPrivate) {
  const NewSource shop = add("shop");
  EXPECT_EQ(every_byte().find(shop.write_key.substr(8)), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "guanxi.access").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SourcesTest, AnOldKeyIsValidForTheTimeThatWasSet) {
  const NewSource shop = add("shop");
  auto second = store_->rotate_key(shop.source.id, 3600);
  ASSERT_TRUE(second);
  EXPECT_NE(store_->source_of_key(shop.write_key), nullptr);
  EXPECT_NE(store_->source_of_key(*second), nullptr);
  EXPECT_EQ(store_->keys_of(shop.source.id)->size(), 2U);
  EXPECT_EQ(store_->keys_of(shop.source.id)->front().hint, second->substr(second->size() - 4));
  clock_.advance(3600);
  EXPECT_EQ(store_->source_of_key(shop.write_key), nullptr);
  EXPECT_NE(store_->source_of_key(*second), nullptr);
  EXPECT_EQ(store_->keys_of(shop.source.id)->size(), 1U);
  auto third = store_->rotate_key(shop.source.id, 0);
  ASSERT_TRUE(third);
  EXPECT_EQ(store_->source_of_key(*second), nullptr);
  EXPECT_NE(store_->source_of_key(*third), nullptr);
}

TEST_F(SourcesTest, ADisabledSourceSaysSo) {
  const NewSource shop = add("shop");
  ASSERT_TRUE(store_->set_disabled(shop.source.id, true));
  EXPECT_TRUE(store_->source_of_key(shop.write_key)->disabled);
  open();
  EXPECT_TRUE(store_->source_of_key(shop.write_key)->disabled);
  ASSERT_TRUE(store_->set_disabled(shop.source.id, false));
  EXPECT_FALSE(store_->source_of_key(shop.write_key)->disabled);
}

TEST_F(SourcesTest, ASecretKeepsTheOneBeforeIt) {
  const NewSource hook = add("hook", SourceKind::shopify);
  EXPECT_TRUE(hook.write_key.empty());
  EXPECT_FALSE(store_->rotate_key(hook.source.id, 0));
  ASSERT_TRUE(store_->set_secret(hook.source.id, "one", true));
  ASSERT_TRUE(store_->set_secret(hook.source.id, "two", true));
  EXPECT_EQ(store_->source(hook.source.id)->secrets, (std::vector<std::string>{"two", "one"}));
  ASSERT_TRUE(store_->set_secret(hook.source.id, "three", false));
  EXPECT_EQ(store_->source(hook.source.id)->secrets, std::vector<std::string>{"three"});
  ASSERT_TRUE(store_->set_settings(hook.source.id, R"({"a": 1})"));
  EXPECT_EQ(store_->source(hook.source.id)->settings_json, R"({"a": 1})");
}

TEST_F(SourcesTest, WhatIsNoSourceIsRefused) {
  add("shop");
  EXPECT_EQ(store_->add_source({.name = "shop"}).error().code, ErrorCode::conflict);
  EXPECT_FALSE(store_->add_source({.name = ""}));
  EXPECT_FALSE(store_->add_source({.name = "a\nb"}));
  EXPECT_FALSE(store_->add_source({.name = "a\xFF"}));
  EXPECT_FALSE(store_->add_source({.name = "a", .settings_json = "[]"}));
  EXPECT_FALSE(store_->add_source({.name = "a", .settings_json = "{"}));
  EXPECT_EQ(store_->set_disabled("no such", true).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->sources().size(), 1U);
}

TEST_F(SourcesTest, WhenASourceWasUsedIsKept) {
  const NewSource shop = add("shop");
  const NewSource hook = add("hook", SourceKind::stripe);
  EXPECT_EQ(store_->sources()[0]->last_used_at, Instant{});
  EXPECT_NE(store_->source_of_key(shop.write_key), nullptr);
  store_->mark_used(hook.source.id);
  open();
  for (const auto& source : store_->sources()) {
    EXPECT_EQ(source->last_used_at, Instant{1'700'000'000}) << source->name;
  }
}

TEST_F(SourcesTest, AChangeOfAnotherProcessIsSeenAtTheNextTick) {
  const NewSource shop = add("shop");
  auto other = AccessStore::open(folder_.string(), clock_, {false, cheap_limits()});
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->set_disabled(shop.source.id, true));
  const auto added = (*other)->add_source({.name = "second"});
  ASSERT_TRUE(added);
  ASSERT_TRUE(store_->tick());
  EXPECT_TRUE(store_->source_of_key(shop.write_key)->disabled);
  EXPECT_NE(store_->source_of_key(added->write_key), nullptr);
}

TEST(SourceKindNames, ReadBackAsWhatTheyName) {
  for (std::size_t i = 0; i < kSourceKinds; ++i) {
    EXPECT_EQ(source_kind_named(name_of(static_cast<SourceKind>(i))), static_cast<SourceKind>(i));
  }
  EXPECT_FALSE(source_kind_named("fax"));
}

}  // namespace
}  // namespace guanxi::access
