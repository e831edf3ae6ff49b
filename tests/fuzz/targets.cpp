#include "fuzz/targets.hpp"

#include <array>
#include <cstring>
#include <memory>

#include "access/handles.hpp"
#include "analytics/mapping.hpp"
#include "analytics/row_reader.hpp"
#include "analytics/time_format.hpp"
#include "base/check.hpp"
#include "doors/flat_xml.hpp"
#include "doors/wecom_cipher.hpp"
#include "eventlog/batch.hpp"
#include "events/batch_codec.hpp"
#include "events/decode.hpp"
#include "events/event_json.hpp"
#include "events/masking.hpp"
#include "people/expression.hpp"
#include "people/image_parts.hpp"
#include "platform/faulty_disk.hpp"
#include "relationship/model.hpp"

namespace guanxi::fuzz {
namespace {

DecodeContext context_of(bool own_export) {
  DecodeContext context;
  context.source = "fuzz";
  context.source_key = "fuzz";
  context.received_at = Instant{1'800'000'000};
  context.own_export = own_export;
  return context;
}

// Whatever is admitted can be written, and is read back the same.
void check_batch(const EventBatch& batch) {
  const std::string bytes = encode_batch(batch);
  EventBatch again;
  GUANXI_CHECK(decode_batch(bytes, again).has_value(), "what was encoded can be decoded");
  GUANXI_CHECK(encode_batch(again) == bytes, "and gives the same bytes");
  for (const Event& event : batch.events) {
    EventBatch copy;
    std::vector<Refusal> refused;
    Decoder decoder;
    const std::string json = event_json(event);
    decoder.decode_json(json, context_of(true), copy, refused);
    GUANXI_CHECK(refused.empty() && copy.size() == 1, "what was exported can be imported");
    GUANXI_CHECK(event_json(copy.events[0]) == json, "and is the same event");
  }
}

void event_json_in(std::string_view bytes, bool own_export) {
  EventBatch batch;
  std::vector<Refusal> refused;
  Decoder decoder;
  decoder.decode_json(bytes, context_of(own_export), batch, refused);
  check_batch(batch);
}

void ingest(std::string_view bytes) { event_json_in(bytes, false); }
void own_export(std::string_view bytes) { event_json_in(bytes, true); }

void batch_codec(std::string_view bytes) {
  EventBatch batch;
  if (decode_batch(bytes, batch)) {
    const std::string once = encode_batch(batch);
    EventBatch again;
    GUANXI_CHECK(decode_batch(once, again).has_value(), "a decoded batch can be encoded");
    GUANXI_CHECK(again.size() == batch.size(), "with all of its events");
  }
}

// A snapshot: as it came, and with sums that let it pass.
void image(std::string_view bytes) {
  for (const bool mended : {false, true}) {
    FaultyDisk disk;
    disk.set_bytes("image", mended ? with_mended_sums(std::string(bytes)) : std::string(bytes));
    auto file = ImageFileReader::open(disk, "image");
    if (!file) {
      continue;
    }
    Image into(1);
    static_cast<void>(file->check(1));
    static_cast<void>(ImageParts::load(*file, into, nullptr, 1));
    static_cast<void>(ImageParts::for_each_name(*file, [](std::string_view) {}));
  }
}

// A record of the log as it lies on the disk: sums first, then the frame.
void log_record(std::string_view bytes) {
  if (bytes.size() < 8) {
    return;
  }
  BatchInfo info;
  std::memcpy(&info.raw_bytes, bytes.data(), 4);
  const std::string_view stored = bytes.substr(8);
  info.stored_bytes = stored.size();
  info.crc32 = crc32_of(stored);
  const auto payload = unpack_payload(info, stored);
  if (payload) {
    batch_codec(*payload);
  }
}

void expression(std::string_view bytes) {
  const auto parsed = Expression::parse(bytes);
  if (parsed) {
    GUANXI_CHECK(Expression::parse(parsed->text()).has_value(), "what was read can be read again");
    static_cast<void>(parsed->asks_for_ids());
  }
}

void moments(std::string_view bytes) {
  if (const auto moment = parse_instant(bytes)) {
    static_cast<void>(to_string(moment->instant));
  }
  static_cast<void>(parse_day(bytes).has_value());
  for (const TimeFormat& format : common_time_formats()) {
    static_cast<void>(format.parse(bytes));
  }
  const std::size_t line = bytes.find('\n');
  if (line != std::string_view::npos) {
    if (const auto format = TimeFormat::compile(bytes.substr(0, line))) {
      static_cast<void>(format->parse(bytes.substr(line + 1)));
    }
  }
}

/// Bytes at hand as a source, in pieces of one to seven.
class Pieces final : public ByteSource {
 public:
  explicit Pieces(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::min({bytes_.size() - at_, capacity, at_ % 7 + 1});
    std::memcpy(out, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

void csv(std::string_view bytes) {
  for (const char delimiter : {',', '\t', ' '}) {
    RowReader reader(std::make_unique<Pieces>(bytes), RowFormat{delimiter}, 4096);
    Row row;
    for (;;) {
      const auto more = reader.next(row);
      if (!more || !*more) {
        break;
      }
      GUANXI_CHECK(row.problem != nullptr || !row.fields.empty(), "a row has fields or a problem");
    }
  }
}

void mapping(std::string_view bytes) {
  static_cast<void>(Mapping::parse(bytes, "fuzz.toml").has_value());
}

void model(std::string_view bytes) { static_cast<void>(Model::parse(bytes).has_value()); }

void xml(std::string_view bytes) { static_cast<void>(doors::read_flat_xml(bytes).has_value()); }

void wecom(std::string_view bytes) {
  static const auto kCipher =
      doors::WecomCipher::create("token:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww1");
  if (kCipher) {
    static_cast<void>(kCipher->open(bytes).has_value());
  }
}

void names(std::string_view bytes) {
  static const auto kHandles = access::Handles::passing();
  static_cast<void>(looks_personal(bytes));
  static_cast<void>(kHandles->id_of(bytes));
  const ExternalId id = parse_external_id(bytes);
  if (!id.value.empty() && id.value.back() != '\0') {
    const auto back = kHandles->id_of(kHandles->handle_of(bytes));
    GUANXI_CHECK(back && *back == to_string(id), "a handle leads back to its id");
  }
}

constexpr std::array kTargets = {Target{"ingest", ingest},     Target{"own_export", own_export},
                                 Target{"batch", batch_codec}, Target{"log_record", log_record},
                                 Target{"image", image},       Target{"expression", expression},
                                 Target{"moments", moments},   Target{"csv", csv},
                                 Target{"mapping", mapping},   Target{"model", model},
                                 Target{"xml", xml},           Target{"wecom", wecom},
                                 Target{"names", names}};

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace guanxi::fuzz
