#include "app/worker.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include "access/handles.hpp"
#include "access/store.hpp"
#include "api/access_gate.hpp"
#include "api/engine_brand.hpp"
#include "api/operations_routes.hpp"
#include "app/figures.hpp"
#include "app/output.hpp"
#include "app/retention.hpp"
#include "app/server_routes.hpp"
#include "doors/ingest.hpp"
#include "doors/kafka_source.hpp"
#include "doors/webhooks.hpp"
#include "engine/need_desk.hpp"
#include "eventlog/event_log.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "platform/disk.hpp"
#include "platform/entropy.hpp"
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
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
      sigaddset(&signals_, signal);
    }
    static_cast<void>(pthread_sigmask(SIG_BLOCK, &signals_, nullptr));
  }
  /// The signal that came.
  [[nodiscard]] int wait() const {
    int taken = 0;
    do {
      static_cast<void>(sigwait(&signals_, &taken));
    } while (taken == SIGHUP);
    return taken;
  }

 private:
  sigset_t signals_{};
};

http::ServerOptions server_options(const Settings& settings, const WorkerPost& post) {
  using std::chrono::seconds;
  http::ServerOptions options;
  if (auto name = random_hex(4)) {
    options.run_name = *std::move(name);
  }
  options.inherited_socket = post.listening_socket;
  options.inherited_connections = post.connections;
  options.host_names = settings.server_public_names;
  options.trusted_proxies = settings.server_trusted_proxies;
  options.certificate_file = settings.tls_certificate;
  options.key_file = settings.tls_key;
  options.notice = [](std::string_view what) {
    log_line(LogLevel::warning, "http_notice", {{"what", what}});
  };
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

access::AccessLimits access_limits(const Settings& settings) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 3600;
  const auto seconds = [](std::uint64_t many, std::uint64_t unit) {
    return static_cast<std::int64_t>(many * unit);
  };
  access::AccessLimits limits;
  limits.session_idle_seconds = seconds(settings.access_session_idle_minutes, kMinute);
  limits.session_seconds = seconds(settings.access_session_hours, kHour);
  limits.sessions_most = settings.access_sessions_most;
  limits.invitation_seconds = seconds(settings.access_invitation_hours, kHour);
  limits.login_tries_most = settings.access_login_tries_most;
  limits.login_window_seconds = seconds(settings.access_login_window_minutes, kMinute);
  return limits;
}

Result<std::shared_ptr<Engine>> open_engine(const Settings& settings, WorkBoard& board) {
  Engine::Options options;
  options.folder = settings.data_folder;
  options.shards = static_cast<unsigned>(settings.data_shards);
  options.threads = static_cast<unsigned>(settings.data_threads);
  options.default_model_toml = std::string(shipped_model("retail"));
  options.board = &board;
  options.snapshot_every_events = settings.data_snapshot_every_events;
  options.wal_room_bytes = Engine::Options::kServerWalRoomBytes;
  options.fit_daily = settings.data_fit_daily;
  GUANXI_TRY(engine, Engine::open_live(options));
  return std::shared_ptr<Engine>(std::move(engine));
}

// All that serves one folder, in the order in which it is made.
class Parts {
 public:
  explicit Parts(const Common& common) : brand_(std::make_shared<api::EngineBrand>(board_)) {
    show_progress(board_, common);
  }

  // From here on events are taken; the log may still be being read.
  Result<void> open(const Settings& settings, const WorkerPost& post) {
    settings_ = settings;
    GUANXI_TRY_VOID(open_doors(settings));
    GUANXI_TRY(engine, open_engine(settings, board_));
    engine_ = std::move(engine);
    ingest_->open(engine_);
    webhooks_->open(engine_);
    kafka_ = std::make_unique<doors::KafkaSources>([store = access_] { return store->sources(); },
                                                   engine_);
    return start_server(settings, post);
  }

  // Waits until the log has been read.
  Result<void> wait_ready() {
    GUANXI_TRY_VOID(engine_->wait_ready());
    brand_->ready(engine_);
    retention_ = std::make_unique<RetentionKeeper>(settings_, engine_, access_);
    const std::lock_guard lock(needs_mutex_);
    if (!leaving_) {
      needs_ = std::make_shared<NeedDesk>(engine_, NeedDesk::Options());
      brand_->ask_needs_of(needs_);
    }
    return {};
  }

  void close() {
    server_->stop();
    stop_needs();
  }
  [[nodiscard]] std::vector<int> hand_over() {
    stop_needs();
    return server_->hand_over();
  }

  // So that the next opening need not read the whole log. What goes wrong is in the log lines.
  void write_snapshot(const Settings& settings) {
    if (settings.data_snapshot_at_stop_events > 0) {
      static_cast<void>(engine_->write_snapshot(settings.data_snapshot_at_stop_events));
    }
  }

  [[nodiscard]] const Engine& engine() const { return *engine_; }

 private:
  void stop_needs() {
    const std::lock_guard lock(needs_mutex_);
    leaving_ = true;
    if (needs_ != nullptr) {
      needs_->stop();
    }
  }

