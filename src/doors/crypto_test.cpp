#include "doors/crypto.hpp"

#include <gtest/gtest.h>

#include "doors/flat_xml.hpp"
#include "doors/signature.hpp"
#include "doors/wecom_cipher.hpp"

namespace guanxi::doors {
namespace {

// Signatures and cipher texts here were made by Python's hmac and by openssl enc, not by this code.
constexpr std::string_view kTyping = R"({"event":"conversation_typing_on"})";
constexpr std::int64_t kNow = 1790000000;  // 2026-09-21T14:13:20Z

http::Request request_of(std::string_view body,
                         std::vector<std::pair<std::string, std::string>> headers) {
  http::Request request;
  request.body = body;
  request.headers = std::move(headers);
  return request;
}

TEST(Crypto, HmacIsThatOfRfc4231) {
  EXPECT_EQ(
      hex_of(hmac_of(DigestKind::sha512, "Jefe", "what do ya want for nothing?")),
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65"
      "f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Crypto, Base64IsReadStrictly) {
  EXPECT_EQ(bytes_of_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(bytes_of_base64(""), "");
  for (const char* wrong :
       {"Zm9vYg=", "Zm9vYg", "Zm9vYh==", "Zm 9vYg=", "====", "Zm9v\n", "Zm=v"}) {
    EXPECT_FALSE(bytes_of_base64(wrong)) << wrong;
  }
  EXPECT_EQ(bytes_of_hex("0aFF"), std::string("\x0a\xff"));
  EXPECT_FALSE(bytes_of_hex("0a0"));
  EXPECT_FALSE(bytes_of_hex("0g"));
}

TEST(Signature, OfTimestampAndBodyWithATolerance) {
  SignatureRule rule;
  rule.headers = {"x-chatwoot-signature"};
  rule.encoding = SignatureRule::Encoding::hex;
  rule.prefix = "sha256=";
  rule.signed_text = "{timestamp}.{body}";
  rule.timestamp_header = "x-chatwoot-timestamp";
  rule.tolerance_s = 300;
  const std::vector<std::string> secrets = {"newer", "cw"};
  const auto verdict = [&](std::string_view body, std::string_view timestamp, std::int64_t now,
                           const std::vector<std::string>& with) {
    const http::Request request = request_of(
        body, {{"x-chatwoot-timestamp", std::string(timestamp)},
               {"x-chatwoot-signature",
                "sha256=0f35df7e64bfb0c59766a3a70eec4d3811a4d1468e5b24d37616fad30e7c8ad8"}});
    return check_signature(rule, request, with, Instant{now});
  };
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow, secrets), SignatureVerdict::good);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow + 300, secrets), SignatureVerdict::good);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow + 301, secrets), SignatureVerdict::too_old);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow - 301, secrets), SignatureVerdict::too_old);
  EXPECT_EQ(verdict(kTyping, "1790000001", kNow, secrets), SignatureVerdict::wrong);
  EXPECT_EQ(verdict("{}", "1790000000", kNow, secrets), SignatureVerdict::wrong);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow, {"newer"}), SignatureVerdict::wrong);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow, {}), SignatureVerdict::wrong);
  EXPECT_EQ(verdict(kTyping, "1790000000", kNow, {""}), SignatureVerdict::wrong);
  EXPECT_EQ(check_signature(rule, request_of(kTyping, {}), secrets, Instant{kNow}),
            SignatureVerdict::missing);
}

TEST(Signature, InPartsOfOneHeader) {
  SignatureRule rule;
  rule.headers = {"stripe-signature"};
  rule.encoding = SignatureRule::Encoding::hex;
  rule.signed_text = "{timestamp}.{body}";
  rule.signature_part = "v1";
  rule.timestamp_part = "t";
  rule.tolerance_s = 300;
  const std::string good = "903e369f10424eedb793abdf60a385523bccf724ea86c4a8fb538381bad3c37d";
  const std::vector<std::string> secrets = {"whsec_1"};
  const auto verdict = [&](const std::string& header) {
    return check_signature(rule, request_of(kTyping, {{"stripe-signature", header}}), secrets,
                           Instant{kNow});
  };
  EXPECT_EQ(verdict("t=1790000000,v1=" + good + ",v0=00"), SignatureVerdict::good);
  EXPECT_EQ(verdict("t=1790000000,v1=00ff,v1=" + good), SignatureVerdict::good);
  EXPECT_EQ(verdict("v1=" + good), SignatureVerdict::wrong);
  EXPECT_EQ(verdict("t=1790000000,v0=" + good), SignatureVerdict::wrong);
  EXPECT_EQ(verdict("t=1790000000, v1=" + good), SignatureVerdict::good);
  EXPECT_EQ(verdict(std::string(5000, ',')), SignatureVerdict::missing);
}

