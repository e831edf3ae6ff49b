#include "http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace guanxi::http {
namespace {

std::string why() {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void* /*context*/) {
  constexpr std::string_view kOurs("\x08http/1.1", 9);
  unsigned char* found = nullptr;
  const int status =
      SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(kOurs.data()),
                            kOurs.size(), offered, offered_length);
  *chosen = found;
  return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

Result<std::shared_ptr<const Certificate>> Certificate::load(const std::string& certificate_file,
                                                             const std::string& key_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) {
    return fail(ErrorCode::unavailable, "TLS cannot be had: " + why());
  }
  const std::shared_ptr<const Certificate> certificate(new Certificate(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return fail(ErrorCode::unavailable, "the ciphers of TLS 1.2 are not known: " + why());
  }
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return fail(ErrorCode::invalid, "certificate " + certificate_file + ": " + why());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::invalid, "key " + key_file + ": " + why());
  }
  return certificate;
}

Certificate::~Certificate() { SSL_CTX_free(context_); }

SSL* Certificate::new_session(int socket) const {
  SSL* session = SSL_new(context_);
  if (session != nullptr && SSL_set_fd(session, socket) != 1) {
    SSL_free(session);
    return nullptr;
  }
  if (session != nullptr) {
    SSL_set_accept_state(session);
  }
  return session;
}

}  // namespace guanxi::http
