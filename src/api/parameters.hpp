#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "http/message.hpp"

namespace guanxi::api {

/// The query parameters of one request, checked against a closed list.
///
/// Place       First thing in every handler.
/// Invariants  The first thing wrong is kept as the refusal, with the parameter's name and the
///             valid forms; what is read after that has defaults.
/// Threads     One owner.
class Parameters {
 public:
  /// A name that is not in `known`, or one that comes twice, is refused.
  Parameters(const http::Request& request, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t bytes_most);
  [[nodiscard]] std::optional<Day> day(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t least, std::uint64_t most,
                                     std::uint64_t fallback);
  [[nodiscard]] std::optional<bool> yes_no(std::string_view name);
  /// One of a closed list; empty when not given.
  [[nodiscard]] std::string choice(std::string_view name,
                                   const std::vector<std::string_view>& valid);
  /// Several of a closed list, separated by commas.
  [[nodiscard]] std::vector<std::string> choices(std::string_view name,
                                                 const std::vector<std::string_view>& valid);

  void refuse(std::string_view name, std::string message);
  [[nodiscard]] const std::optional<http::Response>& refusal() const { return refusal_; }

 private:
  [[nodiscard]] const std::string* find(std::string_view name) const;

  const http::Request& request_;
  std::optional<http::Response> refusal_;
};

/// A whole number of decimal digits alone; nothing when it is none or beyond 2^64.
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text);

}  // namespace guanxi::api
