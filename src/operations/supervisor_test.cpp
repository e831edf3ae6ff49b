#include "operations/supervisor.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

namespace guanxi::operations {
namespace {

// A worker as a shell script: writes "started" to a file, says that it is open, then does `then`.
class Scripted {
 public:
  explicit Scripted(const std::string& then) {
    char folder[] = "/tmp/guanxi_supervisor_XXXXXX";
    folder_ = mkdtemp(folder);
    options.command = {"/bin/bash", "-c",
                       "echo started >> " + folder_ +
                           "/lives; "
                           "trap 'echo ended >> " +
                           folder_ +
                           "/lives; exit 0' TERM USR1; "
                           "pipe=${GUANXI_SUPERVISED#*,}; " +
                           then};
    options.state_file = folder_ + "/state";
    options.first_pause = std::chrono::milliseconds(10);
  }
  ~Scripted() {
    for (const char* name : {"/lives", "/state"}) {
      static_cast<void>(std::remove((folder_ + name).c_str()));
    }
    rmdir(folder_.c_str());
  }

  // Runs the supervisor in a process of its own and gives its exit code.
  int run(const std::function<void(pid_t)>& meanwhile) {
    const pid_t child = fork();
    if (child == 0) {
      _exit(Supervisor(options).run());
    }
    meanwhile(child);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  [[nodiscard]] std::string lives() const {
    std::ifstream file(folder_ + "/lives");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] bool comes_to(const std::string& wanted) const {
    for (int round = 0; round < 500; ++round) {
      const auto record = read_worker_record(options.state_file);
      if (lives() == wanted && record && record->state != "starting" && record->worker != 0) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  SupervisorOptions options;

 private:
  std::string folder_;
};

constexpr const char* kStaysOpen = "echo -n 1 >&$pipe; while :; do sleep 0.02; done";

TEST(Supervisor, StopsItsWorkerAndItself) {
  Scripted worker(kStaysOpen);
  const int code = worker.run([&](pid_t supervisor) {
    EXPECT_TRUE(worker.comes_to("started\n"));
    kill(supervisor, SIGTERM);
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(worker.lives(), "started\nended\n");
}

TEST(Supervisor, AHangUpReplacesTheWorkerAfterItEnded) {
  Scripted worker(kStaysOpen);
  worker.run([&](pid_t supervisor) {
    EXPECT_TRUE(worker.comes_to("started\n"));
    kill(supervisor, SIGHUP);
    EXPECT_TRUE(worker.comes_to("started\nended\nstarted\n"));
    kill(supervisor, SIGTERM);
  });
}

TEST(Supervisor, ACrashedWorkerIsFollowedByAnother) {
  Scripted worker(kStaysOpen);
  worker.run([&](pid_t supervisor) {
    EXPECT_TRUE(worker.comes_to("started\n"));
    kill(read_worker_record(worker.options.state_file)->worker, SIGKILL);
    EXPECT_TRUE(worker.comes_to("started\nstarted\n"));
    kill(supervisor, SIGTERM);
  });
}

// Goal: a worker never outlives its supervisor, which would hold the data folder and let nobody
// else open it. Method: kill -9 at moments around the birth of the worker, who holds the pipe open.
TEST(Supervisor, AWorkerDiesWithASupervisorKilledAtAnyMoment) {
  for (unsigned round = 0; round < 150; ++round) {
    std::array<int, 2> ends{-1, -1};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t supervisor = fork();
    if (supervisor == 0) {
      ::close(ends[0]);
      SupervisorOptions options;
      options.command = {"/bin/sleep", "60"};
      _exit(Supervisor(options).run());
    }
    ::close(ends[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(20 * round));
    kill(supervisor, SIGKILL);
    waitpid(supervisor, nullptr, 0);
    pollfd end{ends[0], POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 20'000), 1) << "round " << round << ": the worker lives on";
    ::close(ends[0]);
  }
}

TEST(Supervisor, AWorkerThatNeverOpensEndsItWithItsCode) {
  Scripted worker("exit 3");
  EXPECT_EQ(worker.run([](pid_t) {}), 3);
  EXPECT_EQ(worker.lives(), "started\n");
}

TEST(Supervisor, AWorkerThatDoesNotEndIsKilled) {
  Scripted worker("trap '' TERM; echo -n 1 >&$pipe; while :; do sleep 0.02; done");
  worker.options.stop_patience = std::chrono::milliseconds(100);
  const int code = worker.run([&](pid_t supervisor) {
    EXPECT_TRUE(worker.comes_to("started\n"));
    kill(supervisor, SIGTERM);
  });
  EXPECT_EQ(code, 128 + SIGKILL);
}

TEST(Supervisor, NobodyIsAWorkerByHimself) { EXPECT_FALSE(Supervised::find()); }

}  // namespace
}  // namespace guanxi::operations
