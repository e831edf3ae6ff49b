#include "analytics/byte_source.hpp"

#include <iconv.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace guanxi {
namespace {

constexpr std::size_t kDiskBlockBytes = std::size_t{1} << 18U;
constexpr std::uint64_t kRatioFreeBytes = std::uint64_t{64} << 20U;
constexpr char kNoText = '\xFF';

struct FileCloser {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using FileHandle = std::unique_ptr<std::FILE, FileCloser>;

Result<FileHandle> open_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                "'" + path + "' cannot be opened: " + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::invalid, "'" + path + "' is a folder; name the files in it");
  }
  FileHandle file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    return fail(ErrorCode::unavailable, "'" + path + "' cannot be opened: " + std::strerror(errno));
  }
  return file;
}

class PlainBytes final : public ByteSource {
 public:
  PlainBytes(std::string path, FileHandle file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t got = std::fread(out, 1, capacity, file_.get());
    if (got == 0 && std::ferror(file_.get()) != 0) {
      return fail(ErrorCode::unavailable,
                  "'" + path_ + "' cannot be read further at byte " + std::to_string(taken_));
    }
    taken_ += got;
    return got;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return taken_; }

 private:
  std::string path_;
  FileHandle file_;
  std::uint64_t taken_ = 0;
};

class GzipBytes final : public ByteSource {
 public:
  GzipBytes(std::string path, FileHandle file, const FileLimits& limits)
      : path_(path), plain_(std::move(path), std::move(file)), limits_(limits) {
    input_.resize(kDiskBlockBytes);
    GUANXI_CHECK(inflateInit2(&stream_, 15 + 16) == Z_OK, "zlib cannot start");
  }
  ~GzipBytes() override { static_cast<void>(inflateEnd(&stream_)); }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min(capacity, std::size_t{1} << 30U));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !finished_) {
      if (stream_.avail_in == 0) {
        GUANXI_TRY_VOID(refill());
        if (finished_) {
          break;
        }
      }
      GUANXI_TRY_VOID(inflate_some());
    }
    const std::size_t got = wanted - stream_.avail_out;
    given_ += got;
    GUANXI_TRY_VOID(check_limits());
    return got;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override {
    return plain_.disk_bytes() - stream_.avail_in;
  }

 private:
  Result<void> refill() {
    GUANXI_TRY(got, plain_.read(input_.data(), input_.size()));
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(got);
    if (got == 0) {
      if (!between_members_) {
        return fail(ErrorCode::corrupted,
                    "'" + path_ + "' is cut off: the gzip stream ends after byte " +
                        std::to_string(plain_.disk_bytes()) + " without its last block");
      }
      finished_ = true;
    }
    return {};
  }

  Result<void> inflate_some() {
    if (between_members_) {
      if (*stream_.next_in == 0) {  // padding after the last member
        ++stream_.next_in;
        --stream_.avail_in;
        return {};
      }
      GUANXI_CHECK(inflateReset(&stream_) == Z_OK, "zlib cannot start over");
      between_members_ = false;
    }
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      between_members_ = true;
      return {};
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
      return fail(ErrorCode::corrupted, "'" + path_ + "' is damaged: gzip fails near byte " +
                                            std::to_string(disk_bytes()) + " (" +
                                            (stream_.msg != nullptr ? stream_.msg : "no reason") +
                                            ")");
    }
    return {};
  }

  [[nodiscard]] Result<void> check_limits() const {
    if (given_ > limits_.text_bytes_most) {
      return fail(ErrorCode::invalid, "'" + path_ + "' unpacks to more than " +
                                          std::to_string(limits_.text_bytes_most) + " bytes");
    }
    if (given_ > kRatioFreeBytes && given_ / (disk_bytes() + 1) > limits_.gzip_ratio_most) {
      return fail(ErrorCode::invalid,
                  "'" + path_ + "' unpacks to more than " +
                      std::to_string(limits_.gzip_ratio_most) +
                      " times its size; a file of orders never does, so it is not read further");
    }
    return {};
  }

  std::string path_;
  PlainBytes plain_;
  FileLimits limits_;
  std::vector<char> input_;
  z_stream stream_{};
  std::uint64_t given_ = 0;
  bool between_members_ = true;
  bool finished_ = false;
};

