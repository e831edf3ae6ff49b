#include "operations/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "operations/service_manager.hpp"
#include "platform/log.hpp"

namespace guanxi::operations {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;
constexpr const char* kVariable = "GUANXI_SUPERVISED";  // "listening socket,pipe"
constexpr std::array<std::string_view, 3> kStateNames{"starting", "open", "ready"};

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string_view name_of(WorkerState state) { return kStateNames[static_cast<std::size_t>(state)]; }

struct Supervisor::State {
  explicit State(SupervisorOptions chosen)
      : options(std::move(chosen)), pause(options.first_pause) {}

  SupervisorOptions options;
  int signals = -1;
  sigset_t mask_before{};
  pid_t worker = 0;
  int pipe = -1;  // what the worker tells
  WorkerState told = WorkerState::starting;
  Moment born{};
  bool ever_open = false;
  bool stopping = false;
  bool replacing = false;
  std::optional<Moment> kill_at;
  std::optional<Moment> start_at;
  std::chrono::milliseconds pause;
  std::optional<int> exit_code;

  Result<void> block_signals();
  void start_worker();
  [[noreturn]] void become_worker(int pipe_end);
  void end_worker();
  void wait_for_something();
  void take_signals();
  void take_states();
  void take_deaths();
  void worker_died(int status);
  void keep_time();
  void record() const;
};

Result<void> Supervisor::State::block_signals() {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    sigaddset(&taken, signal);
  }
  pthread_sigmask(SIG_BLOCK, &taken, &mask_before);
  signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) {
    return fail(ErrorCode::unavailable, std::string("no signalfd: ") + std::strerror(errno));
  }
  return {};
}

