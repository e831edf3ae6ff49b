#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace guanxi::doors {

/// What the body of a request says, whatever it was wrapped in.
struct BodyText {
  enum class State : std::uint8_t {
    text,
    unreadable,  ///< kept as a dead letter: `problem` says why, `original` what came
    too_large    ///< unpacks to more than is taken
  };
  State state = State::text;
  std::string text;
  std::string problem;
  std::string original;  ///< of what is unreadable, as base64
};

/// Takes the text out of the body: as it stands, whatever its content type says; packed with gzip,
/// announced or not, once or twice; as base64 in a form ("data=..."), as browsers' beacons do. What
/// is said to be packed and is plain JSON all the same is read as that.
[[nodiscard]] BodyText text_of_body(http::Request& request, std::size_t bytes_most);

}  // namespace guanxi::doors
