#include "engine/erased_ids.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "base/hash.hpp"
#include "engine/name_tokens.hpp"
#include "platform/entropy.hpp"

namespace guanxi {
namespace {

constexpr std::string_view kFirstLine = "guanxi erased 1 ";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kFilterWords = std::size_t{1} << 14U;
// Stands for every namespace: a text does not say of which a name in it is.
constexpr std::string_view kAnyNamespace = "*";

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
    erased.insert({*low, *high});
  }
  return erased;
}

ErasedIds::Hash ErasedIds::hash_of(std::string_view name_space, std::string_view value) const {
  thread_local std::string text;
  text.assign(salt_).append(name_space).append(":").append(value);
  const Hash128 hash = hash128(text);
  return {hash.low, hash.high};
}

bool ErasedIds::holds(const Hash& hash) const {
  const std::uint64_t bit = hash.first % (kFilterWords * 64);
  return (filter_[bit / 64] >> bit % 64 & 1U) != 0 && hashes_.count(hash) != 0;
}

void ErasedIds::insert(const Hash& hash) {
  filter_.resize(kFilterWords);
  const std::uint64_t bit = hash.first % (kFilterWords * 64);
  filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
  hashes_.insert(hash);
}

bool ErasedIds::contains(const ExternalId& id) const {
  if (hashes_.empty() || id.value.empty()) {
    return false;
  }
  return holds(hash_of(name_of(id.name_space), id.value)) ||
         (id.value.size() >= kShortestName && has_value(id.value));
}

bool ErasedIds::has_value(std::string_view value) const {
  return !hashes_.empty() && holds(hash_of(kAnyNamespace, value));
}

bool ErasedIds::named_in(std::string_view text) const {
  return !hashes_.empty() &&
         any_name(text, [this](std::string_view name) { return has_value(name); });
}

std::uint64_t ErasedIds::blank(Event& event) const {
  std::uint64_t blanked = 0;
  if (contains(event.also_known_as)) {
    event.also_known_as = {};
    ++blanked;
  }
  if (event.kind == EventKind::referral_accepted && contains(parse_external_id(event.subject))) {
    event.subject = {};
    ++blanked;
  }
  for (std::string_view* text : {&event.name, &event.subject, &event.order_id, &event.origin,
                                 &event.title, &event.properties, &event.message_id}) {
    if (!text->empty() && named_in(*text)) {
      *text = {};
      ++blanked;
    }
  }
  return blanked;
}

std::string ErasedIds::mark() const {
  Hash sum{0, 0};
  for (const auto& [low, high] : hashes_) {
    sum.first += low;
    sum.second += high;
  }
  return hashes_.empty() ? std::string()
                         : std::to_string(hashes_.size()) + " " + std::to_string(sum.first) + " " +
                               std::to_string(sum.second);
}

bool ErasedIds::concerns(const Event& event) const {
  return contains(event.person) ||
         ((is_alias(event) || event.person.value.empty()) && contains(event.also_known_as));
}

Result<void> ErasedIds::add(Disk& disk, const std::vector<std::string>& ids) {
  if (salt_.empty()) {
    GUANXI_TRY(salt, random_hex(kSaltBytes));
    salt_ = salt;
  }
  for (const std::string& id : ids) {
    const ExternalId parsed = parse_external_id(id);
    insert(hash_of(name_of(parsed.name_space), parsed.value));
    insert(hash_of(kAnyNamespace, parsed.value));
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
