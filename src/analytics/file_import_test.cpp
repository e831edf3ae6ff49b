#include "analytics/file_import.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "analytics/duckdb.hpp"
#include "analytics/event_columns.hpp"
#include "analytics/export.hpp"
#include "analytics/import_testing.hpp"
#include "base/random.hpp"

namespace guanxi {
namespace {

using import_testing::Folder;
using import_testing::import;
using import_testing::Imported;

constexpr std::string_view kRetailHeader =
    "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,CustomerID,Country\n";

// Rows in the manner of a gift shop's books, some of them twice.
std::vector<std::string> retail_rows(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t day = random.below(28) + 1;
    rows.push_back(
        std::to_string(500000 + random.below(count / 3)) + ",2" + std::to_string(random.below(50)) +
        ",THING," + std::to_string(random.below(9) + 1) + ",2010-01-" + (day < 10 ? "0" : "") +
        std::to_string(day) + " 10:00:00," + std::to_string(random.below(20)) + ".5," +
        (random.chance(10000) ? "" : std::to_string(12000 + random.below(30))) + ",UK\n");
    if (random.chance(3000)) {
      rows.push_back(rows.back());
    }
  }
  return rows;
}

std::string joined(const std::vector<std::string>& rows) {
  std::string text(kRetailHeader);
  for (const std::string& row : rows) {
    text += row;
  }
  return text;
}

TEST(FileImport, EveryRowOfAShopsBooksIsAnEvent) {
  const Folder folder;
  const Imported got = import({folder.file(
      "a.csv", std::string(kRetailHeader) +
                   "489434,85048,GLASS BALL ,12,2009-12-01 07:45:00,6.95,13085,UK\n"
                   "C489449,22087,\"BUNTING, PAPER\",-12,2009-12-01 10:33:00,2.95,16321,AU\n"
                   "489464,21733,85123a mixed,-96,2009-12-01 10:52:00,0.0,,UK\n"
                   "489439,post,POSTAGE,3,2009-12-01 09:28:00,18.0,12682,FR\n"
                   "A506401,B,Adjust bad debt,1,2010-04-29 13:36:00,-53594.36,,UK\n"
                   "489525,gift_0001_20,Voucher,1,2009-12-01 11:49:00,17.39,,UK\n"
                   "494914,PADS,PADS,1,2010-01-19 17:04:00,0.001,16705,UK\n")});
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.batch.size(), 7U);
  EXPECT_EQ(got.line(0), "order_line 13085 85048 489434 8340 12 2009-12-01T07:45:00Z");
  EXPECT_EQ(got.line(1), "line_returned 16321 22087 C489449 -3540 -12 2009-12-01T10:33:00Z");
  EXPECT_EQ(got.line(2), "stock_adjusted  21733 489464 0 -96 2009-12-01T10:52:00Z");
  EXPECT_EQ(got.line(3), "fee_charged 12682 POST 489439 5400 3 2009-12-01T09:28:00Z");
  EXPECT_EQ(got.line(4), "fee_charged  B A506401 -5359436 1 2010-04-29T13:36:00Z");
  EXPECT_EQ(got.line(5), "fee_charged  GIFT_0001_20 489525 1739 1 2009-12-01T11:49:00Z");
  EXPECT_EQ(got.line(6), "order_line 16705 PADS 494914 0 1 2010-01-19T17:04:00Z");
  EXPECT_EQ(got.batch.events[0].title, "GLASS BALL");
  EXPECT_EQ(got.batch.events[0].currency.text(), "GBP");
  EXPECT_EQ(got.files[0].counts.rounded_events, 1U);
  EXPECT_EQ(exact_total_text(got.files[0].counts), "-53474.969");
  EXPECT_EQ(got.files[0].counts.nobody_events, 3U);
}