TEST(Signature, WithAMomentThatPeopleCanRead) {
  SignatureRule rule;
  rule.headers = {"x-zendesk-webhook-signature"};
  rule.signed_text = "{timestamp}{body}";
  rule.timestamp_header = "x-zendesk-webhook-signature-timestamp";
  rule.tolerance_s = 3600;
  const http::Request request = request_of(
      kTyping, {{"x-zendesk-webhook-signature", "KXePXKN0f9u1huZ6uM87Zk5VCiWnPPnOAc0/qLq/mXM="},
                {"x-zendesk-webhook-signature-timestamp", "2026-09-21T14:13:20Z"}});
  const std::vector<std::string> secrets = {"zd"};
  EXPECT_EQ(check_signature(rule, request, secrets, Instant{kNow + 60}), SignatureVerdict::good);
  EXPECT_EQ(check_signature(rule, request, secrets, Instant{kNow + 4000}),
            SignatureVerdict::too_old);
}

constexpr std::string_view kWecomSecret = "QDG6eK:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
constexpr std::string_view kEcho =
    "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gCgbgrE3EJmNzl4J8y6gXdcfXJ7ESy0zecCPctVlVpAuw==";

TEST(WecomCipher, OpensWhatWasMadeElsewhere) {
  const auto cipher = WecomCipher::create(kWecomSecret, "wwcorp1");
  ASSERT_TRUE(cipher);
  EXPECT_TRUE(
      cipher->signed_by("825e4d5474b0e3ebf2a1b53d6fcb3e225285dbbe", "1790000000", "n1", kEcho));
  EXPECT_FALSE(
      cipher->signed_by("825e4d5474b0e3ebf2a1b53d6fcb3e225285dbbe", "1790000001", "n1", kEcho));
  EXPECT_FALSE(cipher->signed_by("", "1790000000", "n1", kEcho));
  const auto echo = cipher->open(kEcho);
  ASSERT_TRUE(echo) << echo.error().message;
  EXPECT_EQ(*echo, "1616140317555161061");
}

TEST(WecomCipher, RefusesOtherReceiversKeysAndBrokenTexts) {
  const auto cipher = WecomCipher::create(kWecomSecret, "wwcorp1");
  ASSERT_TRUE(cipher);
  EXPECT_FALSE(
      cipher->open("Q3stYC6hdFzMh9T8HCvyDOBV8KCza6aPg7Tzvf3Pjhi0Auaxk7PVz92/vg6BFO9PLw4wdu/"
                   "4z46Tv7SJHoo3lA=="));
  EXPECT_FALSE(WecomCipher::create(kWecomSecret, "wwcorp2")->open(kEcho));
  EXPECT_FALSE(WecomCipher::create("QDG6eK:bbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwcorp1")
                   ->open(kEcho));
  for (const char* broken : {"", "AAAA", "Q3stYC6hdFzMh9T8HCvyDA==", "no base64"}) {
    EXPECT_FALSE(cipher->open(broken)) << broken;
  }
  for (const char* secret :
       {"", "token", "token:short", ":abc", "t:!bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}) {
    EXPECT_FALSE(WecomCipher::create(secret, "wwcorp1")) << secret;
  }
}

TEST(FlatXml, GivesTheTextOfEachElement) {
  const auto xml = read_flat_xml(
      "<?xml version=\"1.0\"?>\n<xml><A><![CDATA[<b>&amp;]]></A><B> 1 &lt; 2 </B><C/>"
      "<D><E>x</E><E>y</E></D></xml>\n");
  ASSERT_TRUE(xml) << xml.error().message;
  const FlatXml expected = {
      {"A", "<b>&amp;"}, {"B", " 1 < 2 "}, {"C", ""}, {"D.E", "x"}, {"D.E", "y"}};
  EXPECT_EQ(*xml, expected);
}

TEST(FlatXml, ReadsNothingThatCouldDoHarm) {
  for (const char* text :
       {"", "x", "<xml>", "<xml></yml>", "<xml><a></xml></a>", "<xml></xml><xml></xml>",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><xml>&a;</xml>", "<xml>&a;</xml>", "<xml>&#65;</xml>",
        "<xml>&amp</xml>", "<xml a=\"b\"></xml>", "<xml><!-- c --></xml>", "<xml><?php ?></xml>",
        "<?xml version=\"1.0\"?><!DOCTYPE x><xml></xml>", "<xml><![CDATA[a]]</xml>", "</xml>", "<>",
        "<xml>\xff</xml>", "<1></1>"}) {
    EXPECT_FALSE(read_flat_xml(text)) << text;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "<a>";
  }
  EXPECT_FALSE(read_flat_xml(deep));
  EXPECT_FALSE(read_flat_xml("<x>" + std::string(70'000, 'a') + "</x>"));
}

}  // namespace
}  // namespace guanxi::doors
