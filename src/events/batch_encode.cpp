#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/hash.hpp"
#include "events/batch_codec.hpp"
#include "events/batch_format.hpp"

namespace guanxi {
namespace {

namespace format = batch_format;

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  out += static_cast<char>(static_cast<std::uint8_t>(value));
}

unsigned width_of(std::uint64_t most) {
  return most <= 0xFF ? 1U : most <= 0xFFFF ? 2U : most <= 0xFFFFFFFF ? 4U : 8U;
}

// Little-endian bytes of the lowest `Width` bytes of each value, whatever the machine.
template <unsigned Width, typename Value>
void append_fixed(std::string& out, std::size_t count, Value value_at) {
  const std::size_t begin = out.size();
  out.resize(begin + count * Width);
  char* place = out.data() + begin;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t value = value_at(i);
    for (unsigned byte = 0; byte < Width; ++byte) {
      place[byte] = static_cast<char>(static_cast<std::uint8_t>(value >> (8U * byte)));
    }
    place += Width;
  }
}

template <typename Value>
void append_width(std::string& out, unsigned width, std::size_t count, Value value_at) {
  switch (width) {
    case 1:
      append_fixed<1>(out, count, value_at);
      return;
    case 2:
      append_fixed<2>(out, count, value_at);
      return;
    case 4:
      append_fixed<4>(out, count, value_at);
      return;
    default:
      append_fixed<8>(out, count, value_at);
      return;
  }
}

// The numbers of one column, gathered and then written in the narrowest form. A column that is zero
// everywhere holds nothing.
class NumberColumn {
 public:
  // `rows` is how many there will be in all, `row` how many there are before this block.
  void add(std::span<const std::uint64_t> block, std::size_t row, std::size_t rows) {
    if (values_.empty()) {
      std::uint64_t any = 0;
      for (const std::uint64_t value : block) {
        any |= value;
      }
      if (any == 0) {
        return;
      }
      values_.reserve(rows);
      values_.assign(row, 0);
    }
    values_.insert(values_.end(), block.begin(), block.end());
  }

  void write(std::string& out) const {
    if (values_.empty()) {
      out += static_cast<char>(format::kZero);
      return;
    }
    std::int64_t least = INT64_MAX;
    std::int64_t most = INT64_MIN;
    std::uint64_t steps = 0;  // as wide as the widest of them
    std::uint64_t before = values_.front();
    for (const std::uint64_t value : values_) {
      least = std::min(least, format::signed_of(value));
      most = std::max(most, format::signed_of(value));
      steps |= format::zigzag(value - before);
      before = value;
    }
    if (least == most) {
      out += static_cast<char>(format::kConstant);
      append_varint(out, format::zigzag(values_.front()));
      return;
    }
    const unsigned offset_width = width_of(format::bits_of(most) - format::bits_of(least));
    const unsigned delta_width = width_of(steps);
    if (delta_width < offset_width) {
      write_deltas(out, delta_width);
    } else {
      write_offsets(out, offset_width, format::bits_of(least));
    }
  }

 private:
  void write_offsets(std::string& out, unsigned width, std::uint64_t least) const {
    out += static_cast<char>(format::kOffsets + width);
    append_varint(out, format::zigzag(least));
    append_width(out, width, values_.size(), [&](std::size_t i) { return values_[i] - least; });
  }
  // The first difference is 0: the first value stands before the differences.
  void write_deltas(std::string& out, unsigned width) const {
    out += static_cast<char>(format::kDeltas + width);
    append_varint(out, format::zigzag(values_.front()));
    append_width(out, width, values_.size(), [&](std::size_t i) {
      return i == 0 ? 0 : format::zigzag(values_[i] - values_[i - 1]);
    });
  }

  std::vector<std::uint64_t> values_;
};

// Distinct texts in the order of their first appearance.
class TextSet {
 public:
  std::uint32_t intern(std::string_view text) {
    if (texts_.size() * 2 >= slots_.size()) {
      grow();
    }
    const auto hash = static_cast<std::uint32_t>(hash64(text));
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      const std::uint32_t code = slots_[slot] - 1;
      if (hashes_[code] == hash && texts_[code] == text) {
        return code;
      }
      slot = (slot + 1) & (slots_.size() - 1);
    }
    texts_.push_back(text);
    hashes_.push_back(hash);
    slots_[slot] = static_cast<std::uint32_t>(texts_.size());
    return slots_[slot] - 1;
  }
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return texts_; }

 private:
  void grow() {
    slots_.assign(std::max<std::size_t>(slots_.size() * 4, 256), 0);
    for (std::size_t code = 0; code < hashes_.size(); ++code) {
      std::size_t slot = hashes_[code] & (slots_.size() - 1);
      while (slots_[slot] != 0) {
        slot = (slot + 1) & (slots_.size() - 1);
      }
      slots_[slot] = static_cast<std::uint32_t>(code + 1);
    }
  }

  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t> hashes_;
  std::vector<std::uint32_t> slots_;
};

