#include "operations/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
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
#include <span>
#include <sstream>

#include "operations/service_manager.hpp"
#include "platform/log.hpp"

namespace guanxi::operations {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;
constexpr const char* kVariable = "GUANXI_SUPERVISED";  // "listening socket,pipe,connections..."
constexpr char kConnections = 'C';
constexpr std::size_t kSocketsAtOnce = 200;  // the kernel takes 253
constexpr std::array<std::string_view, 3> kStateNames{"starting", "open", "ready"};

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A message on the pipe between worker and supervisor: one byte, and sockets.
struct PipeMessage {
  explicit PipeMessage(char first) : byte(first) {
    head.msg_iov = &content;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = control.size();
  }
  char byte;
  iovec content{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kSocketsAtOnce * sizeof(int))> control{};
  msghdr head{};

  void attach(std::span<const int> sockets) {
    head.msg_controllen = CMSG_SPACE(sockets.size_bytes());
    cmsghdr* const part = CMSG_FIRSTHDR(&head);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sockets.size_bytes());
    std::memcpy(CMSG_DATA(part), sockets.data(), sockets.size_bytes());
  }
  void take_sockets(std::vector<int>& into) {
    const cmsghdr* const part = CMSG_FIRSTHDR(&head);
    if (part == nullptr || part->cmsg_type != SCM_RIGHTS) {
      return;
    }
    std::array<int, kSocketsAtOnce> sockets{};
    const std::size_t count =
        std::min((part->cmsg_len - CMSG_LEN(0)) / sizeof(int), kSocketsAtOnce);
    std::memcpy(sockets.data(), CMSG_DATA(part), count * sizeof(int));
    into.insert(into.end(), sockets.begin(), sockets.begin() + static_cast<std::ptrdiff_t>(count));
  }
};

void close_all(std::vector<int>& sockets) {
  for (const int socket : sockets) {
    ::close(socket);
  }
  sockets.clear();
}

// Connections that wait for the next worker are held here.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  }
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
  int pipe = -1;                 // what the worker tells
  std::vector<int> connections;  // left by the worker before
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
  [[noreturn]] void become_worker(pid_t supervisor, int pipe_end);
  void end_worker(int signal);
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
  const bool piped = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0;
  const pid_t supervisor = ::getpid();
  const pid_t child = piped ? fork() : -1;
  if (child == 0) {
    become_worker(supervisor, ends[1]);
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
  close_all(connections);
  static_cast<void>(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  worker = child;
  pipe = ends[0];
  told = WorkerState::starting;
  born = SteadyClock::now();
  start_at.reset();
  log_line(LogLevel::info, "worker_started", {{"pid", worker}});
  record();
}

// Between fork and exec: only what is allowed after a fork. The worker dies with the supervisor,
// also with one that was gone before the worker could ask for that.
void Supervisor::State::become_worker(pid_t supervisor, int pipe_end) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) {
    _exit(1);
  }
  pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  static_cast<void>(fcntl(pipe_end, F_SETFD, 0));
  static_cast<void>(fcntl(options.listening_socket, F_SETFD, 0));
  std::string told_to = std::to_string(options.listening_socket) + "," + std::to_string(pipe_end);
  for (const int connection : connections) {
    static_cast<void>(fcntl(connection, F_SETFD, 0));
    told_to += "," + std::to_string(connection);
  }
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

void Supervisor::State::end_worker(int signal) {
  if (worker != 0) {
    ::kill(worker, signal);
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
      end_worker(SIGUSR1);
    } else if (taken.ssi_signo == SIGTERM || taken.ssi_signo == SIGINT || terminal_gone) {
      if (!stopping) {
        notify_service_manager("STOPPING=1");
        stopping = true;
        end_worker(SIGTERM);
      }
      if (worker == 0) {
        exit_code = 0;
      }
    }
  }
}

void Supervisor::State::take_states() {
  while (pipe >= 0) {
    PipeMessage message('\0');
    const ssize_t count = ::recvmsg(pipe, &message.head, MSG_CMSG_CLOEXEC);
    if (count == 0) {
      ::close(pipe);
      pipe = -1;
    }
    if (count <= 0) {
      return;
    }
    if (message.byte == kConnections) {
      message.take_sockets(connections);
    } else {
      told = static_cast<WorkerState>(std::clamp(message.byte - '0', 0, 2));
      ever_open = ever_open || told != WorkerState::starting;
      notify_service_manager(told == WorkerState::ready
                                 ? "READY=1\nSTATUS=Ready."
                                 : "READY=1\nSTATUS=Takes events; reads the log.");
      record();
    }
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
  raise_file_limit();
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
  std::vector<int> descriptors;
  for (std::string number; std::getline(text, number, ',');) {
    descriptors.push_back(static_cast<int>(std::strtol(number.c_str(), nullptr, 10)));
    if (fcntl(descriptors.back(), F_SETFD, FD_CLOEXEC) != 0) {
      return std::nullopt;
    }
  }
  if (descriptors.size() < 2) {
    return std::nullopt;
  }
  return Supervised(descriptors[0], descriptors[1],
                    std::vector<int>(descriptors.begin() + 2, descriptors.end()));
}

void Supervised::tell(WorkerState state) const {
  const char digit = static_cast<char>('0' + static_cast<int>(state));
  static_cast<void>(::write(pipe_, &digit, 1) == 1);
}

void Supervised::leave(const std::vector<int>& connections) const {
  std::span<const int> left(connections);
  while (!left.empty()) {
    const auto part = left.first(std::min(left.size(), kSocketsAtOnce));
    PipeMessage message(kConnections);
    message.attach(part);
    static_cast<void>(::sendmsg(pipe_, &message.head, MSG_NOSIGNAL));
    left = left.subspan(part.size());
  }
  for (const int socket : connections) {
    ::close(socket);
  }
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
