#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "events/batch_codec.hpp"
#include "events/batch_format.hpp"

namespace guanxi {
namespace {

namespace format = batch_format;

// Reads bytes that may be hostile. The first thing that does not fit is kept and everything read
// after it is zero, so that callers ask once, at the end of a column.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool sound() const { return wrong_ == nullptr; }
  [[nodiscard]] std::size_t offset() const { return at_; }
  void refuse(const char* what) {
    if (sound()) {
      wrong_ = what;
      wrong_at_ = at_;
    }
  }
  [[nodiscard]] Unexpected error(std::string_view column) const {
    return fail(ErrorCode::corrupted, "event batch, column '" + std::string(column) +
                                          "', at byte " + std::to_string(wrong_at_) + " of " +
                                          std::to_string(bytes_.size()) + ": " + wrong_);
  }

  std::uint8_t byte() {
    const std::string_view one = take(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80) {
        return value;
      }
    }
    refuse("a number of more than ten bytes");
    return 0;
  }
  std::string_view take(std::uint64_t count) {
    if (!sound() || count > bytes_.size() - at_) {
      refuse("the bytes end too early");
      return {};
    }
    const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  const char* wrong_ = nullptr;
  std::size_t wrong_at_ = 0;
};

using Block = std::array<std::uint64_t, format::kBlock>;

template <unsigned Width>
std::uint64_t fixed(const char* place) {
  std::uint64_t value = 0;
  for (unsigned byte = 0; byte < Width; ++byte) {
    value |= std::uint64_t{static_cast<std::uint8_t>(place[byte])} << (8U * byte);
  }
  return value;
}

// A column of numbers, read from the front in blocks.
class Numbers {
 public:
  void parse(Reader& reader, std::size_t rows) {
    const std::uint8_t mark = reader.byte();
    if (mark == format::kZero) {
      return;
    }
    base_ = format::unzigzag(reader.varint());
    if (mark == format::kConstant) {
      return;
    }
    width_ = mark & 0x0FU;
    deltas_ = (mark & 0xF0U) == format::kDeltas;
    const bool known = deltas_ || (mark & 0xF0U) == format::kOffsets;
    if (!known || (width_ != 1 && width_ != 2 && width_ != 4 && width_ != 8)) {
      reader.refuse("an unknown mark of a column of numbers");
      return;
    }
    place_ = reader.take(std::uint64_t{width_} * rows).data();
  }

  [[nodiscard]] bool constant() const { return width_ == 0; }
  [[nodiscard]] std::uint64_t constant_value() const { return base_; }

  void next(std::span<std::uint64_t> values) {
    switch (width_) {
      case 0:
        std::fill(values.begin(), values.end(), base_);
        return;
      case 1:
        read<1>(values);
        return;
      case 2:
        read<2>(values);
        return;
      case 4:
        read<4>(values);
        return;
      default:
        read<8>(values);
        return;
    }
  }

 private:
  template <unsigned Width>
  void read(std::span<std::uint64_t> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = fixed<Width>(place_ + i * Width);
    }
    place_ += values.size() * Width;
    if (!deltas_) {
      for (std::uint64_t& value : values) {
        value += base_;
      }
      return;
    }
    for (std::uint64_t& value : values) {
      base_ += format::unzigzag(value);
      value = base_;
    }
  }

  const char* place_ = nullptr;
  std::uint64_t base_ = 0;
  unsigned width_ = 0;
  bool deltas_ = false;
};

// Texts one after another, their lengths before them.
class Texts {
 public:
  void parse(Reader& reader, std::size_t rows) {
    lengths_.parse(reader, rows);
    if (!reader.sound()) {
      return;
    }
    Numbers lengths = lengths_;
    Block block;
    std::uint64_t total = 0;
    for (std::size_t begin = 0; begin < rows; begin += block.size()) {
      const auto values = std::span(block).first(std::min(block.size(), rows - begin));
      lengths.next(values);
      for (const std::uint64_t length : values) {
        if (length > UINT32_MAX) {
          reader.refuse("a text of 4 GiB or more");
          return;
        }
        total += length;
      }
    }
    place_ = reader.take(total).data();
  }

