#include <csignal>
#include <thread>

#include "api/engine_brand.hpp"
#include "api/routes.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "http/server.hpp"
#include "http/site.hpp"
#include "http/static_files.hpp"
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

Result<std::unique_ptr<http::Server>> start(const std::shared_ptr<const api::Brand>& brand,
                                            const ServeArgs& args) {
  const std::string home = home_folder();
  api::ShippedFiles files = api::shipped_files();
  const std::string web = args.web.empty() ? home + "/web/dist" : args.web;
  auto site = std::make_shared<http::Site>(api::api_routes(brand, std::move(files)),
                                           http::StaticFiles(web), http::allow_all());
  http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(args.port);
  return http::Server::start(std::move(site), options);
}

Result<std::shared_ptr<const Engine>> open_engine(const Common& common, WorkBoard& board) {
  Engine::Options options;
  options.folder = common.data;
  options.default_model_toml = std::string(shipped_model("retail"));
  options.board = &board;
  GUANXI_TRY(engine, Engine::open(options));
  return std::shared_ptr<const Engine>(std::move(engine));
}

}  // namespace

int run_serve(const Common& common, const ServeArgs& args) {
  const StopSignal stop;
  WorkBoard board;
  show_progress(board, common);
  const auto brand = std::make_shared<api::EngineBrand>(board);
  // The door opens before the log is read: progress is answered at once.
  auto server = start(brand, args);
  if (!server) {
    return report(server.error(), common.json);
  }
  const std::string address = "http://localhost:" + std::to_string((*server)->port());
  print(address + "\n");
  static_cast<void>(std::fflush(stdout));
  auto engine = open_engine(common, board);
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
