// A server for live_load: the real one, or with less and less behind the same
// HTTP.
//
//   live_server MODE PORT FOLDER [PROBES]
//
// MODE  hole    the request is answered as soon as it is read
//       parse   its events are decoded, and thrown away
//       full    the ingest door and an engine on FOLDER: on the disk before the
//       answer
// PROBES  in full: so many first orders a second, each watched until its tier
// can be read The write key is "bench". On SIGTERM it says what it used.
#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "doors/ingest.hpp"
#include "engine/engine.hpp"
#include "events/decode.hpp"
#include "http/server.hpp"
#include "live/probe.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::bench {
namespace {

constexpr std::size_t kBodyMost = 20U << 20U;

http::Response success() {
  static const auto kBody = std::make_shared<const std::string>(R"({"success":true})");
  http::Response response;
  response.shared_body = kBody;
  return response;
}

std::uint64_t decoded_events = 0;

void decode(const http::Request &request) {
  static thread_local Decoder decoder;
  DecodeContext context;
  context.source = "bench";
  context.source_key = "bench";
  context.received_at = system_clock().now();
  EventBatch batch;
  std::vector<Refusal> refused;
  decoder.decode_json(request.body, context, batch, refused);
  decoded_events += batch.size();
}

std::vector<http::Route> routes_of(const std::string &mode) {
  http::Route route;
  route.method = http::Method::post;
  route.pattern = "/v1/batch";
  route.body_types = {http::kAnyType};
  route.permission = access::Permission::ingest;
  route.body_bytes_most = kBodyMost;
  route.deferred = [parses = mode == "parse"](const http::Request &request,
                                              const http::Reply &reply) {
    if (parses) {
      decode(request);
    }
    reply(success());
  };
  return {route};
}

std::shared_ptr<const access::Source> bench_source() {
  access::Source source;
  source.id = "bench";
  source.name = "bench";
  return std::make_shared<const access::Source>(std::move(source));
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * 4096;
}

double seconds_of(const timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void report(const std::string &mode) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf(
      "server %s: user %.2f s, system %.2f s, memory now %zu MB, most "
      "%ld MB, decoded %llu\n",
      mode.c_str(), seconds_of(used.ru_utime), seconds_of(used.ru_stime), resident_bytes() >> 20U,
      used.ru_maxrss >> 10, static_cast<unsigned long long>(decoded_events));
}

int run(const std::string &mode, std::uint16_t port, const std::string &folder, double probes) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  static_cast<void>(pthread_sigmask(SIG_BLOCK, &stop, nullptr));
  std::shared_ptr<Engine> engine;
  auto door = std::make_shared<doors::IngestDoor>(
      [source = bench_source()](std::string_view key) { return key == "bench" ? source : nullptr; },
      doors::IngestOptions{});
  if (mode == "full") {
    std::filesystem::create_directories(folder);
    Engine::Options options;
    options.folder = folder;
    options.default_model_toml = std::string(shipped_model("retail"));
    options.wal_room_bytes = Engine::Options::kServerWalRoomBytes;
    auto opened = Engine::open(options);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().message.c_str());
      return 1;
    }
    engine = std::shared_ptr<Engine>(std::move(*opened));
    door->open(engine);
  }
  http::RouteTable table(mode == "full" ? doors::ingest_routes(door) : routes_of(mode));
  http::ServerOptions options;
  options.port = port;
  auto site = std::make_shared<const http::Site>(std::move(table), http::StaticFiles());
  auto server = http::Server::start(std::move(site), options);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("listening %u\n", (*server)->port());
  static_cast<void>(std::fflush(stdout));
  std::unique_ptr<Probe> probe;
  if (engine != nullptr && probes > 0) {
    probe = std::make_unique<Probe>(engine, (*server)->port(), probes);
  }
  int taken = 0;
  static_cast<void>(sigwait(&stop, &taken));
  if (probe != nullptr) {
    probe->stop();
  }
  (*server)->stop();
  report(mode);
  return 0;
}

}  // namespace
}  // namespace guanxi::bench

int main(int count, char **arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (count < 4 || count > 5 || (mode != "hole" && mode != "parse" && mode != "full")) {
    std::fprintf(stderr, "live_server hole|parse|full PORT FOLDER [PROBES]\n");
    return 2;
  }
  return guanxi::bench::run(mode, static_cast<std::uint16_t>(std::stoi(arguments[2])), arguments[3],
                            count > 4 ? std::stod(arguments[4]) : 0);
}