  // REQUIRES values.size() at most a block.
  template <typename Set>
  void next(std::size_t count, Set set) {
    Block block;
    const auto lengths = std::span(block).first(count);
    lengths_.next(lengths);
    for (std::size_t i = 0; i < count; ++i) {
      set(i, std::string_view(place_, static_cast<std::size_t>(lengths[i])));
      place_ += lengths[i];
    }
  }

 private:
  Numbers lengths_;
  const char* place_ = nullptr;
};

// A column of text in any of its forms.
class TextColumn {
 public:
  void parse(Reader& reader, std::size_t rows) {
    mark_ = reader.byte();
    switch (mark_) {
      case format::kZero:
        return;
      case format::kConstant:
        constant_ = reader.take(reader.varint());
        return;
      case format::kPlain:
        plain_.parse(reader, rows);
        return;
      case format::kDictionary:
        parse_dictionary(reader, rows);
        return;
      default:
        reader.refuse("an unknown mark of a column of texts");
        return;
    }
  }

  [[nodiscard]] bool empty() const { return mark_ == format::kZero; }

  // Calls set(i, text) for the next `count` rows; false when a code is not in the dictionary.
  template <typename Set>
  [[nodiscard]] bool next(std::size_t count, Set set) {
    if (mark_ == format::kPlain) {
      plain_.next(count, set);
    } else if (mark_ == format::kDictionary) {
      Block block;
      const auto codes = std::span(block).first(count);
      if (!next_codes(codes)) {
        return false;
      }
      for (std::size_t i = 0; i < count; ++i) {
        set(i, dictionary_[static_cast<std::size_t>(codes[i])]);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        set(i, constant_);
      }
    }
    return true;
  }

  // Everything at once, as texts and codes. False when a code is not in the dictionary.
  [[nodiscard]] bool list(std::size_t rows, BatchSubjects& subjects) const {
    subjects.texts.clear();
    subjects.codes.assign(rows, 0);
    TextColumn column = *this;
    if (mark_ == format::kPlain) {
      for (std::size_t begin = 0; begin < rows; begin += format::kBlock) {
        column.plain_.next(std::min(format::kBlock, rows - begin),
                           [&](std::size_t i, std::string_view text) {
                             subjects.codes[begin + i] = static_cast<std::uint32_t>(begin + i);
                             subjects.texts.push_back(text);
                           });
      }
      return true;
    }
    if (mark_ != format::kDictionary) {
      subjects.texts.push_back(constant_);
      return true;
    }
    subjects.texts = dictionary_;
    Block block;
    for (std::size_t begin = 0; begin < rows; begin += block.size()) {
      const auto codes = std::span(block).first(std::min(block.size(), rows - begin));
      if (!column.next_codes(codes)) {
        return false;
      }
      for (std::size_t i = 0; i < codes.size(); ++i) {
        subjects.codes[begin + i] = static_cast<std::uint32_t>(codes[i]);
      }
    }
    return true;
  }

 private:
  void parse_dictionary(Reader& reader, std::size_t rows) {
    const std::uint64_t entries = reader.varint();
    if (entries > rows) {
      reader.refuse("a dictionary with more texts than events");
      return;
    }
    Texts texts;
    texts.parse(reader, static_cast<std::size_t>(entries));
    codes_.parse(reader, rows);
    if (!reader.sound()) {
      return;
    }
    dictionary_.resize(static_cast<std::size_t>(entries));
    for (std::size_t begin = 0; begin < dictionary_.size(); begin += format::kBlock) {
      texts.next(std::min(format::kBlock, dictionary_.size() - begin),
                 [&](std::size_t i, std::string_view text) { dictionary_[begin + i] = text; });
    }
  }
  [[nodiscard]] bool next_codes(std::span<std::uint64_t> codes) {
    codes_.next(codes);
    std::uint64_t most = 0;
    for (const std::uint64_t code : codes) {
      most = std::max(most, code);
    }
    return most < dictionary_.size();
  }

  std::uint8_t mark_ = format::kZero;
  std::string_view constant_;
  Texts plain_;
  std::vector<std::string_view> dictionary_;
  Numbers codes_;
};

// All columns of one batch, parsed; fill() turns them back into rows.
struct Parsed {
  std::size_t rows = 0;
  const char* id_hashes = nullptr;
  std::array<Numbers, format::kNumberColumns> numbers;
  std::array<TextColumn, format::kTextColumns> texts;
  std::size_t subject_column = 0;
};

