#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/worker.hpp"
#include "operations/listening.hpp"
#include "operations/service_manager.hpp"
#include "operations/supervisor.hpp"
#include "platform/file_lock.hpp"
#include "platform/log.hpp"

namespace guanxi::app {
namespace {

using operations::ListeningSocket;
using operations::Settings;

Result<void> prepare(const Settings& settings) {
  GUANXI_TRY_VOID(open_log({.level = log_level_named(settings.log_level).value_or(LogLevel::info),
                            .file = settings.log_file}));
  std::error_code error;
  std::filesystem::create_directories(settings.data_folder, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                "cannot make the folder '" + settings.data_folder + "': " + error.message());
  }
  return {};
}

Result<ListeningSocket> socket_of(const Settings& settings) {
  if (auto activated = ListeningSocket::activated()) {
    return *std::move(activated);
  }
  GUANXI_TRY(address, operations::parse_listen(settings.server_listen));
  return ListeningSocket::open(address);
}

// This very command line again, with the program's file as it is by then.
std::vector<std::string> own_command() {
  std::vector<std::string> words;
  std::error_code ignored;
  words.push_back(std::filesystem::read_symlink("/proc/self/exe", ignored).string());
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::stringstream given;
  given << file.rdbuf();
  const std::string text = given.str();
  std::string_view rest = text;
  for (bool first = true; !rest.empty(); first = false) {
    const std::size_t end = rest.find('\0');
    if (!first) {
      words.emplace_back(rest.substr(0, end));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return words;
}

void say_where(const ListeningSocket& socket, const Settings& settings) {
  print(socket.url(!settings.tls_certificate.empty()) + "\n");
  static_cast<void>(std::fflush(stdout));
}

int supervise(const Common& common, const Settings& settings) {
  const auto mine = FileLock::take(settings.data_folder + "/guanxi.serve");
  if (!mine) {
    return report(mine.error(), common.json);
  }
  const auto socket = socket_of(settings);
  if (!socket) {
    return report(socket.error(), common.json);
  }
  say_where(*socket, settings);
  operations::SupervisorOptions options;
  options.command = own_command();
  options.listening_socket = socket->descriptor();
  options.state_file = settings.data_folder + "/guanxi.worker";
  options.stop_patience = std::chrono::seconds(settings.server_stop_grace_seconds + 120);
  return operations::Supervisor(std::move(options)).run();
}

}  // namespace

int run_serve(const Common& common, const ServeArgs& args) {
  auto supervised = operations::Supervised::find();
  const auto settings = settings_of(common, args);
  if (!settings) {
    return report(settings.error(), common.json);
  }
  if (auto prepared = prepare(*settings); !prepared) {
    return report(prepared.error(), common.json);
  }
  if (supervised) {
    WorkerPost post;
    post.listening_socket = supervised->listening_socket();
    post.connections = supervised->take_connections();
    post.tell = [&](operations::WorkerState state) { supervised->tell(state); };
    post.leave = [&](const std::vector<int>& connections) { supervised->leave(connections); };
    return run_worker(common, *settings, std::move(post));
  }
  if (args.supervised) {
    return supervise(common, *settings);
  }
  const auto socket = socket_of(*settings);
  if (!socket) {
    return report(socket.error(), common.json);
  }
  say_where(*socket, *settings);
  WorkerPost post;
  post.listening_socket = socket->descriptor();
  post.tell = [](operations::WorkerState state) {
    operations::notify_service_manager(state == operations::WorkerState::ready ? "READY=1"
                                                                               : "STATUS=Opening.");
  };
  return run_worker(common, *settings, std::move(post));
}

}  // namespace guanxi::app
