#include "engine/leftovers.hpp"

#include <algorithm>
#include <filesystem>

#include "engine/core.hpp"
#include "engine/name_finder.hpp"
#include "engine/name_tokens.hpp"
#include "people/image_parts.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{4} << 20U;
constexpr std::size_t kOverlapBytes = 1024;  // longer than any name

// Short names stand in bytes by chance.
std::vector<std::string> names_to_look_for(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    const std::string_view name = parse_external_id(id).value;
    if (name.size() >= kShortestName) {
      names.emplace_back(name);
    }
  }
  return names;
}

/// One search through a folder.
///
/// Place       find_leftovers().
/// Threads     One owner.
class Search {
 public:
  Search(ErasedIds erased, const std::vector<std::string>& ids)
      : erased_(std::move(erased)), clear_(names_to_look_for(ids)) {
    report_.names = erased_.size() + clear_.size();
  }

  Result<void> file(const std::string& path, const std::string& shown) {
    GUANXI_TRY(file, real_disk().open(path, OpenMode::read_only));
    std::vector<char> chunk(kChunkBytes + kOverlapBytes);
    ++report_.files;
    for (std::uint64_t offset = 0;;) {
      GUANXI_TRY(got, file->read_at(offset, chunk));
      const bool last = got < chunk.size();
      bytes({chunk.data(), got}, last ? got : kChunkBytes, shown, offset);
      if (last) {
        report_.bytes += offset + got;
        return {};
      }
      offset += kChunkBytes;
    }
  }

  Result<void> log(LogReader& reader) {
    GUANXI_TRY(infos, reader.batches());
    for (const BatchInfo& info : infos) {
      GUANXI_TRY(stored, reader.read(info.seq));
      const std::string where = "batch " + std::to_string(info.seq);
      names_in_the_clear(stored.payload, stored.payload.size(), "guanxi.log", where + " byte ", 0);
      EventBatch batch;
      GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
      for (std::size_t i = 0; i < batch.events.size(); ++i) {
        event(batch.events[i], where + ", event " + std::to_string(i + 1));
      }
      ++report_.batches;
      report_.events += batch.events.size();
    }
    return letters(reader);
  }

  // Ids in a snapshot stand between bytes that may read as letters, so they are asked for one by
  // one. Of a damaged one the bytes have been looked at, as of any file.
  void snapshot(const std::string& path) {
    auto file = ImageFileReader::open(real_disk(), path);
    if (!file) {
      return;
    }
    static_cast<void>(ImageParts::for_each_name(*file, [this](std::string_view name) {
      if (erased_.contains(parse_external_id(name)) || erased_.named_in(name)) {
        hit("guanxi.image", "a name", name.size());
      }
    }));
  }

  LeftoverReport take() { return std::move(report_); }

 private:
  void hit(const std::string& file, std::string place, std::size_t length) {
    ++report_.hits;
    if (report_.found.size() < LeftoverReport::kFoundMost) {
      report_.found.push_back({file, std::move(place), length});
    }
  }

  void text(std::string_view text, const std::string& place) {
    if (erased_.named_in(text)) {
      hit("guanxi.log", place, text.size());
    }
  }

  void event(const Event& event, const std::string& place) {
    if (erased_.concerns(event)) {
      hit("guanxi.log", place + ", person", event.person.value.size());
    }
    Event copy = event;
    if (erased_.blank(copy) > 0) {
      hit("guanxi.log", place + ", a mention", 0);
    }
  }

  Result<void> letters(LogReader& reader) {
    constexpr std::uint64_t kPage = 1000;
    for (std::uint64_t offset = 0;; offset += kPage) {
      GUANXI_TRY(letters, reader.dead_letters(offset, kPage));
      if (letters.empty()) {
        return {};
      }
      for (const DeadLetter& letter : letters) {
        text(letter.original, "dead letter " + std::to_string(letter.id));
        text(letter.reason, "dead letter " + std::to_string(letter.id) + ", reason");
      }
    }
  }

  void names_in_the_clear(std::string_view bytes, std::size_t end, const std::string& file,
                          const std::string& place, std::uint64_t offset) {
    if (clear_.size() == 0) {
      return;
    }
    for (std::size_t at = 0; at < end; ++at) {
      if (const std::size_t length = clear_.longest_at(bytes, at)) {
        hit(file, place + std::to_string(offset + at), length);
      }
    }
  }

  // `end`: where the next chunk begins; what lies behind it is seen again there.
  void bytes(std::string_view bytes, std::size_t end, const std::string& file,
             std::uint64_t offset) {
    names_in_the_clear(bytes, end, file, "byte ", offset);
    if (erased_.empty()) {
      return;
    }
    static_cast<void>(any_name(bytes, [&](std::string_view name) {
      if (name.size() >= kShortestName && erased_.has_value(name)) {
        // Found in lower case or decoded, it stands somewhere in this chunk.
        const bool inside =
            name.data() >= bytes.data() && name.data() < bytes.data() + bytes.size();
        const auto at = inside ? static_cast<std::size_t>(name.data() - bytes.data()) : 0;
        if (at < end) {
          hit(file, "byte " + std::to_string(offset + at), name.size());
        }
      }
      return false;
    }));
  }

  ErasedIds erased_;
  NameFinder clear_;
  LeftoverReport report_;
};

Result<std::vector<std::string>> files_under(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error)) {
      files.push_back(at->path().string());
    }
  }
  if (error) {
    return fail(ErrorCode::unavailable, "'" + folder + "' cannot be listed: " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<LeftoverReport> find_leftovers(const std::string& folder,
                                      const std::vector<std::string>& ids, const std::string& vfs) {
  const LogPaths paths(folder);
  if (!real_disk().exists(paths.database)) {
    return fail(ErrorCode::not_found, "there is no data in '" + folder + "'");
  }
  GUANXI_TRY(erased, ErasedIds::load(real_disk(), folder));
  Search search(std::move(erased), ids);
  GUANXI_TRY(files, files_under(folder));
  for (const std::string& file : files) {
    GUANXI_TRY_VOID(search.file(file, file.substr(folder.size() + 1)));
  }
  search.snapshot(SnapshotKeeper::path_in(folder));
  GUANXI_TRY(reader, LogReader::open(paths.database, vfs));
  GUANXI_TRY_VOID(search.log(reader));
  return search.take();
}

}  // namespace guanxi
