#include "access/sources.hpp"

namespace guanxi::access {
namespace {

constexpr std::array<std::string_view, kSourceKinds> kNames{
    "sdk",    "shopify",        "woocommerce", "chatwoot", "zendesk",
    "stripe", "custom_webhook", "wecom",       "kafka"};

}  // namespace

std::string_view name_of(SourceKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<SourceKind> source_kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kSourceKinds; ++i) {
    if (kNames[i] == name) {
      return static_cast<SourceKind>(i);
    }
  }
  return std::nullopt;
}

bool has_write_key(SourceKind kind) { return kind == SourceKind::sdk; }

std::string door_name(const Source& source) {
  return std::string(name_of(source.kind)) + ":" + source.name;
}

std::shared_ptr<const Source> source_of_door(
    const std::vector<std::shared_ptr<const Source>>& sources, std::string_view door) {
  std::shared_ptr<const Source> found;
  for (const auto& source : sources) {
    const std::string name = door_name(*source);
    const bool same = door == name || (door.starts_with(name) && door[name.size()] == ' ');
    // Of "shop" and "shop two" the longer one is meant.
    if (same && (found == nullptr || found->name.size() < source->name.size())) {
      found = source;
    }
  }
  return found;
}

}  // namespace guanxi::access