Result<Parsed> parse(std::string_view bytes) {
  Reader reader(bytes);
  Parsed parsed;
  const std::string_view magic = reader.take(format::kMagic.size());
  if (magic != format::kMagic && magic != format::kMagicBefore) {
    reader.refuse("these are not the bytes of an event batch of this version");
  }
  const std::size_t number_columns =
      magic == format::kMagic ? format::kNumberColumns : format::kNumberColumnsBefore;
  const std::uint64_t rows = reader.varint();
  if (rows > kEncodedBatchMost) {
    reader.refuse("more events than a batch may hold");
  }
  parsed.rows = static_cast<std::size_t>(rows);
  parsed.id_hashes = reader.take(rows * 8).data();
  if (!reader.sound()) {
    return reader.error("id_hash");
  }
  std::string_view wrong;
  std::size_t index = 0;
  format::for_each_number_column([&](auto column) {
    if (index == number_columns) {
      return;
    }
    parsed.numbers.at(index++).parse(reader, parsed.rows);
    wrong = wrong.empty() && !reader.sound() ? decltype(column)::kName : wrong;
  });
  index = 0;
  format::for_each_text_column([&](auto column) {
    parsed.subject_column =
        decltype(column)::kName == format::Subject::kName ? index : parsed.subject_column;
    parsed.texts.at(index++).parse(reader, parsed.rows);
    wrong = wrong.empty() && !reader.sound() ? decltype(column)::kName : wrong;
  });
  if (reader.sound() && !reader.at_end()) {
    reader.refuse("bytes after the last column");
  }
  if (!reader.sound()) {
    return reader.error(wrong);
  }
  return parsed;
}

// Writes `events.size()` rows from row `begin` on; the name of the column whose value cannot be, or
// nothing.
std::string_view fill_block(Parsed& parsed, std::size_t begin, std::span<Event> events) {
  std::string_view wrong;
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].id_hash = fixed<8>(parsed.id_hashes + (begin + i) * 8);
  }
  Block block;
  const auto values = std::span(block).first(events.size());
  std::size_t index = 0;
  format::for_each_number_column([&](auto column) {
    using Column = decltype(column);
    Numbers& numbers = parsed.numbers.at(index++);
    if (numbers.constant() && numbers.constant_value() == 0) {
      return;
    }
    numbers.next(values);
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      most = std::max(most, values[i]);
      Column::set(events[i], values[i]);
    }
    wrong = most > Column::kMost ? Column::kName : wrong;
  });
  index = 0;
  format::for_each_text_column([&](auto column) {
    using Column = decltype(column);
    TextColumn& texts = parsed.texts.at(index++);
    if (!texts.empty() && !texts.next(events.size(), [&](std::size_t i, std::string_view text) {
          Column::at(events[i]) = text;
        })) {
      wrong = Column::kName;
    }
  });
  return wrong;
}

Unexpected impossible_value(std::string_view column) {
  return fail(ErrorCode::corrupted,
              "event batch, column '" + std::string(column) + "': a value that cannot be");
}

Result<void> decode_adopted(std::string_view bytes, EventBatch& out, BatchSubjects* subjects) {
  GUANXI_TRY(parsed, parse(bytes));
  if (subjects != nullptr && !parsed.texts.at(parsed.subject_column).list(parsed.rows, *subjects)) {
    return impossible_value(format::Subject::kName);
  }
  const std::size_t before = out.events.size();
  out.events.resize(before + parsed.rows);
  for (std::size_t begin = 0; begin < parsed.rows; begin += format::kBlock) {
    const std::size_t count = std::min(format::kBlock, parsed.rows - begin);
    const auto wrong =
        fill_block(parsed, begin, std::span(out.events).subspan(before + begin, count));
    if (!wrong.empty()) {
      out.events.resize(before);
      return impossible_value(wrong);
    }
  }
  return {};
}

}  // namespace

Result<void> adopt_batch(std::string bytes, EventBatch& out, BatchSubjects* subjects) {
  return decode_adopted(out.adopt(std::move(bytes)), out, subjects);
}

Result<void> decode_batch(std::string_view bytes, EventBatch& out, BatchSubjects* subjects) {
  return adopt_batch(std::string(bytes), out, subjects);
}

}  // namespace guanxi
