#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/engine.hpp"

namespace guanxi::app {

/// What every command is told.
struct Common {
  std::string data = "data";
  bool data_given = false;  ///< on the command line or by the environment
  bool json = false;
  bool quiet = false;
};

/// The folder that holds web/, models/ and mappings/ as shipped: $GUANXI_HOME, else beside or above
/// the program, else where it was built.
[[nodiscard]] std::string home_folder();

/// Opens the data folder for reading: takes no lock, so a server may run on it.
/// Errors: not_found, saying how to begin, when there is nothing in it yet.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_for_reading(const Common& common);
/// Opens it for changes; made when missing. `model_file` is the model of a new folder.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_for_writing(const Common& common,
                                                               const std::string& model_file = {});

/// One command over the engine of the data folder: opens it, runs `use`, and gives its exit code,
/// or the code of the error that it reports.
using EngineCommand = std::function<Result<int>(Engine&)>;
[[nodiscard]] int reading(const Common& common, const EngineCommand& use);
[[nodiscard]] int writing(const Common& common, const EngineCommand& use);

/// Whose door a dead letter came through, by the sources of the data folder.
[[nodiscard]] Engine::KeyOfDoor key_of_door(const Common& common);

/// Shows the work of the engine on stderr: one line that is redrawn on a terminal, a line now and
/// then elsewhere. Nothing with --quiet.
void show_progress(WorkBoard& board, const Common& common);

/// Writes into the audit trail what is done from here. A customer's id stands in it as a code;
/// without `person`, `subject` is what it is done to. Errors: as AuditTrail::write().
struct Trace {
  std::string action;
  std::string person{};
  std::string subject{};
  std::string outcome = "done";
};
[[nodiscard]] Result<void> leave_trace(const Common& common, const Trace& trace);

/// Asks before what cannot be undone; without a terminal --yes must say it.
[[nodiscard]] Result<void> confirm(const std::string& question, bool yes);
/// The whole text of a file. Errors: not_found, invalid when larger than `bytes_most`.
[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::uint64_t bytes_most = 1U << 24U);

/// --at: the day named, or the image's own. Errors: invalid.
[[nodiscard]] Result<Day> day_or_latest(const std::string& text, const Image& image);
/// The person of an id given on the command line; also one whose data may only be stored.
/// Errors: not_found.
[[nodiscard]] Result<PersonRef> person_named(const Image& image, const std::string& id);

}  // namespace guanxi::app