TEST(FileImport, TheSameFileTwiceOverlapsAndShufflesGiveOneSet) {
  const Folder folder;
  std::vector<std::string> rows = retail_rows(1, 900);
  const Imported whole = import({folder.file("whole.csv", joined(rows))});
  ASSERT_EQ(whole.error, "");
  EXPECT_EQ(whole.ids().size(), rows.size()) << "repeated rows inside a file stay";

  // Two files that overlap in one stretch of rows, one of them compressed.
  const std::vector<std::string> first(rows.begin(), rows.begin() + 600);
  const std::vector<std::string> second(rows.begin() + 300, rows.end());
  const Imported parts =
      import({folder.file("p1.csv", joined(first)), folder.gzip("p2.csv.gz", joined(second)),
              folder.file("p3.csv", joined(first))});
  std::set<std::uint64_t> shared = parts.ids();
  // A row that stands once in each part counts once; one that stands twice in the whole but once in
  // each part is not known to be two.
  EXPECT_LE(shared.size(), whole.ids().size());
  for (const std::uint64_t id : shared) {
    EXPECT_EQ(whole.ids().count(id), 1U);
  }

  Random random(9);
  for (std::size_t i = rows.size() - 1; i > 0; --i) {
    std::swap(rows[i], rows[random.below(i + 1)]);
  }
  EXPECT_EQ(import({folder.file("shuffled.csv", joined(rows))}).ids(), whole.ids());
}

TEST(FileImport, ABadRowIsNamedByItsLineAndTheRestGoesIn) {
  const Folder folder;
  const Imported got =
      import({folder.file("a.csv", std::string(kRetailHeader) +
                                       "1,2,\"two\nlines\",1,2009-12-01 07:45:00,1.0,5,UK\n"
                                       "1,2,x,one,2009-12-01 07:45:00,1.0,5,UK\n"
                                       "1,2,\"more\n\nlines\",1,2009-13-01 07:45:00,1.0,5,UK\n"
                                       "1,2,x,1,2009-12-01 07:45:00,1.0,5\n"
                                       "1,2,x,1,2009-12-01 07:45:00,1.0,5,UK\n"
                                       "1,2,x,1,2009-12-01 07:45:00,1.0," +
                                       std::string(300, 'c') + ",UK\n")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.batch.size(), 2U);
  ASSERT_EQ(got.refused.size(), 4U);
  EXPECT_EQ(got.refused[0].source, "a.csv");
  EXPECT_EQ(got.refused[0].line, 4U);
  EXPECT_EQ(got.refused[0].field, "Quantity");
  EXPECT_NE(got.refused[0].reason.find("'one' is no number; valid:"), std::string::npos);
  EXPECT_EQ(got.refused[1].line, 5U);
  EXPECT_EQ(got.refused[1].field, "InvoiceDate");
  EXPECT_NE(got.refused[1].reason.find("%Y-%m-%d %H:%M:%S"), std::string::npos);
  EXPECT_EQ(got.refused[2].line, 8U);
  EXPECT_NE(got.refused[2].reason.find("7 columns, the file has 8"), std::string::npos);
  EXPECT_EQ(got.refused[2].original, "1,2,x,1,2009-12-01 07:45:00,1.0,5");
  EXPECT_EQ(got.refused[3].line, 10U);
  EXPECT_EQ(got.refused[3].field, "person");
  EXPECT_EQ(got.files[0].rows, 6U);
  EXPECT_EQ(got.files[0].refused, 4U);
}

TEST(FileImport, JoinsFindThePersonInOtherFiles) {
  const Folder folder;
  const std::string orders = folder.file(
      "olist_orders_dataset.csv",
      "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
      "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
      "o1,c1,delivered,2018-01-01 10:00:00,2018-01-01 11:00:00,,2018-01-09 00:00:00,"
      "2018-01-10 00:00:00\n"
      "o2,c2,delivered,2018-02-01 10:00:00,2018-02-01 11:00:00,,2018-02-19 00:00:00,"
      "2018-02-10 00:00:00\n"
      "o3,c3,canceled,2018-03-01 10:00:00,,,,2018-03-10 00:00:00\n"
      "o4,c9,delivered,2018-03-01 10:00:00,,,,2018-03-10 00:00:00\n");
  folder.file("olist_customers_dataset.csv",
              "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
              "customer_state\nc1,u1,1,x,SP\nc2,u1,1,x,SP\nc3,u2,1,x,SP\n");
  const std::string reviews =
      folder.file("olist_order_reviews_dataset.csv",
                  "review_id,order_id,review_score,review_comment_title,review_comment_message,"
                  "review_creation_date,review_answer_timestamp\n"
                  "r1,o1,4,bom,\"muito\nbom\",2018-01-10 00:00:00,2018-01-11 00:00:00\n");
  const Imported got = import({orders, reviews});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.kinds(), (std::map<std::string, std::uint64_t>{{"order_cancelled", 1},
                                                               {"order_completed", 3},
                                                               {"promise_broken", 1},
                                                               {"promise_kept", 1},
                                                               {"review_posted", 1}}));
  EXPECT_EQ(got.people(), (std::set<std::string>{"user:u1", "user:u2"}));
  ASSERT_EQ(got.refused.size(), 1U);
  EXPECT_EQ(got.refused[0].line, 5U);
  EXPECT_NE(got.refused[0].reason.find("'c9' is not found in *customers_dataset*"),
            std::string::npos);
  EXPECT_EQ(got.batch.events.back().quantity, 75);
}