void Supervisor::State::start_worker() {
  std::array<int, 2> ends{-1, -1};
  const bool piped = pipe2(ends.data(), O_CLOEXEC) == 0;
  const pid_t child = piped ? fork() : -1;
  if (child == 0) {
    become_worker(ends[1]);
  }
  if (piped) {
    ::close(ends[1]);
  }
  if (child < 0) {  // no memory or no processes left: as if it had died
    log_line(LogLevel::error, "worker_not_started", {{"reason", std::strerror(errno)}});
    ::close(ends[0]);
    start_at = SteadyClock::now() + pause;
    pause = std::min(2 * pause, options.longest_pause);
    return;
  }
  static_cast<void>(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  worker = child;
  pipe = ends[0];
  told = WorkerState::starting;
  born = SteadyClock::now();
  start_at.reset();
  log_line(LogLevel::info, "worker_started", {{"pid", worker}});
  record();
}

// Between fork and exec: only what is allowed after a fork. The worker dies with the supervisor.
void Supervisor::State::become_worker(int pipe_end) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  static_cast<void>(fcntl(pipe_end, F_SETFD, 0));
  static_cast<void>(fcntl(options.listening_socket, F_SETFD, 0));
  const std::string told_to =
      std::to_string(options.listening_socket) + "," + std::to_string(pipe_end);
  setenv(kVariable, told_to.c_str(), 1);
  unsetenv("NOTIFY_SOCKET");
  std::vector<char*> arguments;
  for (std::string& word : options.command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

void Supervisor::State::end_worker() {
  if (worker != 0) {
    ::kill(worker, SIGTERM);
    kill_at = SteadyClock::now() + options.stop_patience;
  }
}

void Supervisor::State::wait_for_something() {
  std::optional<Moment> next = kill_at;
  if (start_at && (!next || *start_at < *next)) {
    next = start_at;
  }
  int patience = -1;
  if (next) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(*next - SteadyClock::now()).count();
    patience = static_cast<int>(std::max<std::int64_t>(left + 1, 0));
  }
  std::array<pollfd, 2> watched{pollfd{signals, POLLIN, 0}, pollfd{pipe, POLLIN, 0}};
  static_cast<void>(::poll(watched.data(), pipe < 0 ? 1 : 2, patience));
}

void Supervisor::State::take_signals() {
  signalfd_siginfo taken{};
  while (::read(signals, &taken, sizeof(taken)) == static_cast<ssize_t>(sizeof(taken))) {
    const bool terminal_gone = taken.ssi_signo == SIGHUP && taken.ssi_code != SI_USER;
    if (taken.ssi_signo == SIGHUP && !terminal_gone && !stopping && worker != 0 && !replacing) {
      log_line(LogLevel::info, "worker_replaced", {{"pid", worker}});
      replacing = true;
      end_worker();
    } else if (taken.ssi_signo == SIGTERM || taken.ssi_signo == SIGINT || terminal_gone) {
      if (!stopping) {
        notify_service_manager("STOPPING=1");
        stopping = true;
        end_worker();
      }
      if (worker == 0) {
        exit_code = 0;
      }
    }
  }
}

void Supervisor::State::take_states() {
  std::array<char, 64> told_now{};
  ssize_t count = 0;
  while (pipe >= 0 && (count = ::read(pipe, told_now.data(), told_now.size())) > 0) {
    const int last = told_now[static_cast<std::size_t>(count - 1)] - '0';
    told = static_cast<WorkerState>(std::clamp(last, 0, 2));
    ever_open = ever_open || told != WorkerState::starting;
    notify_service_manager(told == WorkerState::ready ? "READY=1\nSTATUS=Ready."
                                                      : "READY=1\nSTATUS=Takes events; reads the "
                                                        "log.");
    record();
  }
  if (pipe >= 0 && count == 0) {
    ::close(pipe);
    pipe = -1;
  }
}

void Supervisor::State::take_deaths() {
  int status = 0;
  pid_t dead = 0;
  while ((dead = ::waitpid(-1, &status, WNOHANG)) > 0) {
    if (dead == worker) {
      take_states();  // what it told last
      worker_died(status);
    }
  }
}

void Supervisor::State::worker_died(int status) {
  const int code = exit_code_of(status);
  const bool asked = stopping || replacing;
  log_line(asked && code == 0 ? LogLevel::info : LogLevel::error, "worker_ended",
           {{"pid", worker}, {"exit_code", code}});
  worker = 0;
  kill_at.reset();
  if (pipe >= 0) {
    ::close(pipe);
    pipe = -1;
  }
  if (stopping || !ever_open) {
    exit_code = code;
    return;
  }
  if (replacing) {
    replacing = false;
    start_at = SteadyClock::now();
    return;
  }
  if (SteadyClock::now() - born > options.healthy_after) {
    pause = options.first_pause;
  }
  start_at = SteadyClock::now() + pause;
  pause = std::min(2 * pause, options.longest_pause);
  record();
}

void Supervisor::State::keep_time() {
  const Moment now = SteadyClock::now();
  if (kill_at && now >= *kill_at) {
    log_line(LogLevel::error, "worker_killed", {{"pid", worker}});
    ::kill(worker, SIGKILL);
    kill_at.reset();
  }
  if (start_at && now >= *start_at && !stopping) {
    start_worker();
  }
}

void Supervisor::State::record() const {
  if (options.state_file.empty()) {
    return;
  }
  const std::string fresh = options.state_file + ".new";
  std::ofstream(fresh, std::ios::trunc) << worker << ' ' << name_of(told) << '\n';
  static_cast<void>(std::rename(fresh.c_str(), options.state_file.c_str()));
}

Supervisor::Supervisor(SupervisorOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

Supervisor::~Supervisor() {
  if (state_->signals >= 0) {
    ::close(state_->signals);
    pthread_sigmask(SIG_SETMASK, &state_->mask_before, nullptr);
  }
}

int Supervisor::run() {
  State& state = *state_;
  if (auto blocked = state.block_signals(); !blocked) {
    log_line(LogLevel::error, "supervisor_failed", {{"reason", blocked.error().message}});
    return 1;
  }
  state.start_worker();
  while (!state.exit_code) {
    state.wait_for_something();
    state.take_signals();
    state.take_states();
    state.take_deaths();
    state.keep_time();
  }
  if (!state.options.state_file.empty()) {
    static_cast<void>(std::remove(state.options.state_file.c_str()));
  }
  return *state.exit_code;
}

std::optional<Supervised> Supervised::find() {
  const char* const told = std::getenv(kVariable);
  if (told == nullptr) {
    return std::nullopt;
  }
  std::istringstream text{std::string(told)};
  unsetenv(kVariable);
  int socket = -1;
  int pipe = -1;
  char comma = 0;
  if (!(text >> socket >> comma >> pipe) || fcntl(socket, F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(pipe, F_SETFD, FD_CLOEXEC) != 0) {
    return std::nullopt;
  }
  return Supervised(socket, pipe);
}

void Supervised::tell(WorkerState state) const {
  const char digit = static_cast<char>('0' + static_cast<int>(state));
  static_cast<void>(::write(pipe_, &digit, 1) == 1);
}

std::optional<WorkerRecord> read_worker_record(const std::string& state_file) {
  std::ifstream file(state_file);
  WorkerRecord record;
  if (file >> record.worker >> record.state) {
    return record;
  }
  return std::nullopt;
}

}  // namespace guanxi::operations
