#include "http/routes.hpp"

#include <algorithm>
#include <optional>

#include "base/check.hpp"

namespace guanxi::http {
namespace {

std::vector<std::string> split_pattern(std::string_view pattern) {
  GUANXI_CHECK(!pattern.empty() && pattern.front() == '/', "a pattern begins with '/'");
  std::vector<std::string> segments;
  std::size_t at = 1;
  while (at <= pattern.size()) {
    const std::size_t end = std::min(pattern.find('/', at), pattern.size());
    segments.emplace_back(pattern.substr(at, end - at));
    at = end + 1;
  }
  return segments;
}

bool is_name(const std::string& segment) { return segment.size() > 2 && segment.front() == '{'; }

/// How many segments match literally; nothing when the path does not match.
std::optional<std::size_t> rank_of(const std::vector<std::string>& pattern,
                                   const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) {
    return std::nullopt;
  }
  std::size_t literal = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == path[i]) {
      ++literal;
    } else if (!is_name(pattern[i]) || path[i].empty()) {
      return std::nullopt;
    }
  }
  return literal;
}

bool is_literal(const std::vector<std::string>& pattern) {
  return std::none_of(pattern.begin(), pattern.end(), is_name);
}

std::string joined_path(const std::vector<std::string>& segments) {
  std::string path;
  for (const std::string& segment : segments) {
    path.append("/").append(segment);
  }
  return path;
}

bool answers(const Route& route, Method method) {
  return route.method == method || (route.method == Method::get && method == Method::head);
}

}  // namespace

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const Route& route : routes_) {
    GUANXI_CHECK(route.method != Method::post || !route.body_types.empty(),
                 "a post says which bodies it reads");
    pattern_segments_.push_back(split_pattern(route.pattern));
    if (is_literal(pattern_segments_.back())) {
      literal_[joined_path(pattern_segments_.back())].push_back(pattern_segments_.size() - 1);
    }
  }
}

RouteTable::Match RouteTable::find(Method method, const Target& target) const {
  const auto literal = literal_.find(joined_path(target.segments));
  if (literal != literal_.end()) {
    return choose(method, target, literal->second);
  }
  std::size_t best = 0;
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::optional<std::size_t> rank = rank_of(pattern_segments_[i], target.segments);
    if (!rank || (*rank < best && !candidates.empty())) {
      continue;
    }
    if (*rank > best) {
      candidates.clear();
    }
    best = *rank;
    candidates.push_back(i);
  }
  return choose(method, target, candidates);
}

RouteTable::Match RouteTable::choose(Method method, const Target& target,
                                     const std::vector<std::size_t>& candidates) const {
  Match match;
  for (const std::size_t i : candidates) {
    if (!answers(routes_[i], method)) {
      continue;
    }
    match.route = &routes_[i];
    for (std::size_t s = 0; s < target.segments.size(); ++s) {
      const std::string& segment = pattern_segments_[i][s];
      if (is_name(segment)) {
        match.path_arguments.emplace_back(segment.substr(1, segment.size() - 2),
                                          target.segments[s]);
      }
    }
  }
  if (match.route != nullptr || candidates.empty()) {
    return match;
  }
  for (const std::size_t i : candidates) {
    match.allow += match.allow.empty() ? "" : ", ";
    match.allow += name_of(routes_[i].method);
    match.allow += routes_[i].method == Method::get ? ", HEAD" : "";
  }
  match.allow += ", OPTIONS";
  return match;
}

}  // namespace guanxi::http
