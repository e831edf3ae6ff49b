#include "people/image_file.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <tuple>

#include "base/check.hpp"
#include "base/hash.hpp"
#include "people/parallel.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kBlockBytes = ImageFileWriter::kBlockBytes;
constexpr std::uint64_t kMagic = 0x3130474D49585547;  // "GUXIMG01" in the file
constexpr std::uint32_t kFormat = 1;
constexpr std::uint64_t kFirstSection = 4096;
constexpr std::uint64_t kAlign = 64;
constexpr std::uint64_t kSectionsMost = 1U << 22U;

/// The first bytes of the file.
struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t block_bytes = kBlockBytes;
  std::uint64_t file_bytes = 0;
  std::uint64_t table_offset = 0;
  std::uint64_t sections = 0;
  std::uint64_t sums = 0;
  std::uint64_t table_sum = 0;
  std::uint64_t header_sum = 0;  ///< of all before
};
static_assert(sizeof(Header) == 64);

std::string_view view_of(const void* bytes, std::size_t size) {
  return {static_cast<const char*>(bytes), size};
}

std::span<char> chars_of(void* bytes, std::size_t size) {
  return {static_cast<char*>(bytes), size};
}

std::uint64_t sum_of(std::string_view bytes) { return hash64(bytes); }

std::uint64_t header_sum(const Header& header) {
  return sum_of(view_of(&header, offsetof(Header, header_sum)));
}

std::uint64_t blocks_of(std::uint64_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes; }

auto key_of(const ImageSection& section) {
  return std::tuple(section.part, section.shard, section.piece);
}

Unexpected damaged(const std::string& what) { return fail(ErrorCode::corrupted, what); }

}  // namespace

/// Sums and writes a section block by block.
///
/// Place       ImageFileWriter::write(), one per section and thread.
/// Threads     One owner.
class ImageFileWriter::BlockSink final : public Sink {
 public:
  BlockSink(Source& source, File& file, const std::atomic<int>& stop)
      : source_(source), file_(file), stop_(stop), at_(source.section.offset) {}

  void put(std::span<const std::byte> bytes) override {
    while (!bytes.empty() && !error_) {
      if (waiting_.empty() && bytes.size() >= kBlockBytes) {
        block(bytes.first(kBlockBytes));
        bytes = bytes.subspan(kBlockBytes);
        continue;
      }
      waiting_.reserve(kBlockBytes);
      const std::size_t taken = std::min(kBlockBytes - waiting_.size(), bytes.size());
      const auto part = bytes.first(taken);
      waiting_.insert(waiting_.end(), part.begin(), part.end());
      bytes = bytes.subspan(taken);
      if (waiting_.size() == kBlockBytes) {
        block(waiting_);
        waiting_.clear();
      }
    }
  }

  Result<void> end() {
    if (!waiting_.empty() && !error_) {
      block(waiting_);
    }
    if (error_) {
      return Unexpected{*error_};
    }
    GUANXI_CHECK(at_ == source_.section.offset + source_.section.bytes(),
                 "a section has as many bytes as its table says");
    return {};
  }

 private:
  void block(std::span<const std::byte> bytes) {
    if (stop_.load() != 0) {
      error_ = Error{ErrorCode::unavailable, "the snapshot was given up"};
      return;
    }
    const std::string_view text = view_of(bytes.data(), bytes.size());
    source_.sums.push_back(sum_of(text));
    if (auto written = file_.write_at(at_, text); !written) {
      error_ = written.error();
    }
    at_ += bytes.size();
  }

  Source& source_;
  File& file_;
  const std::atomic<int>& stop_;
  std::uint64_t at_;
  std::vector<std::byte> waiting_;
  std::optional<Error> error_;
};

void ImageFileWriter::add_bytes(const ImageSection& section, std::span<const std::byte> bytes) {
  sources_.push_back(Source{section, bytes, {}, {}});
}

void ImageFileWriter::add(const ImageSection& section, Gather gather) {
  sources_.push_back(Source{section, {}, std::move(gather), {}});
}

std::uint64_t ImageFileWriter::planned_bytes() const {
  std::uint64_t bytes = kFirstSection;
  for (const Source& source : sources_) {
    bytes += source.section.bytes();
  }
  return bytes;
}

Result<void> ImageFileWriter::write(Disk& disk, const std::string& path, unsigned threads,
                                    const std::atomic<int>& stop) {
  disk_ = &disk;
  path_ = path;
  std::sort(sources_.begin(), sources_.end(),
            [](const Source& a, const Source& b) { return key_of(a.section) < key_of(b.section); });
  end_ = kFirstSection;
  for (Source& source : sources_) {
    source.section.offset = (end_ + kAlign - 1) / kAlign * kAlign;
    end_ = source.section.offset + source.section.bytes();
  }
  GUANXI_TRY_VOID(disk.remove(beside(path)));
  {
    GUANXI_TRY(made, disk.open(beside(path), OpenMode::create));
    GUANXI_TRY_VOID(made->truncate(0));
  }
  GUANXI_TRY_VOID(write_sections(threads, stop));
  return write_table();
}