TEST(FileImport, AMissingFileOfAJoinIsNamed) {
  const Folder folder;
  const Imported got =
      import({folder.file("campaigns.csv", "campaign_id,household_id\n1,105\n1,1238\n")});
  EXPECT_NE(got.error.find("needs the file campaign_descriptions* beside it"), std::string::npos)
      << got.error;
}

TEST(FileImport, GroupsGiveOrdersAndReferrals) {
  const Folder folder;
  const Imported got = import({folder.file(
      "tune.txt", "26985\t5267\t46622\n9906\t5355\t113503\t7\n15\t9\n1\t2\t3\n4\t5\t6\n")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.kinds(), (std::map<std::string, std::uint64_t>{
                             {"order_line", 9}, {"product_shared", 1}, {"referral_accepted", 5}}));
  EXPECT_EQ(got.line(2), "referral_accepted 46622 user:26985  0 0 2020-01-01T00:00:00Z");
}

TEST(FileImport, FilesThatCannotBeReadSayWhy) {
  const Folder folder;
  const auto error = [&](const std::string& name, std::string_view content) {
    return import({folder.file(name, content)}).error;
  };
  const auto says = [](const std::string& message, const std::string& part) {
    return message.find(part) != std::string::npos;
  };
  EXPECT_TRUE(says(error("empty.csv", ""), "empty.csv' is empty"));
  EXPECT_TRUE(says(error("blank.csv", " \n\n"), "nothing but blanks"));
  EXPECT_TRUE(says(error("head.csv", kRetailHeader), "holds a header and no rows"));
  EXPECT_TRUE(says(error("zip.csv.gz", "PK\x03\x04xxxx"), "is a zip archive"));
  EXPECT_TRUE(says(error("zstd.csv", "\x28\xB5\x2F\xFDxxxx"), "compressed with zstd"));
  EXPECT_TRUE(says(error("noise.csv", std::string("\x01\x02\x03\x00\x05\x06\x07\x08", 8) +
                                          std::string(100, '\x02')),
                   "is no text"));
  EXPECT_TRUE(says(error("array.json", "[{\"a\":1}]"), "one JSON array"));
  EXPECT_TRUE(says(error("fake.parquet", "PAR1 but nothing else PAR1"), "as Parquet"));
  EXPECT_TRUE(says(import({folder.path("none.csv")}).error, "none.csv' cannot be opened"));
  EXPECT_TRUE(says(import({folder.path("none*.csv")}).error, "matches no file"));
}

TEST(FileImport, ATruncatedGzipGivesWhatItHoldsAndAnError) {
  const Folder folder;
  const std::string path = folder.gzip("a.csv.gz", joined(retail_rows(4, 100000)));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1000);
  const Imported got = import({path});
  EXPECT_GT(got.batch.size(), 1000U);
  EXPECT_NE(got.error.find("is cut off"), std::string::npos) << got.error;
  EXPECT_NE(got.error.find("a.csv.gz"), std::string::npos);
}

