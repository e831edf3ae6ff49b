#pragma once

#include <string>

#include "access/store.hpp"
#include "engine/engine.hpp"

namespace guanxi::api {

/// What an erasure took away, from where and when, as one line of JSON for whoever asked for it. It
/// names people by their codes in the audit trail. Its digest is written into the trail first, and
/// the trail's head into the receipt, so that neither can be made up later.
///
///     {"format":"guanxi receipt 1","erased_at":...,"by":...,"people":1,"codes":[...],"events":12,
///      "batches":2,"dead_letters":0,"mentions":1,"digest":...,"entries":47,"chain":...}
///
/// Place       The erase routes and `guanxi erase`, after the engine has erased.
/// Errors      As AuditTrail::write().
[[nodiscard]] Result<std::string> erase_receipt(access::AccessStore& store, const access::Actor& by,
                                                const EraseReport& report);

}  // namespace guanxi::api
