#include "analytics/row_reader.hpp"

#include <simdjson.h>

#include <cstring>

namespace guanxi {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// No NUL, and UTF-8 throughout.
const char* text_problem(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
    return "the line holds a NUL byte: no text file does";
  }
  unsigned char seen = 0;
  for (const char c : text) {
    seen = static_cast<unsigned char>(seen | static_cast<unsigned char>(c));
  }
  if (seen >= 0x80 && !simdjson::validate_utf8(text.data(), text.size())) {
    return "the line is not text of the file's encoding; say encoding = \"gb18030\" (or utf-16le, "
           "windows-1252) in a mapping if all of the file is in another one";
  }
  return nullptr;
}

}  // namespace

RowReader::RowReader(std::unique_ptr<ByteSource> source, const RowFormat& format,
                     std::size_t row_bytes_most)
    : source_(std::move(source)), format_(format), row_bytes_most_(row_bytes_most) {
  buffer_.resize(kBlockBytes + row_bytes_most_);
  stops_[static_cast<unsigned char>(format_.delimiter)] = true;
  stops_[static_cast<unsigned char>(format_.newline)] = true;
}

// Moves the row's begin to the front and reads on. False when nothing more could be read.
Result<bool> RowReader::refill() {
  if (source_ended_) {
    return false;
  }
  std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
  end_ -= at_;
  at_ = 0;
  GUANXI_TRY(got, source_->read(buffer_.data() + end_, buffer_.size() - end_));
  end_ += got;
  source_ended_ = got == 0;
  return got > 0;
}

// Passes blank lines and comments. False at the end of the file.
Result<bool> RowReader::skip_to_content() {
  while (true) {
    std::size_t at = at_;
    while (at < end_ && (buffer_[at] == '\r' || is_blank(buffer_[at])) &&
           buffer_[at] != format_.newline && buffer_[at] != format_.delimiter) {
      ++at;
    }
    if (format_.delimiter == ' ') {
      while (at < end_ && (is_blank(buffer_[at]) || buffer_[at] == '\r') &&
             buffer_[at] != format_.newline) {
        ++at;
      }
    }
    if (at == end_) {
      GUANXI_TRY(more, refill());
      if (!more) {
        return false;
      }
      continue;
    }
    if (buffer_[at] == format_.newline) {
      at_ = at + 1;
      ++line_;
      continue;
    }
    if (format_.comment != '\0' && buffer_[at] == format_.comment) {
      GUANXI_TRY_VOID(skip_line());
      continue;
    }
    return true;
  }
}

// Passes the rest of a physical line of any length.
Result<void> RowReader::skip_line() {
  while (true) {
    const void* found = std::memchr(buffer_.data() + at_, format_.newline, end_ - at_);
    if (found != nullptr) {
      at_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
      ++line_;
      return {};
    }
    at_ = end_;
    GUANXI_TRY(more, refill());
    if (!more) {
      return {};
    }
  }
}

// `at` stands on the opening quote; afterwards on the delimiter, the line's end, or the end.
RowReader::Split RowReader::split_quoted(std::size_t& at) {
  const std::size_t begin = at + 1;
  std::size_t from = begin;
  bool escaped = false;
  while (true) {
    const void* found = std::memchr(buffer_.data() + from, '"', end_ - from);
    if (found == nullptr) {
      return Split::in_quote;
    }
    const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
    if (quote + 1 == end_ && !source_ended_) {
      return Split::need_more;
    }
    if (quote + 1 < end_ && buffer_[quote + 1] == '"') {
      escaped = true;
      from = quote + 2;
      continue;
    }
    bounds_.push_back({begin, quote, escaped});
    at = quote + 1;
    if (at < end_ && buffer_[at] == '\r' && format_.newline == '\n') {
      ++at;
    }
    if (at == end_ && !source_ended_) {
      return Split::need_more;
    }
    return at == end_ || stops_[static_cast<unsigned char>(buffer_[at])] ? Split::complete
                                                                         : Split::bad_quote;
  }
}

RowReader::Split RowReader::split_delimited() {
  bounds_.clear();
  std::size_t at = at_;
  while (true) {
    if (format_.quotes && at < end_ && buffer_[at] == '"') {
      const Split split = split_quoted(at);
      if (split != Split::complete) {
        return split;
      }
    } else {
      const std::size_t begin = at;
      const char* const data = buffer_.data();
      while (at < end_ && !stops_[static_cast<unsigned char>(data[at])]) {
        ++at;
      }
      if (at == end_ && !source_ended_) {
        return Split::need_more;
      }
      bounds_.push_back({begin, at, false});
    }
    if (at == end_ || buffer_[at] == format_.newline) {
      Bounds& last = bounds_.back();
      if (last.end > last.begin && last.end == at && buffer_[at - 1] == '\r') {
        --last.end;
      }
      next_at_ = std::min(at + 1, end_);
      return Split::complete;
    }
    ++at;
  }
}

