// How long a restart takes with and without a snapshot: snapshot_speed DATA_FOLDER MODEL_TOML.
// Reads the whole log, writes a snapshot of it, opens the folder from it, and compares.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "engine/engine.hpp"

namespace {

using namespace guanxi;

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

Result<std::unique_ptr<Engine>> open_timed(const std::string& folder, const std::string& toml,
                                           const char* what) {
  Engine::Options options;
  options.folder = folder;
  options.default_model_toml = toml;
  const auto began = std::chrono::steady_clock::now();
  GUANXI_TRY(engine, Engine::open(options));
  const double seconds = seconds_since(began);
  std::printf("%s %.2f s, %llu of %llu events by snapshot\n", what, seconds,
              static_cast<unsigned long long>(engine->resumed_events()),
              static_cast<unsigned long long>(engine->read().image().events()));
  static_cast<void>(std::fflush(stdout));
  return std::move(engine);
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

Result<void> measure(const std::string& folder, const std::string& model_file) {
  GUANXI_TRY(toml, read_file(real_disk(), model_file));
  GUANXI_TRY_VOID(real_disk().remove(folder + "/guanxi.image"));
  std::string whole;
  {
    GUANXI_TRY(engine, open_timed(folder, toml, "whole log:"));
    whole = digest_of(*engine);
    GUANXI_TRY(report, engine->write_snapshot());
    std::printf("written: %llu bytes in %.2f s, of which %.2f s before it was synced\n",
                static_cast<unsigned long long>(report.bytes), report.seconds,
                report.readable_seconds);
  }
  for (int round = 0; round < 3; ++round) {
    GUANXI_TRY(engine, open_timed(folder, toml, "snapshot:"));
    if (round == 0) {
      std::printf("digests: %s\n", digest_of(*engine) == whole ? "the same" : "DIFFERENT");
    }
  }
  return {};
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::printf("usage: snapshot_speed DATA_FOLDER MODEL_TOML\n");
    return 2;
  }
  const auto measured = measure(words[1], words[2]);
  if (!measured) {
    std::printf("%s\n", measured.error().message.c_str());
  }
  return measured ? 0 : 1;
}