Result<void> ImageFileWriter::write_sections(unsigned threads, const std::atomic<int>& stop) {
  std::mutex mutex;
  std::optional<Error> error;
  const auto write_one = [&](Source& source) -> Result<void> {
    GUANXI_TRY(file, disk_->open(beside(path_), OpenMode::read_write));
    BlockSink sink(source, *file, stop);
    if (source.gather) {
      source.gather(sink);
    } else {
      sink.put(source.bytes);
    }
    return sink.end();
  };
  for_each_item(sources_.size(), threads, [&](unsigned, std::size_t item) {
    if (auto written = write_one(sources_[item]); !written) {
      const std::lock_guard lock(mutex);
      error = error ? error : written.error();
    }
  });
  return error ? Result<void>(Unexpected{*error}) : Result<void>();
}

Result<void> ImageFileWriter::write_table() {
  std::string table;
  Header header;
  header.table_offset = (end_ + kAlign - 1) / kAlign * kAlign;
  header.sections = sources_.size();
  for (const Source& source : sources_) {
    table.append(view_of(&source.section, sizeof source.section));
  }
  for (const Source& source : sources_) {
    table.append(view_of(source.sums.data(), source.sums.size() * sizeof(std::uint64_t)));
    header.sums += source.sums.size();
  }
  header.table_sum = sum_of(table);
  file_bytes_ = header.file_bytes = header.table_offset + table.size();
  header.header_sum = header_sum(header);
  GUANXI_TRY(file, disk_->open(beside(path_), OpenMode::read_write));
  GUANXI_TRY_VOID(file->write_at(header.table_offset, table));
  return file->write_at(0, view_of(&header, sizeof header));
}

Result<void> ImageFileWriter::keep(const std::atomic<int>& stop) {
  {
    GUANXI_TRY(file, disk_->open(beside(path_), OpenMode::read_write));
    GUANXI_TRY_VOID(file->sync());
  }
  if (stop.load() != 0) {
    return fail(ErrorCode::unavailable, "the snapshot was given up");
  }
  GUANXI_TRY_VOID(disk_->rename(beside(path_), path_));
  return disk_->sync_folder(folder_of(path_));
}

Result<ImageFileReader> ImageFileReader::open(Disk& disk, const std::string& path) {
  GUANXI_TRY(file, disk.open(path, OpenMode::read_only));
  ImageFileReader reader(disk, path);
  GUANXI_TRY_VOID(reader.read_table(*file));
  return reader;
}

Result<void> ImageFileReader::read_table(File& file) {
  GUANXI_TRY(size, file.size_bytes());
  Header header;
  GUANXI_TRY(got, file.read_at(0, chars_of(&header, sizeof header)));
  if (got < sizeof header || header.magic != kMagic) {
    return damaged("it is no snapshot, or a part of one");
  }
  if (header.format != kFormat || header.block_bytes != kBlockBytes) {
    return damaged("its format is " + std::to_string(header.format) + ", not " +
                   std::to_string(kFormat));
  }
  if (header.header_sum != header_sum(header)) {
    return damaged("its header is damaged");
  }
  const std::uint64_t table_bytes =
      header.sections * sizeof(ImageSection) + header.sums * sizeof(std::uint64_t);
  if (header.file_bytes != size || header.sections > kSectionsMost ||
      header.sums > size / sizeof(std::uint64_t) || header.table_offset > size ||
      table_bytes != size - header.table_offset) {
    return damaged("it has " + std::to_string(size) + " bytes, not " +
                   std::to_string(header.file_bytes));
  }
  std::string table(table_bytes, '\0');
  GUANXI_TRY(taken, file.read_at(header.table_offset, table));
  if (taken != table.size() || sum_of(table) != header.table_sum) {
    return damaged("its table is damaged");
  }
  sections_.resize(header.sections);
  sums_.resize(header.sums);
  file_bytes_ = size;
  return take_table(table, header.table_offset);
}

// Whatever the table says: sections lie one behind the other within the file.
Result<void> ImageFileReader::take_table(std::string_view table, std::uint64_t table_offset) {
  const std::size_t head = sections_.size() * sizeof(ImageSection);
  if (!sections_.empty()) {
    std::memcpy(sections_.data(), table.data(), head);
  }
  if (!sums_.empty()) {
    std::memcpy(sums_.data(), table.data() + head, table.size() - head);
  }
  std::uint64_t end = kFirstSection;
  std::uint64_t sums = 0;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const ImageSection& section = sections_[i];
    const bool in_order = i == 0 || key_of(sections_[i - 1]) < key_of(section);
    const bool fits = section.offset >= end && section.offset <= table_offset &&
                      section.item_bytes > 0 &&
                      section.items <= (table_offset - section.offset) / section.item_bytes;
    if (!in_order || !fits) {
      return damaged("its table is damaged");
    }
    end = section.offset + section.bytes();
    first_sum_.push_back(sums);
    sums += blocks_of(section.bytes());
  }
  return sums == sums_.size() ? Result<void>() : damaged("its table is damaged");
}

