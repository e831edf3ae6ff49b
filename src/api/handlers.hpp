#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/store.hpp"
#include "api/brand.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "api/viewer.hpp"
#include "api/words.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// Answers that are dear to compute, kept until the image changes.
///
/// Place       One in Context; hourglass and changes.
/// Invariants  Holds answers of one version of the image, and at most kMost of them.
/// Threads     Any.
class AnswerCache {
 public:
  static constexpr std::size_t kMost = 32;

  [[nodiscard]] std::shared_ptr<const std::string> find(std::uint64_t version,
                                                        const std::string& key);
  void keep(std::uint64_t version, const std::string& key, std::string answer);

 private:
  std::mutex mutex_;
  std::uint64_t version_ = 0;
  std::map<std::string, std::shared_ptr<const std::string>> answers_;
};

/// What every handler needs; shared by all routes.
struct Context {
  std::shared_ptr<const Brand> brand;
  ShippedFiles files;
  std::shared_ptr<const Masking> masking;
  std::shared_ptr<access::AccessStore> access;  ///< null: a server without users
  QueuesOf queues;                              ///< empty: none are read here
  AnswerCache cache;
};
using SharedContext = std::shared_ptr<Context>;

/// Calls `answer` with the image held still; 503 while there is none yet.
[[nodiscard]] http::Response with_view(
    const Context& context, const std::function<http::Response(const Brand::View&)>& answer);

/// Wraps finished JSON.
[[nodiscard]] http::Response json_response(std::string body);

/// True when there is something to tell of: an image with events, folded through some day.
[[nodiscard]] inline bool has_day(const Brand::View& view) {
  return view.image.folded() && view.image.as_of() != kNoDay && view.image.events() > 0;
}

/// "from" and "to": by default the 30 days up to as_of. Refuses days that are out of order or
/// after as_of. REQUIRES has_day(view).
struct FromTo {
  Day from;
  Day to;
};
[[nodiscard]] FromTo period_asked(Parameters& parameters, const Brand::View& view);

/// The day to stand on: "at", by default as_of. REQUIRES has_day(view).
[[nodiscard]] Day day_asked(Parameters& parameters, const Brand::View& view);

/// The names of some words, for lists of valid values.
[[nodiscard]] std::vector<std::string_view> names_of(std::span<const Word> words);

/// What answers a route.
using ContextHandler = std::function<http::Response(Context&, const http::Request&)>;

/// Adds the routes of one subject to all the others.
///
/// Place       add_..._routes(), for as long as they run.
/// Threads     One.
class RouteAdder {
 public:
  RouteAdder(const SharedContext& context, std::vector<http::Route>& routes)
      : context_(context), routes_(routes) {}
  using Permission = access::Permission;
  void get(std::string_view pattern, std::string_view description, Permission permission,
           ContextHandler handler, http::Lane lane = http::Lane::quick) const;
  /// Of a body of JSON, unless `body_types` says otherwise.
  void post(std::string_view pattern, std::string_view description, Permission permission,
            ContextHandler handler, http::Lane lane = http::Lane::quick,
            std::vector<std::string_view> body_types = {"application/json"}) const;

 private:
  const SharedContext& context_;
  std::vector<http::Route>& routes_;
};

// The routes by subject.
void add_brand_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_people_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_person_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_model_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_identity_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_live_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_privacy_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_class_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_truth_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_need_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_value_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_sql_routes(const SharedContext& context, std::vector<http::Route>& routes);

}  // namespace guanxi::api
