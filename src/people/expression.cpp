#include "people/expression.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <limits>

#include "people/column_access.hpp"
#include "people/column_scan.hpp"
#include "people/expression_tree.hpp"

namespace guanxi {
namespace {

using Node = Expression::Node;

constexpr std::size_t kBlockRows = 2048;
using Mask = std::span<std::uint8_t>;

/// Rows [first, first + mask.size()) of one shard; a row is still in question where mask is 1.
struct Rows {
  const Image& image;
  std::uint32_t shard;
  std::uint32_t first;
};

bool any_left(Mask mask) { return std::memchr(mask.data(), 1, mask.size()) != nullptr; }

// A bound in stored units: the least (or most) stored value that meets it.
std::int64_t stored_bound(const Node::Bound& bound, unsigned decimals, bool lower) {
  constexpr std::int64_t kMost = INT64_MAX / 4;
  std::int64_t value = bound.value.digits;
  bool exact = true;
  for (unsigned scale = bound.value.scale; scale < decimals; ++scale) {
    if (value > kMost / 10 || value < -kMost / 10) {
      return value > 0 ? kMost : -kMost;
    }
    value *= 10;
  }
  std::int64_t unit = 1;
  for (unsigned scale = decimals; scale < bound.value.scale; ++scale) {
    unit *= 10;
  }
  std::int64_t floored = value / unit;
  exact = value % unit == 0;
  floored -= !exact && value < 0 ? 1 : 0;
  if (lower) {
    return floored + (!exact || bound.strict ? 1 : 0);
  }
  return floored - (exact && bound.strict ? 1 : 0);
}

struct Range {
  std::int64_t low = INT64_MIN / 2;
  std::int64_t high = INT64_MAX / 2;
};

Range range_of(const Node& node, const Image& image) {
  const unsigned decimals = decimals_of(column_at(node.column).info, image.model());
  Range range;
  if (node.low.given) {
    range.low = stored_bound(node.low, decimals, true);
  }
  if (node.high.given) {
    range.high = stored_bound(node.high, decimals, false);
  }
  return range;
}

/// Keeps the rows whose stored value lies in a range.
struct KeepInRange {
  const Rows& rows;
  Range range;
  bool other;
  Mask mask;

  template <typename T>
  void operator()(const std::vector<T>& column, Coding coding) const {
    Range stored = range;
    if (coding == Coding::days_since) {
      const std::int64_t today = rows.image.as_of().number;
      stored = Range{today - range.high, today - range.low};
    }
    std::int64_t least = std::numeric_limits<T>::min();
    if (coding != Coding::plain) {
      stored.low += 1;
      stored.high += 1;
      least = 1;
    }
    const std::int64_t most = std::numeric_limits<T>::max();
    const T* values = column.data() + rows.first;
    if (other) {
      keep(values, Range{std::max(least, stored.low), std::min(most, stored.high)}, true);
      if (least == 1) {
        keep(values, Range{1, most}, false);
      }
    } else {
      keep(values, Range{std::max(least, stored.low), std::min(most, stored.high)}, false);
    }
  }

  template <typename T>
  void keep(const T* values, Range within, bool outside) const {
    using Unsigned = std::make_unsigned_t<T>;
    if (within.low > within.high) {
      if (!outside) {
        std::fill(mask.begin(), mask.end(), std::uint8_t{0});
      }
      return;
    }
    const auto low = static_cast<Unsigned>(within.low);
    const auto width = static_cast<Unsigned>(static_cast<Unsigned>(within.high) - low);
    const void* first = values;
    keep_within(Scan<Unsigned>{static_cast<const Unsigned*>(first), low, width, outside}, mask);
  }
};

void keep_compared(const Node& node, const Rows& rows, Mask mask) {
  const Column& column = column_at(node.column);
  const Range range = range_of(node, rows.image);
  if (column.value == nullptr && column.valued == nullptr && column.of_person == nullptr &&
      column.stance == 0) {
    with_held(column.held, rows.image.columns(rows.shard),
              KeepInRange{rows, range, node.other, mask});
    return;
  }
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) {
      const PersonRef person{rows.shard, rows.first + static_cast<std::uint32_t>(i)};
      const std::int64_t value = column_value(rows.image, node.column, person);
      const bool within = value >= range.low && value <= range.high;
      mask[i] = value != kNoValue && within != node.other ? 1 : 0;
    }
  }
}

void keep_missing(const Node& node, const Rows& rows, Mask mask) {
  if (column_at(node.column).info.type == ColumnType::text) {
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    return;
  }
  std::array<std::int64_t, kBlockRows> values;
  const std::span<std::int64_t> wanted(values.data(), mask.size());
  column_values(rows.image, node.column, rows.shard, rows.first, wanted);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<std::uint8_t>(mask[i] & (values[i] == kNoValue ? 1 : 0));
  }
}

void keep_found(const Node& node, const Rows& rows, Mask mask) {
  if (node.test == TextTest::is) {
    const auto person = rows.image.find(parse_external_id(node.text));
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const PersonRef here{rows.shard, rows.first + static_cast<std::uint32_t>(i)};
      mask[i] = static_cast<std::uint8_t>(mask[i] & (person == here ? 1 : 0));
    }
    return;
  }
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) {
      const PersonRef person{rows.shard, rows.first + static_cast<std::uint32_t>(i)};
      mask[i] = id_matches(rows.image, person, node.text, node.test == TextTest::starts_with);
    }
  }
}

