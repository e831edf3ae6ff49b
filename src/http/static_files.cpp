#include "http/static_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/hash.hpp"
#include "http/gzip.hpp"
#include "http/problem.hpp"

namespace guanxi::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCompressFromBytes = 1024;
constexpr int kBestCompression = 9;

struct TypeRow {
  std::string_view extension;
  std::string_view type;
  bool compressible;
};
constexpr std::array<TypeRow, 16> kTypes{{{".html", "text/html; charset=utf-8", true},
                                          {".js", "text/javascript; charset=utf-8", true},
                                          {".mjs", "text/javascript; charset=utf-8", true},
                                          {".css", "text/css; charset=utf-8", true},
                                          {".json", "application/json", true},
                                          {".map", "application/json", true},
                                          {".svg", "image/svg+xml", true},
                                          {".txt", "text/plain; charset=utf-8", true},
                                          {".webmanifest", "application/manifest+json", true},
                                          {".wasm", "application/wasm", true},
                                          {".ico", "image/x-icon", false},
                                          {".png", "image/png", false},
                                          {".jpg", "image/jpeg", false},
                                          {".webp", "image/webp", false},
                                          {".woff", "font/woff", false},
                                          {".woff2", "font/woff2", false}}};

TypeRow type_of(const std::string& extension) {
  for (const TypeRow& row : kTypes) {
    if (row.extension == extension) {
      return row;
    }
  }
  return {"", "application/octet-stream", false};
}

std::string etag_of(std::string_view content) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t hash = hash64(content);
  std::string tag = "\"";
  for (int i = 0; i < 16; ++i) {
    tag.push_back(kDigits[hash & 15U]);
    hash >>= 4U;
  }
  return tag + '"';
}

constexpr std::string_view kNoPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Guanxi</title>"
    "<h1>Guanxi</h1><p>The page has not been built (web/dist is empty). The API is described at "
    "<a href=\"/openapi.json\">/openapi.json</a>.</p></html>";

bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

// Views are told by their first segment, since a person's id may hold dots and slashes:
// /person/email%3Aada@example.org.
bool is_view(const Target& target) {
  const std::string& first = target.segments.front();
  return first.find_first_of("./\\") == std::string::npos && first != "assets" &&
         (!first.empty() || target.segments.size() == 1);
}

}  // namespace

StaticFiles::StaticFiles(const std::string& folder) { load(folder); }

void StaticFiles::load(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() == '.' || entry->is_symlink(error)) {
      if (entry->is_directory(error)) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    if (!entry->is_regular_file(error) || entry->file_size(error) > kFileBytesMost) {
      continue;
    }
    std::ifstream in(entry->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto file = std::make_unique<File>();
    const TypeRow type = type_of(entry->path().extension().string());
    file->content_type = type.type;
    file->compressible = type.compressible && content.size() > kCompressFromBytes;
    file->etag = etag_of(content);
    file->content = std::make_shared<const std::string>(std::move(content));
    const std::string path = fs::path(entry->path()).lexically_relative(folder).generic_string();
    file->immutable = path.rfind("assets/", 0) == 0;
    files_.emplace(path, std::move(file));
  }
}

const StaticFiles::File* StaticFiles::find(const Target& target) const {
  std::string path;
  bool nameable = true;
  for (const std::string& segment : target.segments) {
    nameable = nameable && segment.find('/') == std::string::npos;
    path += (path.empty() ? "" : "/") + segment;
  }
  auto found = nameable ? files_.find(path) : files_.end();
  if (found == files_.end() && is_view(target)) {
    found = files_.find("index.html");
  }
  return found == files_.end() ? nullptr : found->second.get();
}

Response StaticFiles::answer(const Request& request) const {
  const File* file = find(request.target);
  Response response;
  if (file == nullptr) {
    if (files_.empty() && is_view(request.target)) {
      response.content_type = "text/html; charset=utf-8";
      response.body = kNoPage;
      return response;
    }
    return problem(Error{ErrorCode::not_found, "there is no such page or file"});
  }
  response.content_type = file->content_type;
  response.headers.emplace_back("ETag", file->etag);
  response.headers.emplace_back(
      "Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->compressible) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  if (matches(request.if_none_match, file->etag)) {
    response.status = 304;
    return response;
  }
  response.shared_body = file->content;
  if (file->compressible && request.accepts_gzip) {
    std::call_once(file->compressed_once, [file] {
      file->compressed =
          std::make_shared<const std::string>(gzip(*file->content, kBestCompression));
    });
    if (!file->compressed->empty()) {
      response.shared_body = file->compressed;
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  return response;
}

}  // namespace guanxi::http
