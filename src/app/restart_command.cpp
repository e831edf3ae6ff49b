#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "operations/supervisor.hpp"
#include "platform/file_lock.hpp"

namespace guanxi::app {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::minutes kPatience{10};

// The supervisor of a folder: whoever holds its lock.
Result<pid_t> supervisor_of(const std::string& folder) {
  const std::string path = folder + "/guanxi.serve";
  pid_t process = 0;
  std::ifstream(path) >> process;
  if (process <= 0 || FileLock::take(path)) {
    return fail(ErrorCode::not_found, "no server runs on '" + folder + "'");
  }
  return process;
}

Result<void> replace_worker(const std::string& folder) {
  const std::string state_file = folder + "/guanxi.worker";
  GUANXI_TRY(supervisor, supervisor_of(folder));
  const auto before = operations::read_worker_record(state_file);
  if (::kill(supervisor, SIGHUP) != 0) {
    return fail(ErrorCode::unavailable, "the server belongs to another user");
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kLook);
    const auto now = operations::read_worker_record(state_file);
    if (now && now->state == "ready" && (!before || now->worker != before->worker)) {
      return {};
    }
    GUANXI_TRY(still_there, supervisor_of(folder));
    static_cast<void>(still_there);
  }
  return fail(ErrorCode::unavailable, "the new worker is not ready yet; see the log");
}

}  // namespace

int run_restart(const Common& common, const ServeArgs& args) {
  const auto settings = settings_of(common, args);
  if (!settings) {
    return report(settings.error(), common.json);
  }
  if (auto replaced = replace_worker(settings->data_folder); !replaced) {
    return report(replaced.error(), common.json);
  }
  JsonWriter json;
  json.begin_object().field("ok", true).end_object();
  print(common.json ? json.text() + "\n" : "restarted: the new worker is ready\n");
  return 0;
}

}  // namespace guanxi::app
