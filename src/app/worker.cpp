#include "app/worker.hpp"

#include <csignal>
#include <memory>

#include "access/handles.hpp"
#include "access/store.hpp"
#include "api/engine_brand.hpp"
#include "api/routes.hpp"
#include "app/output.hpp"
#include "doors/ingest.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "platform/disk.hpp"
#include "platform/log.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::app {
namespace {

using operations::Settings;
using operations::WorkerState;

// Blocks the signals that end a worker for all threads made from now on; wait() takes them. A
// hang-up is the supervisor's to hear.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      sigaddset(&signals_, signal);
    }
    static_cast<void>(pthread_sigmask(SIG_BLOCK, &signals_, nullptr));
  }
  void wait() const {
    int taken = 0;
    do {
      static_cast<void>(sigwait(&signals_, &taken));
    } while (taken == SIGHUP);
  }

 private:
  sigset_t signals_{};
};

http::ServerOptions server_options(const Settings& settings, int listening_socket) {
  using std::chrono::seconds;
  http::ServerOptions options;
  options.inherited_socket = listening_socket;
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

Result<std::shared_ptr<Engine>> open_engine(const Settings& settings, WorkBoard& board) {
  Engine::Options options;
  options.folder = settings.data_folder;
  options.shards = static_cast<unsigned>(settings.data_shards);
  options.threads = static_cast<unsigned>(settings.data_threads);
  options.default_model_toml = std::string(shipped_model("retail"));
  options.board = &board;
  GUANXI_TRY(engine, Engine::open(options));
  return std::shared_ptr<Engine>(std::move(engine));
}

// All that serves one folder, in the order in which it is made.
class Parts {
 public:
  explicit Parts(const Common& common) : brand_(std::make_shared<api::EngineBrand>(board_)) {
    show_progress(board_, common);
  }

  Result<void> open_door(const Settings& settings, int listening_socket) {
    GUANXI_TRY(access, access::AccessStore::open(settings.data_folder, system_clock()));
    access_ = std::shared_ptr<access::AccessStore>(std::move(access));
    GUANXI_TRY(handles, access::Handles::load(real_disk(), settings.data_folder));
    handles_ = std::move(handles);
    ingest_ = std::make_shared<doors::IngestDoor>(
        [store = access_](std::string_view key) { return store->source_of_key(key); },
        doors::IngestOptions{});
    const std::string web =
        settings.server_web.empty() ? home_folder() + "/web/dist" : settings.server_web;
    auto site = std::make_shared<http::Site>(routes(), http::StaticFiles(web), http::allow_all());
    GUANXI_TRY(server,
               http::Server::start(std::move(site), server_options(settings, listening_socket)));
    server_ = std::move(server);
    return {};
  }

  Result<void> open_data(const Settings& settings) {
    GUANXI_TRY(engine, open_engine(settings, board_));
    engine_ = std::move(engine);
    ingest_->open(engine_);
    brand_->ready(engine_);
    return {};
  }

  void close() {
    if (server_ != nullptr) {
      server_->stop();
    }
  }

  [[nodiscard]] const Engine& engine() const { return *engine_; }

 private:
  [[nodiscard]] http::RouteTable routes() const {
    std::vector<http::Route> all = api::api_routes(brand_, api::shipped_files(), handles_).routes();
    for (http::Route& route : doors::ingest_routes(ingest_)) {
      all.push_back(std::move(route));
    }
    return http::RouteTable(std::move(all));
  }

  WorkBoard board_;
  std::shared_ptr<api::EngineBrand> brand_;
  std::shared_ptr<access::AccessStore> access_;
  std::shared_ptr<const access::Handles> handles_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<doors::IngestDoor> ingest_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

int run_worker(const Common& common, const Settings& settings, int listening_socket,
               const std::function<void(WorkerState)>& tell) {
  const StopSignal stop;
  Parts parts(common);
  if (auto opened = parts.open_door(settings, listening_socket); !opened) {
    return report(opened.error(), common.json);
  }
  if (auto opened = parts.open_data(settings); !opened) {
    parts.close();
    return report(opened.error(), common.json);
  }
  tell(WorkerState::ready);
  {
    const ReadAccess access = parts.engine().read();
    print("ready: " + grouped(access.image().people()) + " people, " +
          grouped(access.image().events()) + " events; stop with Ctrl-C\n");
  }
  static_cast<void>(std::fflush(stdout));
  stop.wait();
  print("stopping\n");
  parts.close();
  return 0;
}

}  // namespace guanxi::app
