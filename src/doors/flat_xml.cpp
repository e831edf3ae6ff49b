#include "doors/flat_xml.hpp"

#include <array>

#include "base/utf8.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kBytesMost = 64UL * 1024;
constexpr std::size_t kLevelsMost = 8;
constexpr std::size_t kElementsMost = 256;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name(char c, bool first) {
  const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : text_(text) {}
  Result<FlatXml> read();

 private:
  [[nodiscard]] Unexpected wrong(std::string_view why) const {
    return fail(ErrorCode::invalid, "XML at byte " + std::to_string(at_) + ": " + std::string(why));
  }
  [[nodiscard]] bool next_is(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
  }
  Result<std::string> name();
  Result<void> open_element();
  Result<void> close_element();
  Result<void> entity();
  Result<void> cdata();

  struct Level {
    std::string name;
    std::string text;
    bool has_elements = false;
  };
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  std::vector<Level> levels_;
  FlatXml found_;
};

Result<std::string> XmlReader::name() {
  const std::size_t from = at_;
  while (at_ < text_.size() && is_name(text_[at_], at_ == from)) {
    ++at_;
  }
  if (at_ == from || at_ - from > 64) {
    return wrong("this is no name of an element");
  }
  return std::string(text_.substr(from, at_ - from));
}

Result<void> XmlReader::open_element() {
  ++at_;
  GUANXI_TRY(named, name());
  skip_blanks();
  const bool empty = next_is("/>");
  if (!empty && !next_is(">")) {
    return wrong("elements have no attributes here");
  }
  at_ += empty ? 2 : 1;
  if (levels_.size() >= kLevelsMost || ++elements_ > kElementsMost) {
    return wrong("too many elements, or too deep");
  }
  if (!levels_.empty()) {
    levels_.back().has_elements = true;
  }
  levels_.push_back({std::move(named), {}, false});
  return empty ? close_element() : Result<void>();
}

Result<void> XmlReader::close_element() {
  const Level level = std::move(levels_.back());
  levels_.pop_back();
  if (!level.has_elements && !levels_.empty()) {
    std::string path;
    for (std::size_t i = 1; i < levels_.size(); ++i) {
      path += levels_[i].name + ".";
    }
    found_.emplace_back(path + level.name, level.text);
  }
  return {};
}

Result<void> XmlReader::entity() {
  struct Named {
    std::string_view word;
    char c;
  };
  constexpr auto kEntities = std::to_array<Named>(
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}});
  for (const Named& named : kEntities) {
    if (next_is(named.word)) {
      levels_.back().text += named.c;
      at_ += named.word.size();
      return {};
    }
  }
  return wrong("entities other than the five of every XML are not read");
}

Result<void> XmlReader::cdata() {
  constexpr std::string_view kOpen = "<![CDATA[";
  const std::size_t from = at_ + kOpen.size();
  const std::size_t end = text_.find("]]>", from);
  if (end == std::string_view::npos) {
    return wrong("a CDATA section is never closed");
  }
  levels_.back().text += text_.substr(from, end - from);
  at_ = end + 3;
  return {};
}

Result<FlatXml> XmlReader::read() {
  if (text_.size() > kBytesMost) {
    return wrong("the text is longer than 64 KiB");
  }
  if (!is_utf8(text_) || text_.find('\0') != std::string_view::npos) {
    return wrong("the text is not UTF-8");
  }
  skip_blanks();
  if (next_is("<?xml ")) {
    const std::size_t end = text_.find("?>", at_);
    if (end == std::string_view::npos) {
      return wrong("the declaration is never closed");
    }
    at_ = end + 2;
    skip_blanks();
  }
  if (!next_is("<") || next_is("</")) {
    return wrong("the text does not begin with an element");
  }
  GUANXI_TRY_VOID(next_is("<!") || next_is("<?")
                      ? Result<void>(wrong("document types are not read"))
                      : open_element());
  while (!levels_.empty()) {
    if (at_ >= text_.size()) {
      return wrong("an element is never closed");
    }
    if (next_is("</")) {
      at_ += 2;
      GUANXI_TRY(named, name());
      skip_blanks();
      if (named != levels_.back().name || !next_is(">")) {
        return wrong("an element is closed that is not open");
      }
      ++at_;
      GUANXI_TRY_VOID(close_element());
    } else if (next_is("<![CDATA[")) {
      GUANXI_TRY_VOID(cdata());
    } else if (next_is("<!") || next_is("<?")) {
      return wrong("comments, document types and instructions are not read");
    } else if (next_is("<")) {
      GUANXI_TRY_VOID(open_element());
    } else if (next_is("&")) {
      GUANXI_TRY_VOID(entity());
    } else {
      levels_.back().text += text_[at_++];
    }
  }
  skip_blanks();
  if (at_ != text_.size()) {
    return wrong("something stands behind the last element");
  }
  return std::move(found_);
}

}  // namespace

Result<FlatXml> read_flat_xml(std::string_view text) { return XmlReader(text).read(); }

}  // namespace guanxi::doors
