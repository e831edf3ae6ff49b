#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace guanxi::operations {

/// How far a worker has come, as it tells its supervisor.
enum class WorkerState : std::uint8_t {
  starting,
  open,  ///< takes events: they are on the disk before they are answered
  ready  ///< has read the log: answers everything
};
[[nodiscard]] std::string_view name_of(WorkerState state);

struct SupervisorOptions {
  std::vector<std::string> command;  ///< the worker's program and arguments
  int listening_socket = -1;
  std::string state_file;  ///< worker's process and state, for `guanxi restart`; empty: none
  std::chrono::milliseconds stop_patience{60'000};  ///< then a worker that does not end is killed
  std::chrono::milliseconds first_pause{100};       ///< before a crashed worker's successor
  std::chrono::milliseconds longest_pause{10'000};
  std::chrono::milliseconds healthy_after{60'000};  ///< a life so long ends the row of crashes
};

/// Keeps one worker running on a socket that it never closes, so that the port is never refused.
///
/// SIGHUP replaces the worker: the old one (told by SIGUSR1) finishes what is under way, hands over
/// the connections of its clients and ends, then a new one (of the program's file as it then is)
/// starts and takes them up; connections made in between wait in the socket's queue. A worker that
/// dies is followed by another, after a pause that doubles with each death in a row. SIGTERM and
/// SIGINT end the worker and the supervisor.
///
/// Place       `guanxi serve`, before any thread is made.
/// Invariants  At most one worker at a time. A worker does not outlive the supervisor. One that
///             dies before it was ever open ends the supervisor with its exit code: a wrong setting
///             is not tried again and again.
/// Threads     One: run() blocks its signals in this thread.
class Supervisor {
 public:
  explicit Supervisor(SupervisorOptions options);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  /// Until told to stop. Gives the exit code for main().
  [[nodiscard]] int run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a worker knows of its supervisor.
///
/// Place       `guanxi serve` asks it first: with one, it is a worker.
/// Threads     Any.
class Supervised {
 public:
  /// Nothing when this process was not started by a supervisor.
  [[nodiscard]] static std::optional<Supervised> find();

  [[nodiscard]] int listening_socket() const { return socket_; }
  /// Sockets of clients that the worker before has left; they are the caller's.
  [[nodiscard]] std::vector<int> take_connections() { return std::move(connections_); }
  void tell(WorkerState state) const;
  /// Leaves sockets of clients to the next worker, and closes them here.
  void leave(const std::vector<int>& connections) const;

 private:
  Supervised(int socket, int pipe, std::vector<int> connections)
      : socket_(socket), pipe_(pipe), connections_(std::move(connections)) {}
  int socket_;
  int pipe_;
  std::vector<int> connections_;
};

/// What a supervisor wrote into its state file.
struct WorkerRecord {
  pid_t worker = 0;
  std::string state;
};
[[nodiscard]] std::optional<WorkerRecord> read_worker_record(const std::string& state_file);

}  // namespace guanxi::operations
