#include "access/secrets.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace guanxi::access {
namespace {

TEST(Secrets, FingerprintsDependOnTheSecretAndTheFile) {
  const Fingerprinter one(std::string(32, 'a'));
  const Fingerprinter other(std::string(32, 'b'));
  EXPECT_EQ(one.of("key").size(), Fingerprinter::kBytes);
  EXPECT_EQ(one.of("key"), one.of("key"));
  EXPECT_NE(one.of("key"), one.of("kez"));
  EXPECT_NE(one.of("key"), other.of("key"));
}

TEST(Secrets, ComparesTexts) {
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
}

TEST(Secrets, PasswordsAreArgon2idWithASaltOfTheirOwn) {
  const std::string hash = hash_password("correct horse battery", {1, 8192}).value();
  EXPECT_EQ(hash.rfind("$argon2id$", 0), 0U);
  EXPECT_NE(hash, hash_password("correct horse battery", {1, 8192}).value());
  EXPECT_TRUE(password_matches(hash, "correct horse battery"));
  EXPECT_FALSE(password_matches(hash, "correct horse battery "));
  EXPECT_FALSE(password_matches("", "correct horse battery"));
}

TEST(Secrets, DigestsAreThoseOfTheStandard) {
  // RFC 7693 gives BLAKE2b-512 only; this is BLAKE2b-256 of "abc" as b2sum -l 256 prints it.
  EXPECT_EQ(to_hex(digest_of("abc")),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

// Goal: nobody replaces the comparison in constant time by ==. Method: the text of the files that
// look up secrets; what the times are, timing_test.cpp measures.
TEST(Secrets, EveryLookUpOfASecretComparesInConstantTime) {
  for (const char* file : {"account_sessions.cpp", "account_tokens.cpp", "source_book.cpp"}) {
    std::ifstream in(std::string(GUANXI_SOURCE_DIR) + "/src/access/" + file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find("!same_secret(found->"), std::string::npos) << file;
  }
  std::ifstream in(std::string(GUANXI_SOURCE_DIR) + "/src/access/secrets.cpp");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(text.find("sodium_memcmp"), std::string::npos);
}

}  // namespace
}  // namespace guanxi::access