void keep_if(const Node& node, const Rows& rows, Mask mask);

void keep_any(const Node& node, const Rows& rows, Mask mask) {
  std::array<std::uint8_t, kBlockRows> found{};
  std::array<std::uint8_t, kBlockRows> asked{};
  for (const Node& child : node.children) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
      asked[i] = static_cast<std::uint8_t>(mask[i] & (found[i] ^ 1U));
    }
    keep_if(child, rows, Mask(asked.data(), mask.size()));
    for (std::size_t i = 0; i < mask.size(); ++i) {
      found[i] |= asked[i];
    }
  }
  std::copy_n(found.begin(), mask.size(), mask.begin());
}

void keep_if(const Node& node, const Rows& rows, Mask mask) {
  switch (node.kind) {
    case Node::Kind::all:
      for (const Node& child : node.children) {
        keep_if(child, rows, mask);
        if (!any_left(mask)) {
          return;
        }
      }
      return;
    case Node::Kind::any:
      return keep_any(node, rows, mask);
    case Node::Kind::negation: {
      std::array<std::uint8_t, kBlockRows> meet;
      std::copy(mask.begin(), mask.end(), meet.begin());
      keep_if(node.children.front(), rows, Mask(meet.data(), mask.size()));
      for (std::size_t i = 0; i < mask.size(); ++i) {
        mask[i] ^= meet[i];
      }
      return;
    }
    case Node::Kind::compare:
      return keep_compared(node, rows, mask);
    case Node::Kind::missing:
      return keep_missing(node, rows, mask);
    case Node::Kind::find_text:
      return keep_found(node, rows, mask);
  }
}

// What a row costs: columns side by side, then states, then texts.
int cost_of(const Node& node) {
  int cost = 0;
  for (const Node& child : node.children) {
    cost = std::max(cost, cost_of(child));
  }
  if (node.kind == Node::Kind::find_text) {
    return 3;
  }
  const bool computed = node.column >= 0 && (column_at(node.column).value != nullptr ||
                                             column_at(node.column).valued != nullptr ||
                                             column_at(node.column).of_person != nullptr);
  return computed ? 2 : cost;
}

// The cheap conditions of an `and` come first; the answer is the same.
void put_cheap_first(Node& node) {
  for (Node& child : node.children) {
    put_cheap_first(child);
  }
  if (node.kind == Node::Kind::all) {
    std::stable_sort(node.children.begin(), node.children.end(),
                     [](const Node& a, const Node& b) { return cost_of(a) < cost_of(b); });
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool stands_at(std::string_view text, std::size_t at, std::string_view needle) {
  for (std::size_t i = 0; i < needle.size(); ++i) {
    if (lower(text[at + i]) != needle[i]) {
      return false;
    }
  }
  return true;
}

bool holds(std::string_view text, std::string_view needle, bool at_start) {
  if (needle.size() > text.size()) {
    return false;
  }
  const std::size_t last = at_start ? 0 : text.size() - needle.size();
  for (std::size_t at = 0; at <= last; ++at) {
    if (stands_at(text, at, needle)) {
      return true;
    }
  }
  return false;
}

bool asks_for_text(const Node& node) {
  return (node.column >= 0 && column_at(node.column).info.type == ColumnType::text) ||
         node.kind == Node::Kind::find_text ||
         std::any_of(node.children.begin(), node.children.end(), asks_for_text);
}

}  // namespace

bool id_matches(const Image& image, PersonRef person, std::string_view needle, bool at_start) {
  const bool with_namespace = needle.find(':') != std::string_view::npos;
  bool found = false;
  image.identity().for_each_id(image.number_of(person), [&](const ExternalId& id) {
    if (!found) {
      found = holds(id.value, needle, at_start) ||
              (with_namespace && holds(to_string(id), needle, at_start));
    }
  });
  return found;
}

Expression::Expression() = default;

bool Expression::asks_for_ids() const { return root_ != nullptr && asks_for_text(*root_); }

Result<Expression> Expression::parse(std::string_view text) {
  Expression expression;
  expression.text_ = std::string(text);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return expression;
  }
  GUANXI_TRY(root, parse_expression(text));
  put_cheap_first(root);
  expression.root_ = std::make_shared<const Node>(std::move(root));
  return expression;
}

void Expression::evaluate(const Image& image, std::uint32_t shard, std::uint32_t first,
                          std::span<std::uint8_t> mask) const {
  const std::uint8_t* stances = image.columns(shard).stance.data() + first;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<std::uint8_t>((stances[i] & kRestricted) == 0 ? 1 : 0);
  }
  if (root_ == nullptr) {
    return;
  }
  for (std::size_t at = 0; at < mask.size(); at += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, mask.size() - at);
    keep_if(*root_, Rows{image, shard, first + static_cast<std::uint32_t>(at)},
            mask.subspan(at, rows));
  }
}

}  // namespace guanxi
