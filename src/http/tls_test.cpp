#include "http/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "http/proxies.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::http {
namespace {

namespace fs = std::filesystem;

/// Writes a new key and a certificate that it signs itself, for `name`.
void write_certificate(const fs::path& folder, const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen((folder / "key.pem").c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  file = std::fopen((folder / "certificate.pem").c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/// A client that speaks TLS of one version.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version) : raw_(port), context_(SSL_CTX_new(TLS_method())) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_security_level(context_, 0);
    session_ = SSL_new(context_);
    SSL_set_fd(session_, raw_.socket());
    connected_ = SSL_connect(session_) == 1;
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    EXPECT_GT(SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())), 0);
  }
  /// Until `bytes` have come, or the end.
  std::string read(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::size_t got = 0;
    int count = 1;
    while (got < bytes && count > 0) {
      count = SSL_read(session_, out.data() + got, static_cast<int>(bytes - got));
      got += static_cast<std::size_t>(std::max(count, 0));
    }
    out.resize(got);
    return out;
  }
  /// The name on the certificate that the server showed.
  [[nodiscard]] std::string peer_name() const {
    X509* certificate = SSL_get1_peer_certificate(session_);
    char name[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof(name));
    X509_free(certificate);
    return name;
  }

 private:
  RawClient raw_;
  SSL_CTX* context_;
  SSL* session_ = nullptr;
  bool connected_ = false;
};

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("guanxi_tls_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    write_certificate(folder_, "first");
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }
  std::uint16_t start() {
    std::vector<Route> routes;
    routes.push_back({Method::get, "/api/large", "", Lane::quick, {}, [](const Request& request) {
                        Response response;
                        response.body =
                            (request.secure ? "secure" : "plain") + std::string(3'000'000, 'x');
                        return response;
                      }});
    routes.push_back(
        {Method::post, "/api/echo", "", Lane::quick, {kAnyType}, [](const Request& request) {
           Response response;
           response.body = std::to_string(request.body.size());
           return response;
         }});
    ServerOptions options;
    options.certificate_file = (folder_ / "certificate.pem").string();
    options.key_file = (folder_ / "key.pem").string();
    auto site =
        std::make_shared<const Site>(RouteTable(std::move(routes)), StaticFiles(), allow_all());
    server_ = Server::start(std::move(site), options).value();
    return server_->port();
  }

  fs::path folder_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, Speaks12And13AndNothingOlder) {
  const auto port = start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port, version);
    ASSERT_TRUE(client.connected());
    client.send("GET /api/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::string answer = client.read(4'000'000);
    EXPECT_NE(answer.find("\r\nStrict-Transport-Security: max-age=31536000\r\n"),
              std::string::npos);
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 3'000'006U);
    EXPECT_NE(answer.find("\r\n\r\nsecure"), std::string::npos);
  }
  EXPECT_FALSE(TlsClient(port, TLS1_1_VERSION).connected());
}

TEST_F(TlsTest, ReadsLargeBodiesInPipelinedRequests) {
  TlsClient client(start(), TLS1_3_VERSION);
  const std::string post =
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n" +
      std::string(300'000, 'a');
  client.send(post + post + post);
  std::string answers;
  for (int i = 0; i < 3; ++i) {
    while (answers.find("\r\n\r\n300000") == std::string::npos) {
      const std::string more = client.read(1);
      ASSERT_FALSE(more.empty());
      answers += more;
    }
    answers.erase(0, answers.find("\r\n\r\n300000") + 10);
  }
}

TEST_F(TlsTest, SurvivesPlainBytesAndHalfHandshakes) {
  const auto port = start();
  RawClient plain(port);
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.read().status, 0);
  {
    RawClient half(port);
    half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  EXPECT_TRUE(TlsClient(port, TLS1_3_VERSION).connected());
}

TEST_F(TlsTest, TakesANewCertificateWithoutStopping) {
  const auto port = start();
  TlsClient before(port, TLS1_3_VERSION);
  EXPECT_EQ(before.peer_name(), "first");
  write_certificate(folder_, "second");
  EXPECT_TRUE(server_->reload_certificate());
  EXPECT_EQ(TlsClient(port, TLS1_3_VERSION).peer_name(), "second");
  before.send("POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(before.read(12), "HTTP/1.1 200");
  fs::remove(folder_ / "key.pem");
  EXPECT_FALSE(server_->reload_certificate());
  EXPECT_EQ(TlsClient(port, TLS1_3_VERSION).peer_name(), "second") << "the old one stays";
}

TEST_F(TlsTest, AKeyOfAnotherCertificateIsRefused) {
  fs::rename(folder_ / "key.pem", folder_ / "old.pem");
  write_certificate(folder_, "second");
  EXPECT_FALSE(
      Certificate::load((folder_ / "certificate.pem").string(), (folder_ / "old.pem").string()));
}

Request from(const std::string& peer, std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.peer = peer;
  request.host = "inner";
  request.headers = std::move(headers);
  return request;
}

TEST(TrustedProxies, OnlyTheirWordIsTaken) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "::1", "192.168.1.7"}).value();
  Request request = from("10.1.2.3", {{"x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.9.9.9"},
                                      {"x-forwarded-proto", "https"},
                                      {"x-forwarded-host", "crm.example"}});
  proxies.take_word(request);
  EXPECT_EQ(request.peer, "1.2.3.4") << "what is left of the client, it wrote itself";
  EXPECT_TRUE(request.secure);
  EXPECT_EQ(request.host, "crm.example");
  Request liar = from("9.9.9.9", {{"x-forwarded-for", "1.2.3.4"}, {"x-forwarded-proto", "https"}});
  proxies.take_word(liar);
  EXPECT_EQ(liar.peer, "9.9.9.9");
  EXPECT_FALSE(liar.secure);
  Request v6 = from("::1", {{"x-forwarded-for", "[2001:db8::1]:443"}});
  proxies.take_word(v6);
  EXPECT_EQ(v6.peer, "2001:db8::1");
  Request odd = from("10.1.2.3", {{"x-forwarded-for", "unknown"}});
  proxies.take_word(odd);
  EXPECT_EQ(odd.peer, "10.1.2.3");
}

TEST(TrustedProxies, NetworksAreExact) {
  const auto proxies = TrustedProxies::parse({"10.16.0.0/12", "192.168.1.7", "fd00::/8"}).value();
  for (const char* in : {"10.16.0.0", "10.31.255.255", "192.168.1.7", "fd12::3"}) {
    EXPECT_TRUE(proxies.contains(in)) << in;
  }
  for (const char* out : {"10.15.255.255", "10.32.0.0", "192.168.1.8", "fe00::1", "", "x"}) {
    EXPECT_FALSE(proxies.contains(out)) << out;
  }
  for (const char* wrong :
       {"", "10.0.0", "10.0.0.0/33", "10.0.0.0/x", "::/129", "proxy", "1.2.3.4/"}) {
    EXPECT_FALSE(TrustedProxies::parse({wrong})) << wrong;
  }
}

}  // namespace
}  // namespace guanxi::http
