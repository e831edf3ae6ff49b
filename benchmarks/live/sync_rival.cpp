// What the disk alone makes a commit wait: writes and syncs, with nothing else in the program.
//
//   sync_rival FILE SECONDS [BYTES] [PAUSE_US]
//
// Writes BYTES (65,536) over a file whose blocks are all there, as a log does that is used again,
// syncs, pauses (1,500 us: about as many syncs a second as the door makes at half load), and says
// how long the writes and syncs took.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "live/histogram.hpp"

namespace guanxi::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFileBytes = std::size_t{64} << 20U;

bool put(int file, const std::string& bytes, std::size_t at) {
  return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
         static_cast<ssize_t>(bytes.size());
}

int run(const char* path, double seconds, std::size_t bytes, int pause_us) {
  const int file = ::open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string text(bytes, 'g');
  bool whole = file >= 0;
  for (std::size_t at = 0; whole && at < kFileBytes; at += bytes) {
    whole = put(file, text, at);
  }
  whole = whole && ::fdatasync(file) == 0;
  Histogram took;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  for (std::size_t at = 0; whole && Clock::now() < end; at = (at + bytes) % kFileBytes) {
    const Clock::time_point began = Clock::now();
    whole = put(file, text, at) && ::fdatasync(file) == 0;
    took.add(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count()));
    std::this_thread::sleep_for(std::chrono::microseconds(pause_us));
  }
  ::close(file);
  ::unlink(path);
  if (!whole) {
    std::perror(path);
    return 1;
  }
  const auto ms = [](std::uint64_t micros) { return static_cast<double>(micros) / 1e3; };
  std::printf("%llu writes of %zu bytes, each synced: ms p50 %.2f p99 %.2f p99.9 %.2f most %.2f\n",
              static_cast<unsigned long long>(took.total()), bytes, ms(took.quantile(0.5)),
              ms(took.quantile(0.99)), ms(took.quantile(0.999)), ms(took.most()));
  return 0;
}

}  // namespace
}  // namespace guanxi::bench

int main(int count, char** arguments) {
  if (count < 3 || count > 5) {
    std::fprintf(stderr, "sync_rival FILE SECONDS [BYTES] [PAUSE_US]\n");
    return 2;
  }
  return guanxi::bench::run(arguments[1], std::atof(arguments[2]),
                            count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 65'536,
                            count > 4 ? std::atoi(arguments[4]) : 1'500);
}
