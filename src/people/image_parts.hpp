#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "people/image.hpp"
#include "people/image_file.hpp"

namespace guanxi {

/// The one list of what an image and those in it consist of, for writing and for reading.
///
/// Place       The engine's snapshots. Its implementation takes Image, Identity, Shard and Columns
///             apart into all their members, so that a new one does not compile until it is either
///             written and read here, or said to be worked out again.
/// Invariants  An image that was written and read is the same in all that can be read of it and in
///             all that comes of later changes, PersonRefs and numbers of subjects included.
/// Threads     plan() and what it plans: as readers of the image. load(): as its one writer.
class ImageParts {
 public:
  /// Plans all sections but the binding. REQUIRES the image settled, folded, and unchanged until
  /// they have been written.
  static void plan(const Image& image, ImageFileWriter& file);

  /// Reads a whole image into an empty one with as many shards. `model`: the one it was folded
  /// under, or null, and a refold() must follow. Errors: corrupted, with what does not fit; then
  /// the image must be cleared.
  [[nodiscard]] static Result<void> load(ImageFileReader& file, Image& image, const Model* model,
                                         unsigned threads);

  /// Whether about so many people fold to what was read of them; if not, this program folds
  /// otherwise than the one that wrote them, and a refold() must follow. REQUIRES folded.
  [[nodiscard]] static bool sample_agrees(const Image& image, std::uint32_t people = 2048);

  /// Calls visit for every id and every subject in a file, as texts ("user:u-1").
  [[nodiscard]] static Result<void> for_each_name(
      ImageFileReader& file, const std::function<void(std::string_view)>& visit);

 private:
  class Loading;
  struct Numbers;
  struct Trusted;
  struct Decided;
  static void plan_shard(const Image& image, std::uint32_t shard, ImageFileWriter& file);
  static void plan_identity(const Identity& identity, ImageFileWriter& file);
  static void plan_subjects(const Dictionary& subjects, ImageFileWriter& file);
  static void plan_nobody(const Image& image, ImageFileWriter& file);
  static Numbers numbers_of(const Image& image);
};

}  // namespace guanxi
