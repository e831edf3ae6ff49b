#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace guanxi::http {

/// On which threads a handler runs, so that a slow answer never delays a quick one.
enum class Lane : std::uint8_t {
  instant,  ///< waits for nothing but memory: files of the page, progress
  quick,    ///< may wait for a moment in which data change
  slow      ///< looks at everyone
};
inline constexpr std::size_t kLanes = 3;

/// Blocking; called on a pool thread, several at once.
using Handler = std::function<Response(const Request&)>;
/// Gives the answer, once, from any thread.
using Reply = std::function<void(Response)>;
/// For what is answered later than asked (a door waits for the disk). Called on the server's own
/// thread, so it must not block; the request is its own from then on.
using DeferredHandler = std::function<void(Request, Reply)>;

/// One thing that can be asked, as data.
struct Route {
  Method method = Method::get;
  std::string_view pattern;  ///< "/api/v1/people/{id}/history"
  std::string_view description;
  Lane lane = Lane::quick;
  std::vector<std::string_view> body_types{};  ///< media types read; of a post at least one
  Handler handler{};
  access::Permission permission = access::Permission::manage;
  DeferredHandler deferred{};  ///< instead of `handler`
};

/// Finds the route of a path.
///
/// Place       Built once by api/, given to the server; tests compare it with openapi.json.
/// Invariants  No two routes match the same method and path with equal rank: literal segments win
///             over {names}, so "/people/columns" is never a person.
/// Threads     Immutable after construction.
class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;  ///< null: the path is unknown, or not with this method
    std::string allow;             ///< methods of the path, for Allow; empty: unknown path
    std::vector<std::pair<std::string, std::string>> path_arguments;
  };
  /// HEAD is answered by GET's route.
  [[nodiscard]] Match find(Method method, const Target& target) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> pattern_segments_;
};

}  // namespace guanxi::http
