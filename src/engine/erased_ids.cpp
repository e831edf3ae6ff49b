#include "engine/erased_ids.hpp"

#include <charconv>
#include <cstdio>

#include "base/hash.hpp"
#include "platform/entropy.hpp"

namespace guanxi {
namespace {

constexpr std::string_view kFirstLine = "guanxi erased 1 ";
constexpr std::size_t kSaltBytes = 16;

std::optional<std::uint64_t> hex_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                         : std::nullopt;
}

}  // namespace

Result<ErasedIds> ErasedIds::load(Disk& disk, const std::string& folder) {
  ErasedIds erased;
  erased.path_ = folder + "/guanxi.erased";
  if (!disk.exists(erased.path_)) {
    return erased;
  }
  GUANXI_TRY(content, read_file(disk, erased.path_));
  std::string_view rest = content;
  const auto damaged = [&] {
    return fail(ErrorCode::corrupted,
                "the list of erased people '" + erased.path_ +
                    "' is damaged; without it an import could bring them back: put it back from a "
                    "copy of the folder");
  };
  const std::size_t header = kFirstLine.size() + kSaltBytes * 2 + 1;
  if (rest.substr(0, kFirstLine.size()) != kFirstLine || rest.size() < header) {
    return damaged();
  }
  erased.salt_ = std::string(rest.substr(kFirstLine.size(), kSaltBytes * 2));
  for (rest.remove_prefix(header); !rest.empty(); rest.remove_prefix(33)) {
    const auto low = rest.size() < 33 ? std::nullopt : hex_of(rest.substr(0, 16));
    const auto high = rest.size() < 33 ? std::nullopt : hex_of(rest.substr(16, 16));
    if (!low || !high || rest[32] != '\n') {
      return damaged();
    }
    erased.hashes_.emplace(*low, *high);
  }
  return erased;
}

std::pair<std::uint64_t, std::uint64_t> ErasedIds::hash_of(std::string_view id_text) const {
  const Hash128 hash = hash128(salt_ + std::string(id_text));
  return {hash.low, hash.high};
}

bool ErasedIds::contains(const ExternalId& id) const {
  return !hashes_.empty() && !id.value.empty() && hashes_.count(hash_of(to_string(id))) != 0;
}

bool ErasedIds::concerns(const Event& event) const {
  return contains(event.person) || contains(event.also_known_as);
}

Result<void> ErasedIds::add(Disk& disk, const std::vector<std::string>& ids) {
  if (salt_.empty()) {
    GUANXI_TRY(salt, random_hex(kSaltBytes));
    salt_ = salt;
  }
  for (const std::string& id : ids) {
    hashes_.insert(hash_of(to_string(parse_external_id(id))));
  }
  std::string content = std::string(kFirstLine) + salt_ + "\n";
  for (const auto& [low, high] : hashes_) {
    std::array<char, 34> line{};
    std::snprintf(line.data(), line.size(), "%016llx%016llx", static_cast<unsigned long long>(low),
                  static_cast<unsigned long long>(high));
    content += line.data();
    content += '\n';
  }
  return write_file(disk, path_, content);
}

}  // namespace guanxi
