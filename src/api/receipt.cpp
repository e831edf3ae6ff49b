#include "api/receipt.hpp"

#include "access/secrets.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {
namespace {

constexpr std::size_t kCodesMost = 1000;

std::string hex_of_bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace

Result<std::string> erase_receipt(access::AccessStore& store, const access::Actor& by,
                                  const EraseReport& report) {
  std::string first_code;
  JsonWriter json;
  json.begin_object().field("format", "guanxi receipt 1");
  json.field("erased_at", to_string(store.now())).field("by", by.user);
  json.field("people", report.people).key("codes").begin_array();
  for (std::size_t i = 0; i < std::min(report.ids.size(), kCodesMost); ++i) {
    const std::string code = store.audit().code_of(report.ids[i]);
    first_code = first_code.empty() ? code : first_code;
    json.string(code);
  }
  json.end_array().field("ids", report.ids.size()).field("events", report.events);
  json.field("batches", report.batches).field("dead_letters", report.dead_letters);
  json.field("mentions", report.mentions).end_object();
  std::string text = json.take();
  const std::string digest = hex_of_bytes(access::digest_of(text));
  GUANXI_TRY_VOID(store.audit().write(by, "people.erased", first_code, "receipt " + digest));
  GUANXI_TRY(head, store.audit().verify());
  JsonWriter seal;
  seal.begin_object().field("digest", digest).field("entries", head.entries);
  seal.field("chain", head.chain).end_object();
  text.pop_back();
  return text + "," + seal.take().substr(1);
}

}  // namespace guanxi::api
