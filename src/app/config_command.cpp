#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"

namespace guanxi::app {

Result<operations::Settings> settings_of(const Common& common, const ServeArgs& args) {
  operations::Settings settings;
  if (!args.config.empty()) {
    GUANXI_TRY(text, read_file(args.config));
    auto read = operations::read_settings(text);
    if (!read) {
      return fail(read.error().code, args.config + ": " + read.error().message);
    }
    settings = *std::move(read);
  }
  if (common.data_given) {
    settings.data_folder = common.data;
  }
  if (args.port) {
    const std::size_t host_end = settings.server_listen.rfind(':') + 1;
    settings.server_listen.replace(host_end, std::string::npos, std::to_string(*args.port));
  }
  if (!args.web.empty()) {
    settings.server_web = args.web;
  }
  return settings;
}

int run_config_show(const Common& common, const ServeArgs& args) {
  auto settings = settings_of(common, args);
  if (!settings) {
    return report(settings.error(), common.json);
  }
  print(operations::settings_file(*settings));
  return 0;
}

int run_config_check(const Common& common, const ServeArgs& args) {
  auto settings = settings_of(common, args);
  if (!settings) {
    return report(settings.error(), common.json);
  }
  const std::string text =
      args.config.empty() ? "the defaults are valid" : args.config + " is valid";
  JsonWriter json;
  json.begin_object().field("ok", true).field("message", text).end_object();
  print((common.json ? json.text() : text) + "\n");
  return 0;
}

int run_config_page() {
  print(operations::settings_page());
  return 0;
}

}  // namespace guanxi::app
