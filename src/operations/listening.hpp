#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "operations/settings.hpp"

namespace guanxi::operations {

/// A listening socket that outlives the workers that answer it.
///
/// Place       Opened, or taken over from systemd, by `guanxi serve`; handed to each worker.
/// Invariants  Bound and listening from open() to destruction: a connection that comes while no
///             worker runs waits in the kernel's queue.
/// Threads     One owner; moved, not copied.
class ListeningSocket {
 public:
  /// Binds and listens. Errors: unavailable when the address cannot be had, invalid for a host that
  /// is no numeric address nor "localhost".
  [[nodiscard]] static Result<ListeningSocket> open(const ListenAddress& address);
  /// The socket that systemd holds for this process (LISTEN_FDS), if it does.
  [[nodiscard]] static std::optional<ListeningSocket> activated();

  ListeningSocket(ListeningSocket&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  ~ListeningSocket();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// "http://localhost:8300": where a browser on this machine finds it.
  [[nodiscard]] std::string url(bool tls) const;

 private:
  explicit ListeningSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace guanxi::operations
