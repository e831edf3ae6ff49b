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

}  // namespace guanxi::access