TEST(FileImport, AGzipBombIsNotUnpacked) {
  const Folder folder;
  std::string text("customer,date,amount\n1,2020-01-01,5\n");
  text.append(std::size_t{80} << 20U, '\n');
  const Imported got = import({folder.gzip("bomb.csv.gz", text)});
  EXPECT_NE(got.error.find("times its size"), std::string::npos) << got.error;
}

TEST(FileImport, PatternsNameSeveralFiles) {
  const Folder folder;
  folder.file("s1.csv", "cust,date,sales\n1,2005-01-01,25.50\n2,2005-01-02,3\n");
  folder.file("s2.csv", "cust,date,sales\n1,2005-02-01,25.50\n2,2005-01-02,3\n");
  const Imported got = import({folder.path("s*.csv")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.files.size(), 2U);
  EXPECT_EQ(got.ids().size(), 3U);
}

TEST(FileImport, AnOwnMappingFileIsUsed) {
  const Folder folder;
  ImportOptions options;
  options.paths = {folder.file("x.txt", "# note\nA|2020-05-01|buy|12,50\nB|2020-05-02|test|3\n")};
  options.mapping = folder.file("own.toml", R"(
name = "own"
currency = "EUR"
[[table]]
name = "rows"
[table.read]
delimiter = "|"
header = false
columns = ["who", "day", "what", "money"]
comment = "#"
decimal_mark = ","
[[table.skip]]
name = "test orders"
when = [{ column = "what", equals = "test" }]
[[table.event]]
kind = "order_completed"
person = { text = "{who}", namespace = "card" }
amount = "money"
message_id = "{who}/{day}"
time = { text = "{day}", format = "%Y-%m-%d", zone = "+08:00" }
)");
  const Imported got = import(options);
  ASSERT_EQ(got.error, "");
  ASSERT_EQ(got.batch.size(), 1U);
  EXPECT_EQ(got.line(0), "order_completed A   1250 0 2020-04-30T16:00:00Z");
  EXPECT_EQ(got.batch.events[0].person.name_space, IdNamespace::card);
  EXPECT_EQ(got.files[0].counts.skipped[0].count, 1U);
  EXPECT_EQ(got.batch.events[0].message_id, "A/2020-05-01");
}

// An import as a source for the writers of files.
void expect_back(const Folder& folder, const std::string& path, const Imported& before) {
  ImportOptions options;
  options.paths = {folder.path("a.csv")};
  auto source = FileImport::open(options);
  ASSERT_TRUE(source);
  const auto written = write_events(**source, path, file_format_of(path).value());
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(*written, before.batch.size());
  const Imported after = import({path});
  ASSERT_EQ(after.error, "");
  ASSERT_EQ(after.refused.size(), 0U) << after.refused[0].reason;
  ASSERT_EQ(after.batch.size(), before.batch.size());
  EXPECT_EQ(after.ids(), before.ids());
  EXPECT_EQ(after.kinds(), before.kinds());
  EXPECT_EQ(after.people(), before.people());
  for (std::size_t i = 0; i < before.batch.size(); ++i) {
    ASSERT_EQ(after.line(i), before.line(i));
    ASSERT_EQ(after.batch.events[i].id_hash, before.batch.events[i].id_hash);
    ASSERT_EQ(after.batch.events[i].title, before.batch.events[i].title);
    ASSERT_EQ(after.batch.events[i].currency, before.batch.events[i].currency);
  }
}

TEST(EventFiles, WrittenEventsComeBackTheSame) {
  const Folder folder;
  const Imported before = import({folder.file("a.csv", joined(retail_rows(6, 1200)))});
  ASSERT_EQ(before.error, "");
  expect_back(folder, folder.path("out.parquet"), before);
  expect_back(folder, folder.path("out.ndjson"), before);
}

TEST(EventFiles, ParquetOfOthersNeedsOnlyKindTimeAndPerson) {
  const Folder folder;
  auto database = Database::open({.threads = 1, .memory_bytes_most = 0, .files = true});
  auto connection = Connection::open(std::move(database).value());
  ASSERT_TRUE((*connection)
                  ->run("COPY (SELECT 'visit' AS kind, TIMESTAMP '2020-01-02 03:04:05' AS "
                        "occurred_at, 'user:' || (i % 3) AS person FROM range(9) t(i) UNION ALL "
                        "SELECT 'nonsense', TIMESTAMP '2020-01-02 03:04:05', 'x') TO " +
                        sql_literal(folder.path("v.parquet")) + " (FORMAT parquet)"));
  const Imported got = import({folder.path("v.parquet")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.batch.size(), 9U);
  EXPECT_EQ(got.ids().size(), 9U) << "the k-th of equal rows is an event of its own";
  EXPECT_EQ(got.people().size(), 3U);
  ASSERT_EQ(got.refused.size(), 1U);
  EXPECT_EQ(got.refused[0].field, "kind");
  EXPECT_EQ(got.refused[0].line, 10U);
}

TEST(EventFiles, ParquetOfOrdersIsRecognised) {
  const Folder folder;
  auto database = Database::open({.threads = 1, .memory_bytes_most = 0, .files = true});
  auto connection = Connection::open(std::move(database).value());
  ASSERT_TRUE((*connection)
                  ->run("COPY (SELECT 10 + i % 4 AS customer_id, DATE '2020-01-01' + CAST(i AS "
                        "INTEGER) AS order_date, CAST(i AS DECIMAL(9,2)) / 4 AS amount FROM "
                        "range(40) t(i)) TO " +
                        sql_literal(folder.path("o.parquet")) + " (FORMAT parquet)"));
  const Imported got = import({folder.path("o.parquet")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.batch.size(), 40U);
  EXPECT_EQ(got.amount(), 19500);
}

TEST(EventFiles, ADamagedParquetFileIsNamed) {
  const Folder folder;
  const Imported before = import({folder.file("a.csv", joined(retail_rows(6, 1200)))});
  ImportOptions options;
  options.paths = {folder.path("a.csv")};
  auto source = FileImport::open(options);
  ASSERT_TRUE(write_events(**source, folder.path("a.parquet"), FileFormat::parquet));
  std::ifstream file(folder.path("a.parquet"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Imported cut = import({folder.file("cut.parquet", whole.substr(0, whole.size() / 2))});
  EXPECT_NE(cut.error.find("cut.parquet"), std::string::npos) << cut.error;
  // Flipped bytes anywhere: an error, refused rows or other values, but never a crash.
  Random random(5);
  for (int i = 0; i < 25; ++i) {
    std::string spoiled = whole;
    for (int b = 0; b < 3; ++b) {
      spoiled[random.below(spoiled.size())] ^= static_cast<char>(1U << random.below(8));
    }
    const Imported got = import({folder.file("spoiled.parquet", spoiled)});
    EXPECT_LE(got.batch.size(), before.batch.size() * 2);
  }
}

TEST(EventFiles, SegmentLinesAreDecodedAsAtTheDoor) {
  const Folder folder;
  const Imported got = import({folder.file(
      "calls.ndjson",
      R"({"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","timestamp":"2020-01-02T03:04:05Z","properties":{"order_id":"o1","total":12.5,"products":[{"product_id":"p1","price":10,"quantity":1}]}})"
      "\nno json\n")});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.batch.size(), 2U);
  EXPECT_EQ(got.amount(), 1250);
  ASSERT_EQ(got.refused.size(), 1U);
  EXPECT_EQ(got.refused[0].line, 2U);
}

}  // namespace
}  // namespace guanxi