class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t got = std::min(capacity, text_.size() - at_);
    std::memcpy(out, text_.data() + at_, got);
    at_ += got;
    return got;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return at_; }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

// Converts through iconv; what cannot be converted becomes kNoText, one for each broken byte.
class DecodedText final : public ByteSource {
 public:
  DecodedText(std::unique_ptr<ByteSource> source, iconv_t converter)
      : source_(std::move(source)), converter_(converter), input_(kDiskBlockBytes) {}
  ~DecodedText() override { static_cast<void>(iconv_close(converter_)); }
  DecodedText(const DecodedText&) = delete;
  DecodedText& operator=(const DecodedText&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    GUANXI_CHECK(capacity >= 16, "a conversion needs room for one character");
    char* to = out;
    std::size_t room = capacity;
    while (room == capacity) {
      if (!at_end_ && (kept_ == 0 || starved_)) {
        GUANXI_TRY(got, source_->read(input_.data() + kept_, input_.size() - kept_));
        at_end_ = got == 0;
        kept_ += got;
      }
      if (kept_ == 0) {
        return std::size_t{0};
      }
      convert(to, room);
    }
    return capacity - room;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return source_->disk_bytes(); }

 private:
  void convert(char*& to, std::size_t& room) {
    char* from = input_.data();
    starved_ = false;
    while (kept_ > 0 && room >= 8) {
      if (iconv(converter_, &from, &kept_, &to, &room) != static_cast<std::size_t>(-1)) {
        break;
      }
      if (errno == E2BIG) {
        break;
      }
      if (errno == EINVAL && !at_end_) {
        starved_ = true;
        break;
      }
      *to++ = kNoText;
      --room;
      ++from;
      --kept_;
    }
    std::memmove(input_.data(), from, kept_);
  }

  std::unique_ptr<ByteSource> source_;
  iconv_t converter_;
  std::vector<char> input_;
  std::size_t kept_ = 0;
  bool starved_ = false;
  bool at_end_ = false;
};

// A multi-byte character may be cut at the sample's end; leave it out.
std::string_view without_cut_tail(std::string_view sample) {
  std::size_t end = sample.size();
  for (int i = 0; i < 4 && end > 0 && (static_cast<unsigned char>(sample[end - 1]) & 0x80U) != 0;
       ++i) {
    --end;
  }
  return sample.substr(0, end);
}

bool all_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

// GB18030 when every high byte begins a valid pair, and most pairs lie where Chinese characters
// do: "é" before a Latin letter is also a valid pair, but such pairs have a low second byte.
bool looks_like_gb18030(std::string_view text) {
  std::size_t pairs = 0;
  std::size_t chinese = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (i + 1 >= text.size() || lead == 0x80 || lead == 0xFF) {
      return false;
    }
    const auto trail = static_cast<unsigned char>(text[i + 1]);
    if (trail >= 0x30 && trail <= 0x39) {
      i += 4;
      continue;
    }
    if (trail < 0x40 || trail == 0x7F || trail == 0xFF) {
      return false;
    }
    ++pairs;
    chinese += lead >= 0xA1 && lead <= 0xF7 && trail >= 0xA1 ? 1U : 0U;
    i += 2;
  }
  return pairs > 0 && chinese * 10 >= pairs * 7;
}

// A few broken rows do not make a UTF-8 text something else: most of its foreign lines are valid.
bool mostly_utf8(std::string_view text) {
  std::size_t valid = 0;
  std::size_t broken = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!all_ascii(line)) {
      ++(simdjson::validate_utf8(line.data(), line.size()) ? valid : broken);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return valid > broken * 4;
}

}  // namespace

