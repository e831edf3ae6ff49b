#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// What a section of an image's file holds. Numbers are part of the format (docs/formats/image.md);
/// one that has been in use is never given to something else.
enum class ImagePart : std::uint32_t {
  binding = 1,         ///< what of the log it was made of: the engine's text
  numbers = 2,         ///< counts of the image, and of identity
  timeline_sizes = 3,  ///< by shard
  events = 4,          ///< by shard and slab of people
  states = 5,          ///< by shard
  columns = 6,         ///< by shard and column
  nobody_sizes = 7,
  nobody_events = 8,
  repeats = 9,
  referrals = 10,
  credited = 11,
  subject_sizes = 12,
  subject_texts = 13,
  id_slots = 14,
  id_records = 15,
  id_first = 16,
  id_contested = 17,
  links = 18,
  free_links = 19,
  crowded = 20,
  trust = 21,
  decisions = 22
};

/// One run of equal items in an image's file.
struct ImageSection {
  std::uint32_t part = 0;
  std::uint32_t shard = 0;
  std::uint32_t piece = 0;
  std::uint32_t item_bytes = 0;
  std::uint64_t items = 0;
  std::uint64_t offset = 0;
  [[nodiscard]] std::uint64_t bytes() const { return items * item_bytes; }
};
static_assert(sizeof(ImageSection) == 32);

/// Writes an image's file: sections of plain bytes with a sum for every block, a table of them, a
/// header.
///
/// Place       Filled by ImageParts and the engine, written by the engine.
/// Invariants  Until keep() has returned, `path` is what it was before. A file that was cut short
///             or written in part has no header, or another length or sum than it says.
/// Threads     One owner; write() uses `threads`.
/// Ownership   What add() is given must stay as it is until write() returns.
class ImageFileWriter {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

  /// Takes in the bytes of a section that is gathered while it is written.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void put(std::span<const std::byte> bytes) = 0;
  };
  using Gather = std::function<void(Sink&)>;

  template <typename Item>
  void add(ImagePart part, std::uint32_t shard, std::uint32_t piece, std::span<const Item> items) {
    static_assert(std::is_trivially_copyable_v<Item>);
    add_bytes({number(part), shard, piece, sizeof(Item), items.size(), 0}, std::as_bytes(items));
  }
  /// The same, of bytes that are kept here.
  template <typename Item>
  void add_copy(ImagePart part, std::span<const Item> items) {
    const std::span<const std::byte> bytes = std::as_bytes(items);
    copies_.emplace_back(bytes.begin(), bytes.end());
    add_bytes({number(part), 0, 0, sizeof(Item), items.size(), 0}, copies_.back());
  }
  /// `gather` puts exactly section.bytes() bytes, whenever it is called.
  void add(const ImageSection& section, Gather gather);

  /// Writes everything beside `path`. `stop` set: gives up (unavailable).
  [[nodiscard]] Result<void> write(Disk& disk, const std::string& path, unsigned threads,
                                   const std::atomic<int>& stop);
  /// Syncs it and puts it in the place of `path`.
  [[nodiscard]] Result<void> keep(const std::atomic<int>& stop);
  /// Of the file, once written; of all sections, before.
  [[nodiscard]] std::uint64_t bytes() const { return file_bytes_; }
  [[nodiscard]] std::uint64_t planned_bytes() const;

  /// The name of what is being written.
  [[nodiscard]] static std::string beside(const std::string& path) { return path + ".new"; }

 private:
  static constexpr std::uint32_t number(ImagePart part) { return static_cast<std::uint32_t>(part); }
  struct Source {
    ImageSection section;
    std::span<const std::byte> bytes;  ///< unless gathered
    Gather gather;
    std::vector<std::uint64_t> sums;
  };
  class BlockSink;
  void add_bytes(const ImageSection& section, std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> write_sections(unsigned threads, const std::atomic<int>& stop);
  [[nodiscard]] Result<void> write_table();

  std::vector<Source> sources_;
  std::deque<std::vector<std::byte>> copies_;
  std::uint64_t end_ = 0;
  std::uint64_t file_bytes_ = 0;
  Disk* disk_ = nullptr;
  std::string path_;
};

/// Reads an image's file, and hands out nothing whose sum is wrong.
///
/// Place       Opened by the engine; ImageParts takes an image out of it.
/// Invariants  Sections lie within the file and do not overlap, so that whoever makes room for them
///             needs no more than the file's length.
/// Errors      corrupted, with what is wrong; not_found without a file.
/// Threads     One owner; read() uses `threads`.
class ImageFileReader {
 public:
  [[nodiscard]] static Result<ImageFileReader> open(Disk& disk, const std::string& path);

  /// Null when there is none.
  [[nodiscard]] const ImageSection* find(ImagePart part, std::uint32_t shard = 0,
                                         std::uint32_t piece = 0) const;
  /// Plans that `into` gets the section's bytes from `from` on. REQUIRES `from` is a multiple of a
  /// block's size, and `into` ends with the section or a block.
  void want(const ImageSection& section, std::uint64_t from, std::span<std::byte> into);
  /// Forgets what was planned: whoever planned it goes.
  void want_nothing() { wanted_.clear(); }
  /// Reads all that was planned.
  [[nodiscard]] Result<void> read(unsigned threads);
  /// Looks at every byte.
  [[nodiscard]] Result<void> check(unsigned threads);
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  struct Block {
    std::uint64_t offset = 0;
    std::span<std::byte> into;
    std::uint64_t sum = 0;
  };
  ImageFileReader(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  [[nodiscard]] Result<void> read_table(File& file);
  [[nodiscard]] Result<void> take_table(std::string_view table, std::uint64_t table_offset);

  Disk* disk_;
  std::string path_;
  std::uint64_t file_bytes_ = 0;
  std::vector<ImageSection> sections_;  ///< sorted by part, shard, piece
  std::vector<std::size_t> first_sum_;  ///< by section
  std::vector<std::uint64_t> sums_;
  std::vector<Block> wanted_;
};

/// The same bytes with the sums that they should have, wherever these can be worked out: what fuzz
/// tests put into a file is then looked at behind the sums.
[[nodiscard]] std::string with_mended_sums(std::string file);

}  // namespace guanxi
