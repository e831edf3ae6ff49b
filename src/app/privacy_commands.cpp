#include <fstream>

#include "access/store.hpp"
#include "api/receipt.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "engine/leftovers.hpp"

namespace guanxi::app {
namespace {

// The ids of a file, one a line; empty lines and those that begin with # are left out.
Result<std::vector<std::string>> ids_in(const std::string& file) {
  GUANXI_TRY(text, read_file(file));
  std::vector<std::string> ids;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty() && line.front() != '#') {
      ids.push_back(std::move(line));
    }
    at = end + 1;
  }
  return ids;
}

Result<std::vector<std::string>> ids_asked(const PrivacyArgs& args) {
  std::vector<std::string> ids = args.ids;
  if (!args.from_file.empty()) {
    GUANXI_TRY(more, ids_in(args.from_file));
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

std::string shown(const LeftoverReport& found) {
  std::string out;
  for (const Leftover& left : found.found) {
    out += "LEFT: " + plain(left.file) + ", " + left.place + "\n";
  }
  return out + grouped(found.files) + " files of " + grouped(found.bytes) + " bytes, " +
         grouped(found.events) + " events in " + grouped(found.batches) +
         " batches: " + grouped(found.hits) + " places name somebody erased\n";
}

std::string json_of(const LeftoverReport& found) {
  JsonWriter json;
  json.begin_object().field("good", found.hits == 0).field("hits", found.hits);
  json.field("files", found.files).field("bytes", found.bytes).field("batches", found.batches);
  json.field("events", found.events).field("names", found.names).key("found").begin_array();
  for (const Leftover& left : found.found) {
    json.begin_object().field("file", left.file).field("place", left.place);
    json.field("bytes", left.bytes).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace

int run_check_erased(const Common& common, const PrivacyArgs& args) {
  auto ids = ids_asked(args);
  auto found = ids ? find_leftovers(common.data, *ids) : Result<LeftoverReport>(forward_error(ids));
  if (!found) {
    return report(found.error(), common.json);
  }
  print(common.json ? json_of(*found) : shown(*found));
  return static_cast<int>(found->hits == 0 ? Exit::ok : Exit::failed);
}

int run_erase(const Common& common, const PrivacyArgs& args) {
  auto ids = ids_asked(args);
  if (ids && ids->empty()) {
    ids = fail(ErrorCode::invalid, "say whom: an id, or --from a file with one id a line");
  }
  if (!ids) {
    return report(ids.error(), common.json);
  }
  const std::string whom = ids->size() == 1 ? ids->front() : grouped(ids->size()) + " people";
  if (auto sure = confirm("Erase " + whom + " from log, letters and image, for good?", args.yes);
      !sure) {
    return report(sure.error(), common.json);
  }
  auto engine = open_for_writing(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  auto erased = (*engine)->erase_all(*ids);
  if (!erased) {
    return report(erased.error(), common.json);
  }
  auto store = access::AccessStore::open(common.data, system_clock(), {.ticks = false});
  auto receipt =
      store ? api::erase_receipt(**store, {}, *erased) : Result<std::string>(forward_error(store));
  if (!receipt) {
    return report(receipt.error(), common.json);
  }
  print(common.json
            ? *receipt + "\n"
            : "erased " + grouped(erased->people) + " people with " + grouped(erased->ids.size()) +
                  " ids: " + grouped(erased->events) + " events in " + grouped(erased->batches) +
                  " batches, " + grouped(erased->dead_letters) + " dead letters, " +
                  grouped(erased->mentions) +
                  " mentions by others; later imports leave them out\nreceipt " + *receipt + "\n");
  return 0;
}

}  // namespace guanxi::app
