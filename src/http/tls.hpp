#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;

namespace guanxi::http {

/// A certificate and its key, ready for handshakes: TLS 1.2 and 1.3, HTTP/1.1.
///
/// Place       Made by the server from two files at start and again when they change; connections
///             keep the one they began with.
/// Threads     Immutable.
class Certificate {
 public:
  /// Errors: invalid when a file cannot be read, or the key is not the certificate's.
  [[nodiscard]] static Result<std::shared_ptr<const Certificate>> load(
      const std::string& certificate_file, const std::string& key_file);
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate();

  /// The server's end of a new connection over `socket`; null when there is no memory. The caller
  /// frees it.
  [[nodiscard]] SSL* new_session(int socket) const;

 private:
  explicit Certificate(SSL_CTX* context) : context_(context) {}

  SSL_CTX* context_;
};

}  // namespace guanxi::http
