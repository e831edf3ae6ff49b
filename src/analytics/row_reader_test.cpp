#include "analytics/row_reader.hpp"

#include <gtest/gtest.h>

#include "analytics/cell.hpp"
#include "analytics/occurrence_counter.hpp"
#include "analytics/time_format.hpp"
#include "base/random.hpp"

namespace guanxi {
namespace {

// "line:a|b|c" for each row, "line!reason" for a broken one.
std::vector<std::string> rows_of(std::string text, RowFormat format = {},
                                 std::size_t row_bytes_most = std::size_t{1} << 20U) {
  RowReader reader(bytes_of(std::move(text)), format, row_bytes_most);
  std::vector<std::string> rows;
  Row row;
  while (true) {
    const auto more = reader.next(row);
    EXPECT_TRUE(more);
    if (!more || !*more) {
      return rows;
    }
    std::string line = std::to_string(row.line) + (row.problem == nullptr ? ":" : "!");
    if (row.problem != nullptr) {
      line += row.problem;
    }
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      line += (i == 0 ? "" : "|") + std::string(row.fields[i]);
    }
    rows.push_back(line);
  }
}
using Rows = std::vector<std::string>;

TEST(RowReader, LinesAreCountedThroughQuotedLineBreaks) {
  EXPECT_EQ(rows_of("a,\"x\ny\",1\nb,\"p\r\n\r\nq\",2\r\n\nc,,\"\"\n"),
            (Rows{"1:a|x\ny|1", "3:b|p\r\n\r\nq|2", "7:c||"}));
}

TEST(RowReader, QuotesInsideQuotesAreWrittenTwice) {
  EXPECT_EQ(rows_of("\"a \"\"b\"\"\",15\" rule,\"\"\"\"\n"), (Rows{"1:a \"b\"|15\" rule|\""}));
}

TEST(RowReader, LastLineNeedsNoEnd) {
  EXPECT_EQ(rows_of("a,b\r\nc,d"), (Rows{"1:a|b", "2:c|d"}));
  EXPECT_EQ(rows_of("a,\"b\""), (Rows{"1:a|b"}));
  EXPECT_EQ(rows_of("a,"), (Rows{"1:a|"}));
}

TEST(RowReader, AnUnclosedQuoteSpoilsItsLineAlone) {
  const Rows rows = rows_of("a,b\nc,\"d\ne,f\ng,h\n");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1], "2!a quote is opened on this line and never closed");
  EXPECT_EQ(rows[2], "3:e|f");
  EXPECT_EQ(rows[3], "4:g|h");
}

TEST(RowReader, AQuoteThatClosesInALaterLineSpoilsTheFirstAlone) {
  const Rows rows = rows_of("a,\"b\nc,\"d\"\ne,f\n");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].substr(0, 2), "1!");
  EXPECT_EQ(rows[1], "2:c|d");
}

TEST(RowReader, ALineBeyondTheLimitIsPassed) {
  const Rows rows = rows_of("a,b\n" + std::string(5'000'000, 'x') + "\nc,d\n", {}, 1000);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].substr(0, 40), "2!the row is longer than a row may be (1");
  EXPECT_EQ(rows[2], "3:c|d");
}

TEST(RowReader, BytesThatAreNoTextSpoilTheirLineAlone) {
  const Rows rows = rows_of(std::string("a,b\nc\0,d\ne,\xC3\x28\ng,h\xC3\xA9\n", 20));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1].substr(0, 19), "2!the line holds a ");
  EXPECT_EQ(rows[2].substr(0, 20), "3!the line is not te");
  EXPECT_EQ(rows[3], "4:g|h\xC3\xA9");
}

TEST(RowReader, RunsOfBlanks) {
  RowFormat format;
  format.delimiter = ' ';
  EXPECT_EQ(rows_of(" 00001 19970101  1   11.77\r\n\r\n 00002\t19970112  1   12.00 \r\n", format),
            (Rows{"1:00001|19970101|1|11.77", "3:00002|19970112|1|12.00"}));
}

TEST(RowReader, CommentsAreLeftOut) {
  RowFormat format;
  format.comment = '%';
  EXPECT_EQ(rows_of("% x,y\na,b\n%\nc,d\n", format), (Rows{"2:a|b", "4:c|d"}));
}

// Whatever the cut between blocks, the rows are the same: fields of random length, some quoted.
TEST(RowReader, RowsDoNotDependOnBlocks) {
  Random random(11);
  std::string text;
  Rows expected;
  std::uint64_t line = 1;
  for (int r = 0; r < 20000; ++r) {
    std::string row = std::to_string(line) + ":";
    for (int f = 0; f < 4; ++f) {
      std::string field(random.below(200), 'a');
      const bool quoted = random.chance(20000);
      if (quoted) {
        field += random.chance(30000) ? "\n" : ",";
      }
      text += (f == 0 ? "x" : ",") + (quoted ? (f == 0 ? field = "" : "\"" + field + "\"") : field);
      row += (f == 0 ? "x" : "|") + field;
      line += field.find('\n') != std::string::npos ? 1U : 0U;
    }
    text += "\n";
    ++line;
    expected.push_back(row);
  }
  EXPECT_EQ(rows_of(text), expected);
}

TEST(TimeFormat, RefusesWhatIsNoDay) {
  const TimeFormat format = TimeFormat::compile("%d/%m/%Y %H:%M").value();
  EXPECT_TRUE(format.parse("29/02/2020 23:59").has_value());
  for (const char* const text : {"30/02/2020 10:00", "1/13/2020 10:00", "01/01/1969 10:00",
                                 "01/01/2020 24:00", "01/01/2020", "01/01/2020 10:00x", ""}) {
    EXPECT_FALSE(format.parse(text).has_value()) << text;
  }
  EXPECT_FALSE(TimeFormat::compile("%H:%M"));
  EXPECT_FALSE(TimeFormat::compile("%Y-%m-%Q"));
}

TEST(Cell, NumbersAsPeopleWriteThem) {
  const auto minor = [](std::string_view text, char mark = '.') {
    const auto number = read_number(text, mark);
    return number ? std::to_string(to_minor(*number, 2).value()) : "nothing";
  };
  EXPECT_EQ(minor("19.99"), "1999");
  EXPECT_EQ(minor("-3"), "-300");
  EXPECT_EQ(minor("$1,234.50"), "123450");
  EXPECT_EQ(minor("(12.00)"), "-1200");
  EXPECT_EQ(minor("12.00-"), "-1200");
  EXPECT_EQ(minor("1.234,50", ','), "123450");
  EXPECT_EQ(minor("\xC2\xA3"
                  "5"),
            "500");
  EXPECT_EQ(minor("0.1"), "10");
  EXPECT_EQ(minor("1,23"), "nothing");
  EXPECT_EQ(minor("abc"), "nothing");
  EXPECT_EQ(minor(""), "nothing");
  EXPECT_EQ(minor("--5"), "nothing");
}

TEST(OccurrenceCounter, CountsEachContent) {
  OccurrenceCounter counter;
  std::map<std::uint64_t, std::uint32_t> expected;
  Random random(3);
  for (int i = 0; i < 200000; ++i) {
    const std::uint64_t hash = mix64(random.below(60000));
    ASSERT_EQ(counter.next(hash), expected[hash]++);
  }
  EXPECT_EQ(counter.next(0), 0U);
  EXPECT_EQ(counter.next(0), 1U);
}

}  // namespace
}  // namespace guanxi
