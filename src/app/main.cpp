#include <csignal>

#include "app/command_line.hpp"

int main(int argc, char** argv) {
  // A reader that goes away (| head) ends us quietly, through the failed write.
  static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
  return guanxi::app::run_command_line(argc, argv);
}
