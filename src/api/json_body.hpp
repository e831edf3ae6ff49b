#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace guanxi::api {

/// The members of a JSON object that was sent, checked against a closed list: what is not asked for
/// is refused, so nobody sets a field that is the server's own.
///
/// Place       First thing in every handler that reads a JSON body.
/// Invariants  The first thing wrong is kept as the refusal, with the member's name; what is read
///             after that has defaults. A body that is empty is an empty object.
/// Threads     One owner.
class JsonBody {
 public:
  JsonBody(const http::Request& request, std::initializer_list<std::string_view> known);
  ~JsonBody();
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  [[nodiscard]] bool has(std::string_view name) const;
  /// A text that must be there, of at most `bytes_most`.
  [[nodiscard]] std::string text(std::string_view name, std::size_t bytes_most);
  [[nodiscard]] std::optional<bool> yes_no(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t least, std::uint64_t most,
                                     std::uint64_t fallback);
  /// Texts of an array, each of at most 100 bytes, at most 100 of them.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  /// An object as the JSON that was sent; empty when it is not there.
  [[nodiscard]] std::string object(std::string_view name);

  void refuse(std::string_view name, std::string message);
  [[nodiscard]] const std::optional<http::Response>& refusal() const { return refusal_; }

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
  std::optional<http::Response> refusal_;
};

}  // namespace guanxi::api