Result<Container> container_of(const std::string& path) {
  GUANXI_TRY(file, open_file(path));
  std::array<char, 8> head{};
  const std::size_t got = std::fread(head.data(), 1, head.size(), file.get());
  const std::string_view text(head.data(), got);
  if (text.empty()) {
    return Container::empty;
  }
  if (text.substr(0, 2) == "\x1F\x8B") {
    return Container::gzip;
  }
  if (text.substr(0, 4) == "PAR1") {
    return Container::parquet;
  }
  if (text.substr(0, 4) == "PK\x03\x04" || text.substr(0, 4) == "PK\x05\x06") {
    return Container::zip;
  }
  if (text.substr(0, 4) == "\x28\xB5\x2F\xFD") {
    return Container::zstd;
  }
  if (text.substr(0, 3) == "BZh") {
    return Container::bzip2;
  }
  if (text.substr(0, 6) == std::string_view("\xFD"
                                            "7zXZ\0",
                                            6)) {
    return Container::xz;
  }
  return Container::plain;
}

Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path, const FileLimits& limits) {
  GUANXI_TRY(container, container_of(path));
  switch (container) {
    case Container::plain:
    case Container::gzip:
      break;
    case Container::empty:
      return fail(ErrorCode::invalid, "'" + path + "' is empty");
    case Container::parquet:
      return fail(ErrorCode::invalid, "'" + path + "' is a Parquet file, not text");
    case Container::zip:
      return fail(ErrorCode::invalid,
                  "'" + path +
                      "' is a zip archive (or a spreadsheet); unpack it, or save the "
                      "sheet as CSV; gzip (.gz) can be read as it is");
    case Container::zstd:
    case Container::bzip2:
    case Container::xz:
      return fail(ErrorCode::invalid, "'" + path +
                                          "' is compressed with zstd, bzip2 or xz; "
                                          "unpack it; gzip (.gz) can be read as it is");
  }
  GUANXI_TRY(file, open_file(path));
  if (container == Container::gzip) {
    return std::unique_ptr<ByteSource>(std::make_unique<GzipBytes>(path, std::move(file), limits));
  }
  return std::unique_ptr<ByteSource>(std::make_unique<PlainBytes>(path, std::move(file)));
}

std::unique_ptr<ByteSource> bytes_of(std::string text) {
  return std::make_unique<MemoryBytes>(std::move(text));
}

TextEncoding guess_encoding(std::string_view sample) {
  if (sample.substr(0, 3) == "\xEF\xBB\xBF") {
    return {"utf-8", true, 3};
  }
  if (sample.substr(0, 2) == "\xFF\xFE") {
    return {"utf-16le", true, 2};
  }
  if (sample.substr(0, 2) == "\xFE\xFF") {
    return {"utf-16be", true, 2};
  }
  const std::string_view head = sample.substr(0, 4096);
  std::size_t zeros_even = 0;
  std::size_t zeros_odd = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') {
      ++(i % 2 == 0 ? zeros_even : zeros_odd);
    }
  }
  if (zeros_odd * 4 > head.size() && zeros_even == 0) {
    return {"utf-16le", true, 0};
  }
  if (zeros_even * 4 > head.size() && zeros_odd == 0) {
    return {"utf-16be", true, 0};
  }
  const std::string_view whole = without_cut_tail(sample);
  if (all_ascii(whole)) {
    return {"utf-8", false, 0};
  }
  if (simdjson::validate_utf8(whole.data(), whole.size()) || mostly_utf8(whole)) {
    return {"utf-8", true, 0};
  }
  return looks_like_gb18030(whole) ? TextEncoding{"gb18030", true, 0}
                                   : TextEncoding{"windows-1252", true, 0};
}

std::string_view encodings_known() {
  return "utf-8, gb18030 (gbk, gb2312), utf-16le, utf-16be, windows-1252 (latin1)";
}

Result<std::unique_ptr<ByteSource>> decode_text(std::unique_ptr<ByteSource> source,
                                                const std::string& encoding) {
  if (encoding == "utf-8") {
    return source;
  }
  const char* from = nullptr;
  if (encoding == "gb18030" || encoding == "gbk" || encoding == "gb2312") {
    from = "GB18030";
  } else if (encoding == "utf-16le") {
    from = "UTF-16LE";
  } else if (encoding == "utf-16be") {
    from = "UTF-16BE";
  } else if (encoding == "windows-1252" || encoding == "latin1" || encoding == "iso-8859-1") {
    from = "WINDOWS-1252";
  } else {
    return fail(ErrorCode::invalid,
                "encoding '" + encoding + "' is unknown; valid: " + std::string(encodings_known()));
  }
  iconv_t converter = iconv_open("UTF-8", from);
  if (converter == reinterpret_cast<iconv_t>(-1)) {  // NOLINT: iconv's own failure value
    return fail(ErrorCode::unavailable,
                "this machine's C library cannot convert " + encoding + " to UTF-8");
  }
  return std::unique_ptr<ByteSource>(std::make_unique<DecodedText>(std::move(source), converter));
}

}  // namespace guanxi