  Result<void> open_doors(const Settings& settings) {
    GUANXI_TRY(access, access::AccessStore::open(settings.data_folder, system_clock(),
                                                 {true, access_limits(settings)}));
    access_ = std::shared_ptr<access::AccessStore>(std::move(access));
    GUANXI_TRY(handles, access::Handles::load(real_disk(), settings.data_folder));
    handles_ = std::move(handles);
    ingest_ = std::make_shared<doors::IngestDoor>(
        [store = access_](std::string_view key) { return store->source_of_key(key); },
        doors::IngestOptions{});
    webhooks_ = std::make_shared<doors::WebhookDoor>(
        [store = access_](std::string_view id) { return store->source(id); },
        [store = access_](std::string_view id) { store->mark_used(id); });
    return {};
  }

  Result<void> start_server(const Settings& settings, const WorkerPost& post) {
    const std::string web =
        settings.server_web.empty() ? home_folder() + "/web/dist" : settings.server_web;
    auto site = std::make_shared<http::Site>(
        server_routes({brand_, access_, handles_, ingest_, webhooks_, operations_parts(settings),
                       [this] { return kafka_->status(); }}),
        http::StaticFiles(web), std::make_shared<api::AccessGate>(access_, handles_));
    http::ServerOptions options = server_options(settings, post);
    options.witness = [this](const http::Exchange& exchange) { watch_.saw(exchange); };
    GUANXI_TRY(server, http::Server::start(std::move(site), options));
    server_ = std::move(server);
    connections_ = server_.get();
    const std::string scheme = settings.tls_certificate.empty() ? "http" : "https";
    GUANXI_TRY(line, first_admin_line(*access_,
                                      scheme + "://localhost:" + std::to_string(server_->port())));
    print(line);
    static_cast<void>(std::fflush(stdout));
    return {};
  }

  api::OperationsParts operations_parts(const Settings& settings) {
    api::OperationsParts parts;
    parts.readiness = [this] { return readiness(); };
    parts.figures = [this, folder = settings.data_folder] { return figures(folder); };
    parts.figures_for = settings.metrics_access == "open"    ? api::FiguresFor::open
                        : settings.metrics_access == "admin" ? api::FiguresFor::admin
                                                             : api::FiguresFor::local;
    parts.backups = std::make_shared<operations::BackupDesk>(
        LogPaths(settings.data_folder).database, settings.backup_folder.empty()
                                                     ? settings.data_folder + "/backups"
                                                     : settings.backup_folder);
    return parts;
  }

  [[nodiscard]] api::Readiness readiness() const {
    const auto failure = engine_->ready() ? engine_->read_only_because() : std::nullopt;
    if (failure) {
      return {false, true, failure->message};
    }
    return {true, engine_->ready(), engine_->ready() ? "" : "the log is being read"};
  }

  [[nodiscard]] std::string figures(const std::string& folder) const {
    FigureSources sources;
    sources.requests = &watch_;
    sources.ingest = ingest_.get();
    sources.webhooks = webhooks_.get();
    sources.kafka = kafka_.get();
    sources.engine = engine_.get();
    sources.server = connections_.load();
    sources.data_folder = folder;
    return figures_text(sources);
  }

  Settings settings_;
  RequestWatch watch_;
  WorkBoard board_;
  std::shared_ptr<api::EngineBrand> brand_;
  std::shared_ptr<access::AccessStore> access_;
  std::shared_ptr<const access::Handles> handles_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<doors::IngestDoor> ingest_;
  std::shared_ptr<doors::WebhookDoor> webhooks_;
  std::unique_ptr<doors::KafkaSources> kafka_;
  std::atomic<const http::Server*> connections_{nullptr};  ///< for whoever asks while it starts
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<RetentionKeeper> retention_;
  std::mutex needs_mutex_;
  bool leaving_ = false;             ///< under needs_mutex_
  std::shared_ptr<NeedDesk> needs_;  ///< under needs_mutex_
};

}  // namespace

namespace {

void say_ready(const Engine& engine) {
  const ReadAccess access = engine.read();
  print("ready: " + grouped(access.image().people()) + " people, " +
        grouped(access.image().events()) + " events; stop with Ctrl-C\n");
  static_cast<void>(std::fflush(stdout));
}

}  // namespace

int run_worker(const Common& common, const Settings& settings, WorkerPost post) {
  const StopSignal stop;
  Parts parts(common);
  if (auto opened = parts.open(settings, post); !opened) {
    return report(opened.error(), common.json);
  }
  post.tell(WorkerState::open);
  std::atomic<bool> reading{true};
  std::optional<Error> failure;
  std::jthread reader([&] {
    if (auto read = parts.wait_ready(); read) {
      post.tell(WorkerState::ready);
      say_ready(parts.engine());
    } else {
      failure = read.error();
      ::kill(::getpid(), SIGTERM);
    }
    reading = false;
  });
  const bool another_comes = stop.wait() == SIGUSR1 && post.leave;
  print(another_comes ? "handing over\n" : "stopping\n");
  static_cast<void>(std::fflush(stdout));
  const bool whole = !reading && !failure;
  if (another_comes) {
    if (whole) {
      parts.write_snapshot(settings);  // nobody waits for it: the server goes on meanwhile
    }
    post.leave(parts.hand_over());
  } else {
    parts.close();
    if (whole) {
      parts.write_snapshot(settings);
    }
  }
  if (reading && !failure) {
    std::_Exit(0);  // what was answered is on the disk; nothing else is worth waiting for
  }
  reader.join();
  return failure ? report(*failure, common.json) : 0;
}

}  // namespace guanxi::app
