#include "access/handles.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kTagBytes = 12;
constexpr std::size_t kRoundBytes = 8;
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* bytes_of(std::string_view text) {
  const void* first = text.data();
  return static_cast<const unsigned char*>(first);
}

void begin_sodium() { GUANXI_CHECK(sodium_init() >= 0, "libsodium finds its source of chance"); }

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), kBase64);
  text.pop_back();  // the final NUL
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  void* first = bytes.data();
  std::size_t size = 0;
  const char* end = nullptr;
  const int read = sodium_base642bin(static_cast<unsigned char*>(first), bytes.size(), text.data(),
                                     text.size(), nullptr, &size, &end, kBase64);
  if (read != 0 || end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

Handles::Handles(const Key& key) {
  begin_sodium();
  constexpr std::string_view kTag = "guanxi handle tag";
  constexpr std::string_view kCover = "guanxi handle cover";
  crypto_generichash(tag_key_.data(), kKeyBytes, bytes_of(kTag), kTag.size(), key.data(),
                     key.size());
  crypto_generichash(cover_key_.data(), kKeyBytes, bytes_of(kCover), kCover.size(), key.data(),
                     key.size());
}

Handles::~Handles() {
  sodium_memzero(tag_key_.data(), kKeyBytes);
  sodium_memzero(cover_key_.data(), kKeyBytes);
}

std::unique_ptr<Handles> Handles::passing() {
  begin_sodium();
  Key key{};
  randombytes_buf(key.data(), key.size());
  return std::unique_ptr<Handles>(new Handles(key));
}

Result<std::unique_ptr<Handles>> Handles::load(Disk& disk, const std::string& folder) {
  begin_sodium();
  const std::string path = folder + "/guanxi.handles";
  Key key{};
  if (disk.exists(path)) {
    GUANXI_TRY(text, read_file(disk, path));
    const auto bytes = from_base64(text);
    if (!bytes || bytes->size() != kKeyBytes) {
      return fail(ErrorCode::corrupted, "'" + path + "' is no key; remove it for a new one");
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
  } else {
    randombytes_buf(key.data(), key.size());
    const void* first = key.data();
    GUANXI_TRY_VOID(disk.make_folder(folder));
    GUANXI_TRY_VOID(write_file(disk, path, base64({static_cast<const char*>(first), key.size()})));
  }
  return std::unique_ptr<Handles>(new Handles(key));
}

// The tag seals the id and is what the cover starts from, so equal ids look equal and a changed
// handle is none (the construction of SIV).
std::string Handles::tag_of(std::string_view name_space, std::string_view value) const {
  crypto_generichash_state state;
  crypto_generichash_init(&state, tag_key_.data(), kKeyBytes, crypto_generichash_BYTES);
  const auto length = static_cast<unsigned char>(name_space.size());
  crypto_generichash_update(&state, &length, 1);
  crypto_generichash_update(&state, bytes_of(name_space), name_space.size());
  crypto_generichash_update(&state, bytes_of(value), value.size());
  std::string tag(crypto_generichash_BYTES, '\0');
  void* first = tag.data();
  crypto_generichash_final(&state, static_cast<unsigned char*>(first), tag.size());
  tag.resize(kTagBytes);
  return tag;
}

std::string Handles::crossed(std::string_view tag, std::string_view bytes) const {
  std::array<unsigned char, crypto_stream_xchacha20_NONCEBYTES> nonce{};
  std::copy(tag.begin(), tag.end(), nonce.begin());
  std::string out(bytes.size(), '\0');
  void* first = out.data();
  crypto_stream_xchacha20_xor(static_cast<unsigned char*>(first), bytes_of(bytes), bytes.size(),
                              nonce.data(), cover_key_.data());
  return out;
}

std::string Handles::handle_of(std::string_view id_text) const {
  const ExternalId id = parse_external_id(id_text);
  const std::string_view name_space = guanxi::name_of(id.name_space);
  const std::string tag = tag_of(name_space, id.value);
  std::string rounded(id.value);
  rounded.resize((rounded.size() / kRoundBytes + 1) * kRoundBytes, '\0');
  std::string handle(name_space);
  handle += ':';
  handle += kHandlePrefix;
  return handle + base64(tag + crossed(tag, rounded));
}

std::optional<std::string> Handles::id_of(std::string_view handle) const {
  const ExternalId id = parse_external_id(handle);
  if (id.value.substr(0, kHandlePrefix.size()) != kHandlePrefix) {
    return std::nullopt;
  }
  const auto bytes = from_base64(id.value.substr(kHandlePrefix.size()));
  if (!bytes || bytes->size() <= kTagBytes) {
    return std::nullopt;
  }
  const std::string_view tag = std::string_view(*bytes).substr(0, kTagBytes);
  std::string value = crossed(tag, std::string_view(*bytes).substr(kTagBytes));
  value.resize(value.find_last_not_of('\0') + 1);
  const std::string expected = tag_of(guanxi::name_of(id.name_space), value);
  if (sodium_memcmp(expected.data(), tag.data(), kTagBytes) != 0) {
    return std::nullopt;
  }
  return to_string(ExternalId{id.name_space, value});
}

}  // namespace guanxi::access