const ImageSection* ImageFileReader::find(ImagePart part, std::uint32_t shard,
                                          std::uint32_t piece) const {
  const auto key = std::tuple(static_cast<std::uint32_t>(part), shard, piece);
  const auto found = std::lower_bound(
      sections_.begin(), sections_.end(), key,
      [](const ImageSection& section, const auto& wanted) { return key_of(section) < wanted; });
  return found != sections_.end() && key_of(*found) == key ? &*found : nullptr;
}

void ImageFileReader::want(const ImageSection& section, std::uint64_t from,
                           std::span<std::byte> into) {
  GUANXI_CHECK(from % kBlockBytes == 0 && into.size() <= section.bytes() - from,
               "what is wanted lies in the section, from a block on");
  const auto index = static_cast<std::size_t>(&section - sections_.data());
  std::size_t block = first_sum_[index] + from / kBlockBytes;
  for (std::size_t at = 0; at < into.size(); at += kBlockBytes, ++block) {
    const std::size_t size = std::min(kBlockBytes, into.size() - at);
    wanted_.push_back({section.offset + from + at, into.subspan(at, size), sums_[block]});
  }
}

Result<void> ImageFileReader::read(unsigned threads) {
  std::vector<std::unique_ptr<File>> files;
  const std::size_t workers = std::max(1U, threads == 0 ? default_threads() : threads);
  for (std::size_t i = 0; i < workers; ++i) {
    GUANXI_TRY(file, disk_->open(path_, OpenMode::read_only));
    files.push_back(std::move(file));
  }
  std::atomic<bool> good{true};
  for_each_item(
      wanted_.size(), static_cast<unsigned>(workers), [&](unsigned worker, std::size_t item) {
        const Block& block = wanted_[item];
        if (!good) {
          return;
        }
        const auto got =
            files[worker]->read_at(block.offset, chars_of(block.into.data(), block.into.size()));
        const bool whole = got && *got == block.into.size() &&
                           sum_of(view_of(block.into.data(), block.into.size())) == block.sum;
        if (!whole) {
          good = false;  // never back to true: another thread may have found damage meanwhile
        }
      });
  wanted_.clear();
  return good ? Result<void>() : damaged("a block of it is damaged");
}

Result<void> ImageFileReader::check(unsigned threads) {
  std::vector<std::byte> room(kBlockBytes);
  for (const ImageSection& section : sections_) {
    for (std::uint64_t at = 0; at < section.bytes(); at += kBlockBytes) {
      const std::uint64_t size = std::min<std::uint64_t>(kBlockBytes, section.bytes() - at);
      want(section, at, std::span(room).first(size));
      GUANXI_TRY_VOID(read(std::min(threads, 1U)));
    }
  }
  return {};
}

std::string with_mended_sums(std::string file) {
  Header header;
  if (file.size() < sizeof header) {
    return file;
  }
  std::memcpy(&header, file.data(), sizeof header);
  const std::uint64_t entries = header.sections * sizeof(ImageSection);
  if (header.table_offset > file.size() || header.sections > kSectionsMost ||
      entries > file.size() - header.table_offset) {
    return file;
  }
  std::string table = file.substr(header.table_offset, entries);
  header.sums = 0;
  std::uint64_t summed = 0;
  for (std::uint64_t i = 0; i < header.sections; ++i) {
    ImageSection section;
    std::memcpy(&section, table.data() + i * sizeof section, sizeof section);
    const bool fits = section.item_bytes > 0 && section.offset <= header.table_offset &&
                      section.items <= (header.table_offset - section.offset) / section.item_bytes;
    summed += fits ? section.bytes() : 0;
    if (summed > file.size()) {
      return file;
    }
    for (std::uint64_t at = 0; fits && at < section.bytes(); at += kBlockBytes) {
      const std::uint64_t size = std::min<std::uint64_t>(kBlockBytes, section.bytes() - at);
      const std::uint64_t sum = sum_of(std::string_view(file).substr(section.offset + at, size));
      table.append(view_of(&sum, sizeof sum));
      ++header.sums;
    }
  }
  file.resize(header.table_offset);
  file += table;
  header.table_sum = sum_of(table);
  header.file_bytes = file.size();
  header.header_sum = header_sum(header);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

}  // namespace guanxi
