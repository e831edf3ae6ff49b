#include <cstdio>

#include "api/consents.hpp"
#include "api/engine_brand.hpp"
#include "api/person_file.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "platform/clock.hpp"
#include "platform/disk.hpp"
#include "relationship/stance.hpp"

namespace guanxi::app {
namespace {

/// One person of a folder, with what API handlers ask.
struct Asked {
  std::shared_ptr<Engine> engine;
  std::unique_ptr<api::EngineBrand> brand;
  std::string id;  ///< primary
  std::uint8_t stance = 0;
  std::vector<std::uint32_t> consents;
};

Result<Asked> ask(Result<std::unique_ptr<Engine>> opened, const std::string& id) {
  Asked asked;
  GUANXI_TRY(engine, std::move(opened));
  asked.engine = std::shared_ptr<Engine>(std::move(engine));
  asked.brand = std::make_unique<api::EngineBrand>(asked.engine->board());
  asked.brand->ready(asked.engine);
  const ReadAccess access = asked.engine->read();
  GUANXI_TRY(person, person_named(access.image(), id));
  asked.id = access.image().id_text(person);
  asked.stance = access.image().stance(person);
  asked.consents = api::consent_ordinals(access.image(), person);
  return asked;
}

std::string json_of(const Asked& asked, const std::vector<api::Consent>& consents) {
  JsonWriter json;
  json.begin_object().field("id", asked.id).key("stance");
  api::write_stance(json, asked.stance);
  json.key("consents").begin_array();
  for (const api::Consent& one : consents) {
    json.begin_object().field("purpose", one.purpose).field("channel", one.channel);
    json.field("given", one.given).field("at", to_string(one.at)).field("ordinal", one.ordinal);
    json.field("text_version", one.text_version).field("proof", one.proof);
    json.field("stated_by", one.stated_by).field("name", one.name).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

std::string text_of(const Asked& asked, const std::vector<api::Consent>& consents) {
  std::string text = plain(asked.id) + "\n";
  const auto say = [&](std::uint8_t bit, const char* what) {
    text += (asked.stance & bit) != 0 ? std::string("  ") + what + "\n" : std::string();
  };
  say(kRestricted, "restricted: their data is only stored");
  say(kNoProfiling, "object to profiling: no score, no tier");
  say(kNoMarketing, "object to marketing");
  Table table({{"purpose"}, {"channel"}, {"given"}, {"since"}, {"text"}, {"proof"}, {"stated by"}});
  for (const api::Consent& one : consents) {
    table.row({one.purpose, one.channel.empty() ? "all" : one.channel, one.given ? "yes" : "no",
               to_string(one.at), one.text_version, one.proof, one.stated_by});
  }
  return text + (table.empty() ? std::string("nothing was said of consent\n") : table.text());
}

Result<void> write_out(const std::string& file, const std::string& text) {
  if (file != "-") {
    return write_file(real_disk(), file, text);
  }
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return whole && std::fflush(stdout) == 0
             ? Result<void>()
             : Result<void>(fail(ErrorCode::unavailable, "stdout cannot be written"));
}

Result<void> take_along(const Common& common, const std::string& id, const std::string& file) {
  GUANXI_TRY(asked, ask(open_for_reading(common), id));
  GUANXI_TRY(text, api::person_file(*asked.brand, asked.id, system_clock().now()));
  GUANXI_TRY_VOID(leave_trace(common, {.action = "person.export", .person = asked.id}));
  return write_out(file, text);
}

}  // namespace

int run_privacy_show(const Common& common, const std::string& id) {
  const auto asked = ask(open_for_reading(common), id);
  if (!asked) {
    return report(asked.error(), common.json);
  }
  const auto consents = api::consents_of(*asked->brand, asked->consents);
  if (!consents) {
    return report(consents.error(), common.json);
  }
  print(common.json ? json_of(*asked, *consents) : text_of(*asked, *consents));
  return 0;
}

int run_privacy_export(const Common& common, const std::string& id, const std::string& file) {
  const auto taken = take_along(common, id, file);
  if (!taken) {
    return report(taken.error(), common.json);
  }
  if (file != "-") {
    JsonWriter json;
    json.begin_object().field("file", file).end_object();
    print(common.json ? json.take() + "\n" : "all that is kept about them is in " + file + "\n");
  }
  return 0;
}

int run_privacy_consent(const Common& common, const ConsentArgs& args) {
  if (args.given == args.withdrawn) {
    return report(Error{ErrorCode::invalid, "say --given or --withdrawn"}, common.json);
  }
  const auto asked = ask(open_for_writing(common), args.id);
  if (!asked) {
    return report(asked.error(), common.json);
  }
  const api::ConsentStatement statement{asked->id,         args.purpose, args.channel, args.given,
                                        args.text_version, args.proof,   "console"};
  auto stated = leave_trace(common, {.action = "person.consent",
                                     .person = asked->id,
                                     .outcome = args.given ? "given" : "withdrawn"});
  if (stated) {
    stated = api::state_consent(*asked->brand, statement, asked->consents, system_clock().now());
  }
  if (!stated) {
    return report(stated.error(), common.json);
  }
  JsonWriter json;
  json.begin_object().field("ok", true).field("purpose", args.purpose);
  json.field("given", args.given).end_object();
  print(common.json ? json.take() + "\n"
                    : plain(asked->id) + ": " + plain(args.purpose) +
                          (args.given ? " given" : " withdrawn") + "\n");
  return 0;
}

}  // namespace guanxi::app
