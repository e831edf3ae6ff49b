#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "http/gzip.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "http/site.hpp"

namespace guanxi::http {
namespace {

Response named(std::string_view name) {
  Response response;
  response.body = name;
  return response;
}

RouteTable some_routes() {
  return RouteTable({{Method::get,
                      "/api/v1/people/{id}",
                      "one",
                      Lane::quick,
                      {},
                      [](const Request&) { return named("person"); }},
                     {Method::get,
                      "/api/v1/people/columns",
                      "columns",
                      Lane::quick,
                      {},
                      [](const Request&) { return named("columns"); }},
                     {Method::post,
                      "/api/v1/what-if",
                      "draft",
                      Lane::slow,
                      {"application/toml"},
                      [](const Request&) { return named("what-if"); }}});
}

TEST(Target, SplitsAndDecodes) {
  const auto target = parse_target("/api/people/email%3Aa%2Fb%40c?q=a+b%26&x&tier=weak");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "people", "email:a/b@c"}));
  ASSERT_EQ(target->query.size(), 3U);
  EXPECT_EQ(target->query[0].second, "a b&");
  EXPECT_EQ(target->query[1].first, "x");
  EXPECT_EQ(target->query[1].second, "");
  EXPECT_EQ(parse_target("/")->segments, std::vector<std::string>{""});
}

TEST(Target, RefusesWhatCouldMeanSomethingElse) {
  for (const char* text : {"", "a", "/a/../b", "/%2e%2e/b", "/./a", "//a", "/a%", "/a%2", "/a%zz",
                           "/a%00", "/a%0d%0a", "/%ff", "/a#b", "*", "http:/x"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
  std::string many = "/a?";
  for (int i = 0; i < 65; ++i) {
    many += "p=1&";
  }
  EXPECT_FALSE(parse_target(many));
}

TEST(Routes, LiteralSegmentsWinOverNames) {
  const RouteTable table = some_routes();
  const auto columns = table.find(Method::get, *parse_target("/api/v1/people/columns"));
  ASSERT_NE(columns.route, nullptr);
  EXPECT_EQ(columns.route->description, "columns");
  const auto person = table.find(Method::head, *parse_target("/api/v1/people/user%3A1"));
  ASSERT_NE(person.route, nullptr);
  ASSERT_EQ(person.path_arguments.size(), 1U);
  EXPECT_EQ(person.path_arguments[0].first, "id");
  EXPECT_EQ(person.path_arguments[0].second, "user:1");
}

TEST(Routes, NamesTheMethodsOfAPath) {
  const RouteTable table = some_routes();
  const auto wrong = table.find(Method::get, *parse_target("/api/v1/what-if"));
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allow, "POST, OPTIONS");
  EXPECT_EQ(table.find(Method::get, *parse_target("/api/v1/people/")).allow, "");
  EXPECT_EQ(table.find(Method::post, *parse_target("/api/v1/people/x")).allow,
            "GET, HEAD, OPTIONS");
}

TEST(Host, OnlyNamesOfThisMachineAreOurs) {
  for (const char* own :
       {"localhost", "LOCALHOST:8300", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8300"}) {
    EXPECT_TRUE(is_own_host(own, {})) << own;
  }
  for (const char* foreign :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost:", "localhost:x", "localhost:123456", "::1", "[::1", "evil@localhost",
        "127.0.0.2", "localhost:1:2", " localhost"}) {
    EXPECT_FALSE(is_own_host(foreign, {})) << foreign;
  }
}

TEST(Origin, AnotherPageMayNotPost) {
  Request request;
  request.host = "localhost:8300";
  EXPECT_TRUE(is_same_origin(request));
  request.origin = "http://localhost:8300";
  EXPECT_TRUE(is_same_origin(request));
  request.fetch_site = "same-origin";
  EXPECT_TRUE(is_same_origin(request));
  for (const char* site : {"cross-site", "same-site"}) {
    request.fetch_site = site;
    EXPECT_FALSE(is_same_origin(request));
  }
  request.fetch_site.clear();
  for (const char* origin : {"http://evil.example", "null", "https://localhost:8300",
                             "http://localhost:8301", "http://localhost:8300.evil.example"}) {
    request.origin = origin;
    EXPECT_FALSE(is_same_origin(request)) << origin;
  }
}

TEST(Problem, EveryCodeHasOneStatusAndTheErrorSchema) {
  EXPECT_EQ(status_of(ErrorCode::invalid), 400U);
  EXPECT_EQ(status_of(ErrorCode::conflict), 409U);
  EXPECT_EQ(status_of(ErrorCode::not_found), 404U);
  EXPECT_EQ(status_of(ErrorCode::overloaded), 503U);
  EXPECT_EQ(status_of(ErrorCode::unavailable), 503U);
  EXPECT_EQ(status_of(ErrorCode::corrupted), 500U);
  const Response response = problem(Error{ErrorCode::invalid, "\"<b>\" is no tier"}, "tier");
  EXPECT_EQ(response.body,
            R"({"code":"invalid","message":"\"\u003cb>\" is no tier","field":"tier"})");
  EXPECT_EQ(problem(Fault::too_large, "x").status, 413U);
  EXPECT_EQ(problem(Error{ErrorCode::overloaded, ""}).headers.at(0).first, "Retry-After");
  const Response later = with_retry_after(problem(Fault::too_many, "x"), 900);
  EXPECT_EQ(std::ranges::count(later.headers, "Retry-After", [](const auto& h) { return h.first; }),
            1);
  EXPECT_EQ(later.headers.back().second, "900");
}

TEST(Gzip, ReadsBackAndIsTheSameEveryTime) {
  std::string text;
  for (int i = 0; i < 20000; ++i) {
    text += std::to_string(i * 7919);
  }
  const std::string packed = gzip(text, 1);
  EXPECT_EQ(packed, gzip(text, 1));
  EXPECT_LT(packed.size(), text.size());
  std::string back(text.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string copy = packed;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(back.data());
  stream.avail_out = static_cast<uInt>(back.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(back, text);
}

TEST(Site, AsksForARightBodyAndOrigin) {
  const Site site(some_routes(), StaticFiles(), allow_all());
  Request request;
  request.method = Method::post;
  request.host = "localhost";
  request.target = *parse_target("/api/v1/what-if");
  EXPECT_EQ(site.answer(request).status, 415U);
  request.content_type = "application/toml";
  EXPECT_EQ(site.answer(request).body, "what-if");
  request.origin = "http://evil.example";
  EXPECT_EQ(site.answer(request).status, 403U);
}

TEST(Site, AThrowingHandlerIsAFailedAnswer) {
  const Site site(RouteTable({{Method::get,
                               "/api/x",
                               "",
                               Lane::quick,
                               {},
                               [](const Request& request) {
                                 return named(request.target.query.at(9).first);
                               }}}),
                  StaticFiles(), allow_all());
  Request request;
  request.target = *parse_target("/api/x");
  const Response response = site.answer(request);
  EXPECT_EQ(response.status, 500U);
  EXPECT_NE(response.body.find("\"failed\""), std::string::npos);
}

}  // namespace
}  // namespace guanxi::http
