#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "people/expression.hpp"

namespace guanxi {

/// How a text is looked for in ids.
enum class TextTest : std::uint8_t { contains, starts_with, is };

/// One node of a condition: a comparison, or a way to put conditions together.
///
/// Place       Built by expression_parser.cpp, read by expression.cpp.
/// Invariants  `children` of all and any: at least two; of negation: one; of the rest: none.
///             A comparison is "at least low and at most high", each bound optional, as written.
struct Expression::Node {
  enum class Kind : std::uint8_t { all, any, negation, compare, missing, find_text };
  struct Bound {
    bool given = false;
    bool strict = false;  ///< greater, not at least; less, not at most
    Decimal value;
  };
  Kind kind = Kind::compare;
  std::vector<Node> children;
  int column = -1;
  Bound low;
  Bound high;
  bool other = false;  ///< compare: has a value, but not within the bounds
  TextTest test = TextTest::contains;
  std::string text;  ///< find_text: lower case, but for `is`
};

/// Reads a condition. Errors: invalid, with the column in the text and what is valid there.
[[nodiscard]] Result<Expression::Node> parse_expression(std::string_view text);

}  // namespace guanxi
