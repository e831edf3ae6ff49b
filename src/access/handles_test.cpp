#include "access/handles.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace guanxi::access {
namespace {

TEST(Handles, OneIdHasOneHandleThatLeadsBack) {
  const auto handles = Handles::passing();
  for (const char* const id :
       {"user:u-1", "email:ada@example.org", "phone:+442079460958", "user:masked:x", "user:a",
        "wecom:\xE7\x8E\x8B", "user:12345678", "card:1234567812345678"}) {
    const std::string handle = handles->handle_of(id);
    EXPECT_EQ(handle, handles->handle_of(id));
    EXPECT_EQ(handles->id_of(handle), std::optional<std::string>(id));
    const std::string value = std::string(id).substr(std::string(id).find(':') + 1);
    EXPECT_TRUE(value.size() < 3 || handle.find(value, 7) == std::string::npos) << handle;
    EXPECT_EQ(to_string(parse_external_id(handle)), handle) << "a handle is written like an id";
  }
  EXPECT_EQ(handles->handle_of("u-1"), handles->handle_of("user:u-1"));
  EXPECT_NE(handles->handle_of("user:x"), handles->handle_of("email:x"));
}

TEST(Handles, WhatIsNoHandleLeadsNowhere) {
  const auto handles = Handles::passing();
  const std::string handle = handles->handle_of("email:ada@example.org");
  for (const std::string& text :
       {std::string(), std::string("ada"), std::string("email:ada@example.org"),
        std::string("user:masked:"), std::string("user:masked:AAAA"), handle + "A",
        handle.substr(0, handle.size() - 1), "user" + handle.substr(5),
        Handles::passing()->handle_of("email:ada@example.org")}) {
    EXPECT_EQ(handles->id_of(text), std::nullopt) << text;
  }
  for (std::size_t i = 13; i < handle.size(); ++i) {
    std::string changed = handle;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto id = handles->id_of(changed);
    EXPECT_TRUE(!id || *id == "email:ada@example.org") << changed;
  }
}

TEST(Handles, TheKeyStaysInTheFolder) {
  const std::string folder = ::testing::TempDir() + "guanxi_handles_" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  const auto first = Handles::load(real_disk(), folder).value();
  const auto second = Handles::load(real_disk(), folder).value();
  EXPECT_EQ(first->handle_of("user:u-1"), second->handle_of("user:u-1"));
  ASSERT_TRUE(write_file(real_disk(), folder + "/guanxi.handles", "???").has_value());
  EXPECT_EQ(Handles::load(real_disk(), folder).error().code, ErrorCode::corrupted);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace guanxi::access
