#include <csignal>
#include <thread>

#include "api/engine_brand.hpp"
#include "api/routes.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "http/server.hpp"
#include "http/site.hpp"
#include "http/static_files.hpp"
#include "platform/log.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::app {
namespace {

// Blocks SIGINT and SIGTERM for all threads made from now on; wait() takes them.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    static_cast<void>(pthread_sigmask(SIG_BLOCK, &signals_, nullptr));
  }
  void wait() const {
    int taken = 0;
    static_cast<void>(sigwait(&signals_, &taken));
  }

 private:
  sigset_t signals_{};
};

Result<void> open_log_of(const operations::Settings& settings) {
  return open_log({.level = log_level_named(settings.log_level).value_or(LogLevel::info),
                   .file = settings.log_file});
}

Result<http::ServerOptions> server_options(const operations::Settings& settings) {
  using std::chrono::seconds;
  GUANXI_TRY(address, operations::parse_listen(settings.server_listen));
  http::ServerOptions options;
  options.address = address.host == "localhost" ? "127.0.0.1" : address.host;
  options.port = address.port;
  options.host_names = settings.server_public_names;
  options.connections_most = settings.server_connections_most;
  options.header_timeout = seconds(settings.server_header_timeout_seconds);
  options.body_timeout = seconds(settings.server_body_timeout_seconds);
  options.idle_timeout = seconds(settings.server_idle_timeout_seconds);
  options.write_timeout = seconds(settings.server_write_timeout_seconds);
  options.stop_grace = seconds(settings.server_stop_grace_seconds);
  options.quick_threads = static_cast<unsigned>(settings.server_quick_threads);
  options.slow_threads = static_cast<unsigned>(settings.server_slow_threads);
  return options;
}

Result<std::unique_ptr<http::Server>> start(const std::shared_ptr<const api::Brand>& brand,
                                            const operations::Settings& settings) {
  api::ShippedFiles files = api::shipped_files();
  const std::string web =
      settings.server_web.empty() ? home_folder() + "/web/dist" : settings.server_web;
  auto site = std::make_shared<http::Site>(api::api_routes(brand, std::move(files)),
                                           http::StaticFiles(web), http::allow_all());
  GUANXI_TRY(options, server_options(settings));
  return http::Server::start(std::move(site), options);
}

Result<std::shared_ptr<const Engine>> open_engine(const operations::Settings& settings,
                                                  WorkBoard& board) {
  Engine::Options options;
  options.folder = settings.data_folder;
  options.shards = static_cast<unsigned>(settings.data_shards);
  options.threads = static_cast<unsigned>(settings.data_threads);
  options.default_model_toml = std::string(shipped_model("retail"));
  options.board = &board;
  GUANXI_TRY(engine, Engine::open(options));
  return std::shared_ptr<const Engine>(std::move(engine));
}

}  // namespace

int run_serve(const Common& common, const ServeArgs& args) {
  const auto settings = settings_of(common, args);
  if (!settings) {
    return report(settings.error(), common.json);
  }
  if (auto opened = open_log_of(*settings); !opened) {
    return report(opened.error(), common.json);
  }
  const StopSignal stop;
  WorkBoard board;
  show_progress(board, common);
  const auto brand = std::make_shared<api::EngineBrand>(board);
  // The door opens before the log is read: progress is answered at once.
  auto server = start(brand, *settings);
  if (!server) {
    return report(server.error(), common.json);
  }
  const std::string address = "http://localhost:" + std::to_string((*server)->port());
  print(address + "\n");
  static_cast<void>(std::fflush(stdout));
  auto engine = open_engine(*settings, board);
  if (!engine) {
    (*server)->stop();
    return report(engine.error(), common.json);
  }
  brand->ready(*engine);
  print("ready: " + grouped((*engine)->read().image().people()) + " people, " +
        grouped((*engine)->read().image().events()) + " events; stop with Ctrl-C\n");
  static_cast<void>(std::fflush(stdout));
  stop.wait();
  print("stopping\n");
  (*server)->stop();
  return 0;
}

}  // namespace guanxi::app
