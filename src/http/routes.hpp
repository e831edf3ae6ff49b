#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
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
/// thread, so it must not block, and for a large body on a pool thread beside others; the request
/// is its own from then on.
using DeferredHandler = std::function<void(Request, Reply)>;

inline constexpr std::string_view kAnyType = "*";
/// How much larger than on the wire a body may be when unpacked.
inline constexpr std::size_t kUnpackFactor = 5;
/// Of a route that says nothing else.
inline constexpr std::size_t kBodyBytesMost = 1U << 20U;

/// One thing that can be asked, as data. A route of Permission::ingest or signed_ is a door: its
/// handler proves the sender, browsers of any origin may send to it, under any Host, and it gets
/// bodies with their fault.
struct Route {
  Method method = Method::get;
  std::string_view pattern;  ///< "/api/v1/people/{id}/history"
  std::string_view description;
  Lane lane = Lane::quick;
  std::vector<std::string_view> body_types{};  ///< media types read; of a post at least one
                                               ///< kAnyType: all, and none
  Handler handler{};
  access::Permission permission = access::Permission::manage;
  DeferredHandler deferred{};       ///< instead of `handler`
  std::size_t body_bytes_most = 0;  ///< on the wire; 0: kBodyBytesMost. Unpacked: 5 times
};

[[nodiscard]] inline bool is_door(const Route& route) {
  return route.permission == access::Permission::ingest ||
         route.permission == access::Permission::signed_;
}

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
    std::string allow;             ///< without a route: methods of the path; empty: unknown path
    std::vector<std::pair<std::string, std::string>> path_arguments;
  };
  /// HEAD is answered by GET's route. A path without names costs one look-up.
  [[nodiscard]] Match find(Method method, const Target& target) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  [[nodiscard]] Match choose(Method method, const Target& target,
                             const std::vector<std::size_t>& candidates) const;

  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> pattern_segments_;
  std::unordered_map<std::string, std::vector<std::size_t>> literal_;  ///< routes by whole path
};

}  // namespace guanxi::http
