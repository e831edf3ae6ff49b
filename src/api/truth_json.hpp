#pragma once

#include "base/json_writer.hpp"
#include "people/validation.hpp"

namespace guanxi::api {

/// Writes the fields of the schema Truth (openapi.json) into an open object: the figures of a
/// validation, the same for the page, the API and `guanxi validate --json`.
void truth_fields(JsonWriter& json, const Validation& validation);

}  // namespace guanxi::api
