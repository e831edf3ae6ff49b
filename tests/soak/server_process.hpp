#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace guanxi::soak {

/// The program under test: GUANXI_BINARY, or the one built beside this test.
inline std::string guanxi_binary() {
  const char* named = std::getenv("GUANXI_BINARY");
  return named != nullptr ? named : GUANXI_BUILT_BINARY;
}

/// The text after "name": in a line of JSON.
inline std::string field_of(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos) {
    return "";
  }
  const std::size_t from = at + name.size() + 3;
  const std::string value = json.substr(from, json.find_first_of(",}", from) - from);
  return value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

/// `guanxi serve` on a folder: supervisor and worker, as a brand runs it.
///
/// Place       Tests that kill it.
/// Threads     One owner.
class ServerProcess {
 public:
  explicit ServerProcess(std::string folder) : folder_(std::move(folder)) {}
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() { kill_supervisor(); }

  /// Starts it and waits for the line with its address; the port, or 0 when it ended instead.
  int start() {
    kill_supervisor();
    std::remove((folder_ + "/guanxi.worker").c_str());
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return 0;
    }
    const std::string binary = guanxi_binary();
    supervisor_ = ::fork();
    if (supervisor_ == 0) {
      ::dup2(ends[1], 1);
      const int nothing = ::open("/dev/null", O_RDWR);
      ::dup2(nothing, 0);
      ::dup2(::open((folder_ + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
      ::execl(binary.c_str(), "guanxi", "--quiet", "--data", folder_.c_str(), "serve", "--port",
              "0", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    std::string line;
    for (char next = 0; ::read(output_, &next, 1) == 1 && next != '\n';) {
      line += next;
    }
    const std::size_t colon = line.rfind(':');
    return colon == std::string::npos ? 0 : std::atoi(line.c_str() + colon + 1);
  }

  /// The worker's process, once it is another than `before` and, when `open`, takes events; 0 when
  /// there is none within half a minute.
  [[nodiscard]] pid_t worker_after(pid_t before, bool open) const {
    for (int i = 0; i < 30'000; ++i) {
      std::ifstream file(folder_ + "/guanxi.worker");
      pid_t worker = 0;
      std::string state;
      if (file >> worker >> state && worker != 0 && worker != before &&
          (!open || state != "starting")) {
        return worker;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return 0;
  }

  /// kill -9; the worker dies with it.
  void kill_supervisor() {
    if (supervisor_ > 0) {
      ::kill(supervisor_, SIGKILL);
      ::waitpid(supervisor_, nullptr, 0);
      wait_for_the_worker();
    }
    supervisor_ = 0;
  }
  /// Tells it to stop; its exit code, or 1000 and the signal that ended it. What it logs stands
  /// beside the folder, in a file ending in ".log".
  int stop() {
    ::kill(supervisor_, SIGTERM);
    int status = 0;
    ::waitpid(supervisor_, &status, 0);
    supervisor_ = 0;
    wait_for_the_worker();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1'000 + WTERMSIG(status);
  }

  /// What a command prints.
  [[nodiscard]] std::string ask(const std::string& arguments) const {
    const std::string command =
        "'" + guanxi_binary() + "' --data '" + folder_ + "' " + arguments + " 2>/dev/null";
    std::string all;
    FILE* pipe = ::popen(command.c_str(), "re");
    char buffer[4096];
    while (pipe != nullptr && std::fgets(buffer, sizeof(buffer), pipe) != nullptr) {
      all += buffer;
    }
    if (pipe != nullptr) {
      ::pclose(pipe);
    }
    return all;
  }

 private:
  // Its end of the pipe is closed when it, too, is gone.
  void wait_for_the_worker() {
    char buffer[512];
    while (::read(output_, buffer, sizeof(buffer)) > 0) {
    }
    ::close(output_);
  }

  std::string folder_;
  pid_t supervisor_ = 0;
  int output_ = -1;
};

}  // namespace guanxi::soak
