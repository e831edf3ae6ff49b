#include <algorithm>
#include <cctype>

#include "base/instant.hpp"
#include "people/column_access.hpp"
#include "people/expression_tree.hpp"

namespace guanxi {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;

constexpr std::size_t kLongestText = 16384;
constexpr int kDeepest = 64;
constexpr std::string_view kOperators =
    ">=, <=, >, <, =, !=, in (...), between ... and ..., is none";

struct Token {
  enum class Kind : std::uint8_t { end, word, number, day, text, sign };
  Kind kind = Kind::end;
  std::string text;    // words in lower case with _ for -; texts without quotes
  std::size_t at = 0;  // 1-based column
};

// In double quotes, as it was written.
std::string in_quotes(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 2);
  result += '"';
  result += text;
  result += '"';
  return result;
}

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Unexpected wrong(std::size_t at, const std::string& what) {
  return fail(ErrorCode::invalid, "column " + std::to_string(at) + ": " + what);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
    }
    const std::size_t begin = at_;
    if (at_ == text_.size()) {
      return Token{Token::Kind::end, "", begin + 1};
    }
    const char c = text_[at_];
    if (starts_word(c)) {
      return word(begin);
    }
    if (is_digit(c) || ((c == '-' || c == '.') && at_ + 1 < text_.size() &&
                        (is_digit(text_[at_ + 1]) || text_[at_ + 1] == '.'))) {
      return number(begin);
    }
    if (c == '"' || c == '\'') {
      return quoted(begin);
    }
    return sign(begin);
  }

 private:
  Result<Token> word(std::size_t begin) {
    std::string word;
    while (at_ < text_.size() &&
           (starts_word(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '-')) {
      const char c = text_[at_++];
      word += c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return Token{Token::Kind::word, word, begin + 1};
  }

  Result<Token> number(std::size_t begin) {
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.' || text_[at_] == '-')) {
      ++at_;
    }
    const std::string text(text_.substr(begin, at_ - begin));
    const bool day = text.find('-', 1) != std::string::npos;
    return Token{day ? Token::Kind::day : Token::Kind::number, text, begin + 1};
  }

  Result<Token> quoted(std::size_t begin) {
    const char quote = text_[at_++];
    std::string inside;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
      }
      inside += text_[at_++];
    }
    if (at_ == text_.size()) {
      return wrong(begin + 1, "this text has no closing quote");
    }
    ++at_;
    return Token{Token::Kind::text, inside, begin + 1};
  }

  Result<Token> sign(std::size_t begin) {
    for (const std::string_view sign :
         {">=", "<=", "!=", "<>", "==", ">", "<", "=", "(", ")", ","}) {
      if (text_.substr(at_, sign.size()) == sign) {
        at_ += sign.size();
        const std::string_view meant = sign == "<>" ? "!=" : sign == "==" ? "=" : sign;
        return Token{Token::Kind::sign, std::string(meant), begin + 1};
      }
    }
    return wrong(begin + 1, in_quotes(text_.substr(at_, 1)) +
                                " means nothing here; write conditions such as tier >= strong");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string column_names() {
  std::string names;
  for (const ColumnInfo& info : people_columns()) {
    names += names.empty() ? "" : ", ";
    names += info.name;
  }
  return names;
}

template <typename Word, int kCount>
std::string word_names() {
  std::string names;
  for (int i = 0; i < kCount; ++i) {
    names += i == 0 ? "" : ", ";
    names += name_of(static_cast<Word>(i));
  }
  return names;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Node> parse() {
    GUANXI_TRY_VOID(advance());
    GUANXI_TRY(node, any(0));
    if (token_.kind != Token::Kind::end) {
      return wrong(token_.at,
                   in_quotes(token_.text) + " comes too late: join conditions with and, or");
    }
    return node;
  }

 private:
  Result<void> advance() {
    GUANXI_TRY(token, lexer_.next());
    token_ = std::move(token);
    return {};
  }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && token_.text == word;
  }
  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return token_.kind == Token::Kind::sign && token_.text == sign;
  }
  Result<void> expect_sign(std::string_view sign) {
    if (!is_sign(sign)) {
      return wrong(token_.at, "a " + std::string(sign) + " is missing here");
    }
    return advance();
  }
  Result<void> expect_word(std::string_view word) {
    if (!is_word(word)) {
      return wrong(token_.at, in_quotes(word) + " is missing here");
    }
    return advance();
  }

  Result<Node> joined(int depth, std::string_view word, Kind kind) {
    Node node;
    node.kind = kind;
    while (true) {
      GUANXI_TRY(child, kind == Kind::any ? joined(depth, "and", Kind::all) : single(depth));
      node.children.push_back(std::move(child));
      if (!is_word(word)) {
        break;
      }
      GUANXI_TRY_VOID(advance());
    }
    if (node.children.size() == 1) {
      Node only = std::move(node.children.front());
      return only;
    }
    return node;
  }

  Result<Node> any(int depth) {
    if (depth > kDeepest) {
      return wrong(token_.at, "more than " + std::to_string(kDeepest) +
                                  " conditions stand inside "
                                  "one another");
    }
    return joined(depth, "or", Kind::any);
  }

  Result<Node> single(int depth) {
    if (depth > kDeepest) {
      return any(depth);
    }
    if (is_word("not")) {
      GUANXI_TRY_VOID(advance());
      GUANXI_TRY(child, single(depth + 1));
      return negated(std::move(child));
    }
    if (is_sign("(")) {
      GUANXI_TRY_VOID(advance());
      GUANXI_TRY(inside, any(depth + 1));
      GUANXI_TRY_VOID(expect_sign(")"));
      return inside;
    }
    return comparison();
  }

  static Node negated(Node child) {
    Node node;
    node.kind = Kind::negation;
    node.children.push_back(std::move(child));
    return node;
  }

  Result<Node> comparison() {
    if (token_.kind != Token::Kind::word) {
      return wrong(token_.at, "a condition starts with a column: " + column_names());
    }
    Node node;
    node.column = column_named(token_.text);
    if (node.column < 0) {
      return wrong(token_.at, "there is no column " + in_quotes(token_.text) + "; columns are " +
                                  column_names());
    }
    GUANXI_TRY_VOID(advance());
    if (is_word("is")) {
      return missing(std::move(node));
    }
    if (column_at(node.column).info.type == ColumnType::text) {
      return text_test(std::move(node));
    }
    if (is_word("in")) {
      return one_of(std::move(node), &Parser::equal_to);
    }
    if (is_word("between")) {
      return between(std::move(node));
    }
    return compared(std::move(node));
  }

  Result<Node> missing(Node node) {
    GUANXI_TRY_VOID(advance());
    const bool negate = is_word("not");
    if (negate) {
      GUANXI_TRY_VOID(advance());
    }
    GUANXI_TRY_VOID(expect_word("none"));
    node.kind = Kind::missing;
    return negate ? negated(std::move(node)) : std::move(node);
  }

  Result<Node> compared(Node node) {
    const std::string sign = token_.text;
    const bool yes_no = column_at(node.column).info.type == ColumnType::yes_no;
    if (token_.kind != Token::Kind::sign || sign == "(" || sign == ")" || sign == ",") {
      if (yes_no) {
        node.low = node.high = Node::Bound{true, false, Decimal{1, 0}};
        return node;
      }
      return wrong(token_.at, "after a column comes one of " + std::string(kOperators));
    }
    const ColumnType type = column_at(node.column).info.type;
    const bool orders = sign != "=" && sign != "!=";
    if (orders && (yes_no || type == ColumnType::velocity)) {
      return wrong(token_.at, "this column has no order: use = or !=");
    }
    GUANXI_TRY_VOID(advance());
    GUANXI_TRY(value, literal(node.column));
    const Node::Bound bound{true, sign == ">" || sign == "<", value};
    if (sign[0] == '>' || !orders) {
      node.low = bound;
    }
    if (sign[0] == '<' || !orders) {
      node.high = bound;
    }
    node.other = sign == "!=";
    return node;
  }

  Result<Node> between(Node node) {
    GUANXI_TRY_VOID(advance());
    GUANXI_TRY(low, literal(node.column));
    GUANXI_TRY_VOID(expect_word("and"));
    GUANXI_TRY(high, literal(node.column));
    node.low = Node::Bound{true, false, low};
    node.high = Node::Bound{true, false, high};
    return node;
  }

  using MakeOne = Result<Node> (Parser::*)(Node node);
  Result<Node> one_of(Node node, MakeOne make) {
    GUANXI_TRY_VOID(advance());
    GUANXI_TRY_VOID(expect_sign("("));
    Node list;
    list.kind = Kind::any;
    while (true) {
      GUANXI_TRY(one, (this->*make)(node));
      list.children.push_back(std::move(one));
      if (!is_sign(",")) {
        break;
      }
      GUANXI_TRY_VOID(advance());
    }
    GUANXI_TRY_VOID(expect_sign(")"));
    if (list.children.size() == 1) {
      Node only = std::move(list.children.front());
      return only;
    }
    return list;
  }

  Result<Node> equal_to(Node node) {
    GUANXI_TRY(value, literal(node.column));
    node.low = node.high = Node::Bound{true, false, value};
    return node;
  }

  Result<Node> id_is(Node node) {
    node.kind = Kind::find_text;
    node.test = TextTest::is;
    GUANXI_TRY_VOID(take_text(node));
    return node;
  }

  Result<Node> text_test(Node node) {
    node.kind = Kind::find_text;
    if (is_word("in")) {
      return one_of(std::move(node), &Parser::id_is);
    }
    const bool unlike = is_sign("!=");
    if (is_word("contains")) {
      node.test = TextTest::contains;
    } else if (is_word("starts_with")) {
      node.test = TextTest::starts_with;
    } else if (is_sign("=") || unlike) {
      node.test = TextTest::is;
    } else {
      return wrong(token_.at, "an id is asked for with contains, starts_with, =, != or in (...)");
    }
    GUANXI_TRY_VOID(advance());
    GUANXI_TRY_VOID(take_text(node));
    return unlike ? negated(std::move(node)) : std::move(node);
  }

  Result<void> take_text(Node& node) {
    if (token_.kind != Token::Kind::text && token_.kind != Token::Kind::number) {
      return wrong(token_.at, "a text in quotes is missing here");
    }
    node.text = node.test == TextTest::is ? token_.text : lower(token_.text);
    return advance();
  }

  Result<Decimal> literal(int column) {
    const Token token = token_;
    GUANXI_TRY_VOID(advance());
    switch (column_at(column).info.type) {
      case ColumnType::tier:
        return tier(token);
      case ColumnType::velocity:
        return velocity(token);
      case ColumnType::day:
        return day(token);
      case ColumnType::yes_no:
        return yes_no(token);
      case ColumnType::number:
      case ColumnType::money:
      case ColumnType::text:
        break;
    }
    auto value = parse_decimal(token.text);
    if (token.kind != Token::Kind::number || !value) {
      return wrong(token.at, "a number is missing here, such as 40 or 0.25");
    }
    return value;
  }

  static Result<Decimal> tier(const Token& token) {
    if (const auto value = tier_named(token.text)) {
      return Decimal{static_cast<std::int64_t>(*value), 0};
    }
    return wrong(token.at, "there is no tier " + in_quotes(token.text) + "; tiers are " +
                               word_names<Tier, kTiers>());
  }
  static Result<Decimal> velocity(const Token& token) {
    if (const auto value = velocity_named(token.text)) {
      return Decimal{static_cast<std::int64_t>(*value), 0};
    }
    return wrong(token.at, "there is no velocity " + in_quotes(token.text) + "; velocities are " +
                               word_names<Velocity, kVelocities>());
  }
  static Result<Decimal> day(const Token& token) {
    if (const auto value = parse_day(token.text)) {
      return Decimal{value->number, 0};
    }
    return wrong(token.at, "a day is missing here, such as 2011-06-09");
  }
  static Result<Decimal> yes_no(const Token& token) {
    if (token.text == "yes" || token.text == "true" || token.text == "1") {
      return Decimal{1, 0};
    }
    if (token.text == "no" || token.text == "false" || token.text == "0") {
      return Decimal{0, 0};
    }
    return wrong(token.at, "yes or no is missing here");
  }

  Lexer lexer_;
  Token token_;
};

}  // namespace

Result<Expression::Node> parse_expression(std::string_view text) {
  if (text.size() > kLongestText) {
    return fail(ErrorCode::invalid,
                "a condition has at most " + std::to_string(kLongestText) + " characters");
  }
  return Parser(text).parse();
}

}  // namespace guanxi