RowReader::Split RowReader::split_blanks() {
  bounds_.clear();
  const void* found = std::memchr(buffer_.data() + at_, format_.newline, end_ - at_);
  if (found == nullptr && !source_ended_) {
    return Split::need_more;
  }
  const std::size_t line_end =
      found == nullptr ? end_
                       : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
  next_at_ = std::min(line_end + 1, end_);
  std::size_t at = at_;
  const auto blank = [this](std::size_t i) { return is_blank(buffer_[i]) || buffer_[i] == '\r'; };
  while (true) {
    while (at < line_end && blank(at)) {
      ++at;
    }
    if (at == line_end) {
      return Split::complete;
    }
    const std::size_t begin = at;
    while (at < line_end && !blank(at)) {
      ++at;
    }
    bounds_.push_back({begin, at, false});
  }
}

void RowReader::make_fields() {
  fields_.clear();
  unescaped_.clear();
  unescaped_.reserve(next_at_ - at_);  // so that views into it stay valid
  for (const Bounds& bounds : bounds_) {
    const std::string_view raw(buffer_.data() + bounds.begin, bounds.end - bounds.begin);
    if (!bounds.escaped) {
      fields_.push_back(raw);
      continue;
    }
    const std::size_t begin = unescaped_.size();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      unescaped_.push_back(raw[i]);
      i += raw[i] == '"' ? 1U : 0U;
    }
    fields_.push_back(std::string_view(unescaped_).substr(begin));
  }
}

void RowReader::give(Row& row) {
  row.line = line_;
  row.text = std::string_view(buffer_.data() + at_, next_at_ - at_);
  while (!row.text.empty() && (row.text.back() == '\n' || row.text.back() == '\r')) {
    row.text.remove_suffix(1);
  }
  const std::string_view taken(buffer_.data() + at_, next_at_ - at_);
  lines_taken_ = 1;
  if (row.text.size() + 2 < taken.size() || row.text.find(format_.newline) != row.text.npos) {
    lines_taken_ =
        static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), format_.newline));
  }
  row.problem = text_problem(row.text);
  if (row.problem != nullptr) {
    row.fields = {};
    return;
  }
  make_fields();
  row.fields = fields_;
}

// The physical line alone is given as broken; reading goes on behind it.
Result<void> RowReader::give_broken(Row& row, const char* problem) {
  row.line = line_;
  row.problem = problem;
  row.fields = {};
  const void* found = std::memchr(buffer_.data() + at_, format_.newline, end_ - at_);
  if (found != nullptr) {
    next_at_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
    row.text = std::string_view(buffer_.data() + at_, next_at_ - at_ - 1);
    lines_taken_ = 1;
    return {};
  }
  unescaped_.assign(buffer_.data() + at_, std::min<std::size_t>(end_ - at_, 1000));
  row.text = unescaped_;
  at_ = end_;
  next_at_ = end_;
  lines_taken_ = 0;
  GUANXI_TRY_VOID(skip_line());
  next_at_ = at_;
  return {};
}

Result<bool> RowReader::next(Row& row) {
  at_ = next_at_;
  line_ += lines_taken_;
  lines_taken_ = 0;
  GUANXI_TRY(any, skip_to_content());
  if (!any) {
    next_at_ = at_;
    return false;
  }
  while (true) {
    const Split split = format_.delimiter == ' ' ? split_blanks() : split_delimited();
    if (split == Split::complete) {
      if (next_at_ - at_ > row_bytes_most_) {
        GUANXI_TRY_VOID(give_broken(row, "the row is longer than a row may be (1 MiB)"));
      } else {
        give(row);
      }
      return true;
    }
    if (split == Split::bad_quote) {
      GUANXI_TRY_VOID(give_broken(row,
                                  "text stands behind a closing quote; a quote inside a "
                                  "quoted field is written twice"));
      return true;
    }
    if (!source_ended_ && end_ - at_ <= row_bytes_most_) {
      GUANXI_TRY(more, refill());
      static_cast<void>(more);
      continue;
    }
    GUANXI_TRY_VOID(give_broken(row, split == Split::in_quote
                                         ? "a quote is opened on this line and never closed"
                                         : "the row is longer than a row may be (1 MiB)"));
    return true;
  }
}

}  // namespace guanxi
