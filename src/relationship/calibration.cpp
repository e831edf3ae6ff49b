#include <array>
#include <charconv>

#include "base/json_writer.hpp"
#include "relationship/model.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"observed_kinds", "observed_flags",
                                                   "products_named", "typical_order_minor",
                                                   "typical_gap_days"};
// Written only when a rhythm was fitted: calibrations logged before have none.
constexpr std::array<std::string_view, 3> kRhythmKeys = {
    "rhythm_prior_days", "rhythm_prior_gaps_16", "rhythm_surprise_16"};

// The number after "key": in the one flat object that to_json() writes.
Result<std::uint64_t> number_after(std::string_view json, std::string_view key) {
  const std::string quoted = "\"" + std::string(key) + "\":";
  const std::size_t at = json.find(quoted);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) {
    const std::string_view rest = json.substr(at + quoted.size());
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (parsed.ec == std::errc()) {
      return value;
    }
  }
  return fail(ErrorCode::corrupted, "calibration has no number for " + std::string(key));
}

}  // namespace

std::string to_json(const Calibration& calibration) {
  JsonWriter json;
  json.begin_object()
      .field(kKeys[0], calibration.observed_kinds)
      .field(kKeys[1], std::uint64_t{calibration.observed_flags})
      .field(kKeys[2], calibration.products_named ? 1 : 0)
      .field(kKeys[3], calibration.typical_order_minor)
      .field(kKeys[4], calibration.typical_gap_days);
  if (calibration.rhythm.prior_gaps_16 > 0) {
    json.field(kRhythmKeys[0], calibration.rhythm.prior_days)
        .field(kRhythmKeys[1], calibration.rhythm.prior_gaps_16)
        .field(kRhythmKeys[2], calibration.rhythm.surprise_16);
  }
  json.end_object();
  return json.text();
}

Result<Calibration> calibration_from_json(std::string_view json) {
  std::array<std::uint64_t, kKeys.size()> values{};
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    GUANXI_TRY(value, number_after(json, kKeys[i]));
    values[i] = value;
  }
  Calibration calibration;
  calibration.observed_kinds = values[0];
  calibration.observed_flags = static_cast<std::uint8_t>(values[1]);
  calibration.products_named = values[2] != 0;
  calibration.typical_order_minor = static_cast<std::int64_t>(values[3]);
  calibration.typical_gap_days = static_cast<std::uint32_t>(values[4]);
  if (json.find(kRhythmKeys[0]) != std::string_view::npos) {
    GUANXI_TRY(prior_days, number_after(json, kRhythmKeys[0]));
    GUANXI_TRY(prior_gaps_16, number_after(json, kRhythmKeys[1]));
    GUANXI_TRY(surprise_16, number_after(json, kRhythmKeys[2]));
    calibration.rhythm = {static_cast<std::uint32_t>(prior_days),
                          static_cast<std::uint32_t>(prior_gaps_16),
                          static_cast<std::uint32_t>(surprise_16)};
  }
  return calibration;
}

}  // namespace guanxi
