#include "people/image_parts.hpp"

#include <gtest/gtest.h>

#include <set>

#include "people/survey.hpp"
#include "people/test_brand.hpp"
#include "platform/faulty_disk.hpp"

namespace guanxi {
namespace {

using test_brand::Line;
using test_brand::model;

constexpr std::int32_t kDays = 300;
constexpr Day kLast{test_brand::kFirstDay + kDays};
constexpr std::uint32_t kShards = 4;
const std::string kPath = "data/guanxi.image";
const std::atomic<int> kNever{0};

std::unique_ptr<Image> brand(std::uint64_t seed, std::uint32_t people, std::uint32_t events) {
  auto image = std::make_unique<Image>(kShards);
  const std::vector<Line> lines = test_brand::life(seed, people, events, kDays);
  image->refold(model(), kLast, 1);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    (void)test_brand::add_line(*image, lines[i], i);
  }
  return image;
}

Result<void> write(const Image& image, Disk& disk, unsigned threads = 2) {
  ImageFileWriter file;
  const std::string binding = "made_by a test\n";
  file.add_copy(ImagePart::binding, std::span<const char>(binding));
  ImageParts::plan(image, file);
  GUANXI_TRY_VOID(file.write(disk, kPath, threads, kNever));
  return file.keep(kNever);
}

Result<std::unique_ptr<Image>> read(Disk& disk, unsigned threads = 2) {
  GUANXI_TRY(file, ImageFileReader::open(disk, kPath));
  auto image = std::make_unique<Image>(kShards);
  GUANXI_TRY_VOID(ImageParts::load(file, *image, &model(), threads));
  return image;
}

std::string told(const Image& image) {
  std::string text = to_string(digest(image, model(), kLast, 1));
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    text += image.id_text(person) + ' ' + std::to_string(image.timeline(person).size()) + ' ' +
            std::to_string(image.state(person).good_16) + ' ' +
            std::to_string(image.columns(person.shard).index_milli[person.index]) + '\n';
  }
  return text + std::to_string(image.events()) + ' ' + std::to_string(image.nobody_events());
}

TEST(ImageParts, WhatWasWrittenIsRead) {
  for (const std::uint32_t people : {0U, 1U, 7U, 900U}) {
    FaultyDisk disk;
    const auto image = brand(people + 1, std::max(people, 1U), people * 9);
    ASSERT_TRUE(write(*image, disk, 1 + people % 3));
    const auto again = read(disk, 1 + people % 2);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(told(**again), told(*image));
    EXPECT_TRUE(ImageParts::sample_agrees(**again));
    std::set<std::string> names;
    auto file = ImageFileReader::open(disk, kPath);
    ASSERT_TRUE(
        ImageParts::for_each_name(*file, [&](std::string_view name) { names.emplace(name); }));
    for (std::uint32_t number = 0; number < image->people(); ++number) {
      EXPECT_EQ(names.count(image->id_text(image->ref_of(number))), 1U);
    }
  }
}

// Goal: no damage is taken for an image. Method: bits flipped all over the file; it is refused, or
// what was flipped lay between sections and the image is the same.
TEST(ImageParts, FlippedBitsAreFound) {
  FaultyDisk disk;
  const auto image = brand(5, 40, 400);
  ASSERT_TRUE(write(*image, disk));
  const std::string good = disk.bytes_of(kPath);
  const std::string expected = told(*image);
  std::size_t found = 0;
  for (std::size_t at = 0; at < good.size(); at += 1 + at % 97) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    disk.set_bytes(kPath, bytes);
    const auto again = read(disk, 1);
    found += again ? 0U : 1U;
    ASSERT_TRUE(!again || bytes.substr(0, 64) == good.substr(0, 64)) << "byte " << at;
    ASSERT_TRUE(!again || told(**again) == expected) << "byte " << at;
  }
  EXPECT_GT(found, 100U);
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 7) {
    disk.set_bytes(kPath, good.substr(0, size));
    ASSERT_FALSE(read(disk, 1)) << "cut at " << size;
  }
}

// Goal: damage that one thread finds stays found while others find none. Method: many threads over
// many blocks, one of them damaged, again and again.
TEST(ImageParts, DamageIsFoundWhateverTheOtherThreadsFind) {
  FaultyDisk disk;
  ASSERT_TRUE(write(*brand(5, 40, 400), disk));
  const std::string good = disk.bytes_of(kPath);
  std::size_t at = good.size() / 2;
  do {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    disk.set_bytes(kPath, bytes);
    ASSERT_LT(++at, good.size());
  } while (read(disk, 1));
  for (int round = 0; round < 2000; ++round) {
    ASSERT_FALSE(read(disk, 8)) << "round " << round;
  }
}

// With sums that are right and content that is not: refused or read, but nothing breaks.
TEST(ImageParts, ContentThatDoesNotFitTogetherIsRefused) {
  FaultyDisk disk;
  const auto image = brand(6, 40, 400);
  ASSERT_TRUE(write(*image, disk));
  const std::string good = disk.bytes_of(kPath);
  Random random(4);
  std::size_t refused = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string bytes = good;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      const std::size_t at = round % 2 == 0 ? random.below(bytes.size())
                                            : bytes.size() - 1 - random.below(bytes.size() / 5);
      bytes[at] = static_cast<char>(random.below(256));
    }
    disk.set_bytes(kPath, with_mended_sums(bytes));
    auto file = ImageFileReader::open(disk, kPath);
    if (!file) {
      ++refused;
      continue;
    }
    Image into(kShards);
    refused += ImageParts::load(*file, into, nullptr, 1) ? 0U : 1U;
    static_cast<void>(ImageParts::for_each_name(*file, [](std::string_view) {}));
  }
  EXPECT_GT(refused, 100U);
}

// A6: the disk fails, or the power is cut, at every single operation of writing. What is there
// afterwards is the old snapshot or the new one.
TEST(ImageParts, AWriteThatIsCutShortLeavesTheOldOneOrTheNewOne) {
  const auto old_image = brand(7, 30, 200);
  const auto new_image = brand(8, 30, 300);
  const std::set<std::string> either = {told(*old_image), told(*new_image)};
  std::set<std::string> seen;
  bool ended = false;
  for (std::uint64_t operation = 1; !ended; ++operation) {
    for (const bool on : {false, true}) {
      FaultyDisk disk;
      ASSERT_TRUE(write(*old_image, disk, 1));
      disk.set({.fail_at = operation, .fail_on = on});
      const auto written = write(*new_image, disk, 1);
      ended = !disk.fault_met();
      ASSERT_EQ(written.has_value(), ended) << "operation " << operation;
      disk.set({});
      Random random(operation);
      disk.cut_power(random);
      const auto image = read(disk, 1);
      ASSERT_TRUE(image) << image.error().message;
      ASSERT_EQ(either.count(told(**image)), 1U) << "operation " << operation;
      seen.insert(told(**image));
    }
  }
  EXPECT_EQ(seen, either);
}

}  // namespace
}  // namespace guanxi