void write_numbers(std::string& out, std::span<const std::uint64_t> numbers) {
  NumberColumn column;
  column.add(numbers, 0, numbers.size());
  column.write(out);
}

void write_texts(std::string& out, const std::vector<std::string_view>& texts) {
  std::size_t total = 0;
  std::vector<std::uint64_t> lengths;
  lengths.reserve(texts.size());
  for (const std::string_view text : texts) {
    lengths.push_back(text.size());
    total += text.size();
  }
  write_numbers(out, lengths);
  out.reserve(out.size() + total);
  for (const std::string_view text : texts) {
    out += text;
  }
}

// The texts of one column: plain, or as codes where texts are likely to repeat. A column that is
// empty everywhere holds nothing.
class TextColumn {
 public:
  explicit TextColumn(bool repeats) : repeats_(repeats) {}

  void add(std::string_view text, std::size_t row, std::size_t rows) {
    if (!started_) {
      if (text.empty()) {
        return;
      }
      start(row, rows);
    }
    if (!repeats_) {
      plain_.push_back(text);
      return;
    }
    const bool again =
        !codes_.empty() && text.data() == last_.data() && text.size() == last_.size();
    codes_.push_back(again ? codes_.back() : set_.intern(text));
    last_ = text;
  }

  // A dictionary that `must` be there stands even where the texts hardly repeat.
  void write(std::string& out, bool must) {
    if (!started_) {
      out += static_cast<char>(format::kZero);
      return;
    }
    const std::size_t distinct = set_.texts().size();
    if (repeats_ && distinct > 1 && (must || distinct <= codes_.size() / 4 * 3)) {
      write_dictionary(out);
      return;
    }
    for (const std::uint32_t code : codes_) {
      plain_.push_back(set_.texts()[code]);
    }
    write_plain(out);
  }

 private:
  // Every row so far was empty.
  void start(std::size_t row, std::size_t rows) {
    started_ = true;
    if (repeats_) {
      codes_.reserve(rows);
      codes_.assign(row, row == 0 ? 0 : set_.intern({}));
    } else {
      plain_.reserve(rows);
      plain_.assign(row, std::string_view());
    }
  }
  void write_dictionary(std::string& out) const {
    out += static_cast<char>(format::kDictionary);
    append_varint(out, set_.texts().size());
    write_texts(out, set_.texts());
    write_numbers(out, std::vector<std::uint64_t>(codes_.begin(), codes_.end()));
  }
  void write_plain(std::string& out) const {
    if (std::all_of(plain_.begin(), plain_.end(),
                    [&](std::string_view text) { return text == plain_.front(); })) {
      out += static_cast<char>(format::kConstant);
      append_varint(out, plain_.front().size());
      out += plain_.front();
      return;
    }
    out += static_cast<char>(format::kPlain);
    write_texts(out, plain_);
  }

  bool repeats_;
  bool started_ = false;
  TextSet set_;
  std::string_view last_;
  std::vector<std::uint32_t> codes_;
  std::vector<std::string_view> plain_;
};

// Turns rows into columns, a block of rows at a time so that each row is in the cache while its
// fields are taken apart.
class Columns {
 public:
  Columns() {
    format::for_each_text_column(
        [&](auto column) { texts_.emplace_back(decltype(column)::kRepeats); });
  }

  void add(std::span<const Event> events, std::size_t begin, std::size_t end) {
    std::size_t index = 0;
    format::for_each_number_column([&](auto column) {
      for (std::size_t i = begin; i < end; ++i) {
        block_[i - begin] = decltype(column)::get(events[i]);
      }
      numbers_.at(index++).add(std::span(block_).first(end - begin), begin, events.size());
    });
    index = 0;
    format::for_each_text_column([&](auto column) {
      TextColumn& texts = texts_[index++];
      for (std::size_t i = begin; i < end; ++i) {
        texts.add(format::text_of<decltype(column)>(events[i]), i, events.size());
      }
    });
  }

  void write(std::string& out) {
    for (const NumberColumn& numbers : numbers_) {
      numbers.write(out);
    }
    std::size_t index = 0;
    format::for_each_text_column([&](auto column) {
      texts_[index++].write(out, decltype(column)::kName == format::Subject::kName);
    });
  }

 private:
  std::array<std::uint64_t, format::kBlock> block_{};
  std::array<NumberColumn, format::kNumberColumns> numbers_;
  std::vector<TextColumn> texts_;
};

}  // namespace

std::string encode_events(std::span<const Event> events) {
  GUANXI_CHECK(events.size() <= kEncodedBatchMost, "a batch is cut before it is encoded");
  std::string out(format::kMagic);
  append_varint(out, events.size());
  append_fixed<8>(out, events.size(), [&](std::size_t i) { return events[i].id_hash; });
  Columns columns;
  for (std::size_t begin = 0; begin < events.size(); begin += format::kBlock) {
    columns.add(events, begin, std::min(begin + format::kBlock, events.size()));
  }
  columns.write(out);
  return out;
}

std::string encode_batch(const EventBatch& batch) { return encode_events(batch.events); }

}  // namespace guanxi
