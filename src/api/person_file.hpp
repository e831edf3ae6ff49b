#pragma once

#include <string>

#include "api/brand.hpp"

namespace guanxi::api {

/// All that is kept about one person, as lines of JSON that Guanxi reads again: their events as
/// they stand in the log, before them a line that says who and on which model, after them one with
/// where they stand and why. `import` into an empty folder gives the same timeline, consents and
/// objections; what they gave others and got from others stands in the explanation alone.
///
///     {"guanxi_person":1,"id":...,"ids":[...],"exported_at":...,"model":{...},"stance":{...}}
///     {"kind":"order_line",...}
///     {"guanxi_explanation":1,"at":...,"reading":{...},"evidence":[...],"dimensions":[...]}
///
/// Errors: not_found; overloaded for more than 500,000 events.
[[nodiscard]] Result<std::string> person_file(const Brand& brand, const std::string& id,
                                              Instant now);

}  // namespace guanxi::api
