#pragma once

#include <string>

namespace guanxi::app {

/// Reads the command line, runs the command it names, and gives the exit code (output.hpp).
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

/// The completion script for "bash", "zsh" or "fish", made from the commands and their options.
[[nodiscard]] std::string completion_script(const std::string& shell);

}  // namespace guanxi::app
