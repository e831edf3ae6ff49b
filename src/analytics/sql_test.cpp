#include "analytics/sql.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "people/expression.hpp"
#include "people/survey.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

constexpr Day kLast{test_brand::kFirstDay + 400};

// A made-up brand with some events of nobody.
class Sql : public ::testing::Test {
 protected:
  Sql() {
    std::uint32_t ordinal = 0;
    for (const test_brand::Line& line : test_brand::life(5, 3000, 20000, 400)) {
      static_cast<void>(test_brand::add_line(image_, line, ordinal++));
    }
    for (std::uint64_t id = 1; id <= 7; ++id) {
      image_.add_nobody(CompactEvent(
          test_brand::on_day(3, EventKind::stock_adjusted, id * 0x123456789ABCDEFULL)));
    }
    image_.refold(test_brand::model(), kLast, 2);
  }
  std::unique_ptr<SqlSession> session(SqlLimits limits = {}) {
    auto opened = SqlSession::open(image_, parse_currency("GBP").value(), limits);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return std::move(opened).value();
  }
  std::string one(const std::string& sql) {
    auto answer = session()->query(sql);
    if (!answer) {
      return "error: " + answer.error().message;
    }
    return answer->rows.size() == 1 ? answer->rows[0][0].text
                                    : std::to_string(answer->rows.size()) + " rows";
  }
  Image image_{4};
};

TEST_F(Sql, CountsEveryoneAndEveryEvent) {
  EXPECT_EQ(one("SELECT count(*) FROM people"), std::to_string(image_.people()));
  EXPECT_EQ(one("SELECT count(*) FROM events"),
            std::to_string(image_.events() + image_.derived_events() + image_.nobody_events()));
  EXPECT_EQ(one("SELECT count(*) FROM events WHERE person IS NULL"),
            std::to_string(image_.nobody_events()));
  EXPECT_EQ(one("SELECT count(DISTINCT id_hash) FROM events WHERE NOT derived"),
            std::to_string(image_.events() + image_.nobody_events()));
}

TEST_F(Sql, PeopleAreWhatTheImageSays) {
  auto answer = session()->query("SELECT * FROM people ORDER BY id LIMIT 200");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->rows.size(), 200U);
  for (const auto& row : answer->rows) {
    const auto person = image_.find(parse_external_id(row[0].text));
    ASSERT_TRUE(person.has_value()) << row[0].text;
    for (std::size_t c = 1; c < row.size(); ++c) {
      std::string text = column_text(image_, static_cast<int>(c), *person);
      if (people_columns()[c].type == ColumnType::yes_no) {
        text = text == "yes" ? "true" : "false";
      }
      if (people_columns()[c].type != ColumnType::number &&
          people_columns()[c].type != ColumnType::money) {
        EXPECT_EQ(row[c].null ? "" : row[c].text, text) << answer->columns[c].name;
      }
    }
  }
}

TEST_F(Sql, TiersCompareInTheirOrder) {
  std::uint64_t at_least_micro = 0;
  for (std::uint32_t shard = 0; shard < image_.shards(); ++shard) {
    for (const std::uint8_t tier : image_.columns(shard).tier) {
      at_least_micro += tier >= 1 ? 1U : 0U;
    }
  }
  EXPECT_EQ(one("SELECT count(*) FROM people WHERE tier >= 'micro'::tier"),
            std::to_string(at_least_micro));
}

TEST_F(Sql, ChangesOfTierEndWhereEachPersonStands) {
  EXPECT_EQ(one("SELECT count(*) FROM (SELECT person, arg_max(to_tier, (day, ordinal)) AS last "
                "FROM tier_changes GROUP BY person HAVING count(*) = 1) c "
                "JOIN people p ON p.id = c.person WHERE c.last <> p.tier"),
            "0");
  EXPECT_EQ(
      one("SELECT count(*) FROM tier_changes"),
      std::to_string(
          changes(image_, test_brand::model(), Day{test_brand::kFirstDay - 1}, kLast).size()));
}

TEST_F(Sql, EvidenceSumsToTheIndex) {
  EXPECT_EQ(one("SELECT count(*) FROM people p JOIN (SELECT person, sum(index_share) AS s FROM "
                "evidence GROUP BY person) e ON e.person = p.id WHERE e.s <> p.index"),
            "0");
  EXPECT_NE(one("SELECT count(*) FROM evidence"), "0");
}

TEST_F(Sql, ProductsAreSummedFromEvents) {
  EXPECT_EQ(one("SELECT sum(lines) FROM products"),
            one("SELECT count(*) FROM events WHERE kind = 'order_line' AND subject IS NOT NULL"));
}

TEST_F(Sql, EveryTableHasTheColumnsItIsSaidToHave) {
  for (const SqlTable& table : sql_tables(parse_currency("GBP").value())) {
    auto answer = session()->query("DESCRIBE " + table.name);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->rows.size(), table.columns.size()) << table.name;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      EXPECT_EQ(answer->rows[c][0].text, table.columns[c].name);
      if (table.view_of.empty()) {
        const std::string type = answer->rows[c][1].text;
        EXPECT_EQ(type.substr(0, type.find('(') == 4 ? 4 : type.size()), sql_type(table.columns[c]))
            << table.columns[c].name;
      }
    }
  }
}

TEST_F(Sql, NothingButQuestionsIsAnswered) {
  for (const char* const sql :
       {"CREATE TABLE t (x INTEGER)", "DROP VIEW people", "INSERT INTO people VALUES (1)",
        "SET threads=1", "PRAGMA threads=1", "ATTACH 'x.db'", "LOAD httpfs", "INSTALL httpfs",
        "COPY people TO '/tmp/guanxi_sql_test.csv'", "SELECT 1; SELECT 2", "", "SELECT ?",
        "EXPORT DATABASE '/tmp/guanxi_sql_test'", "CALL pragma_version()"}) {
    const auto answer = session()->query(sql);
    ASSERT_FALSE(answer) << sql;
    EXPECT_EQ(answer.error().code, ErrorCode::invalid) << sql;
  }
}

TEST_F(Sql, NoFileCanBeReached) {
  for (const char* const sql :
       {"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "SELECT * FROM read_blob('/etc/hostname')"}) {
    EXPECT_FALSE(session()->query(sql)) << sql;
  }
}

TEST_F(Sql, TimeEnds) {
  SqlLimits limits;
  limits.time_most = std::chrono::milliseconds(200);
  const auto answer =
      session(limits)->query("SELECT count(*) FROM range(100000000) a, range(100000000) b");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::overloaded);
  EXPECT_NE(answer.error().message.find("200 ms"), std::string::npos);
}

TEST_F(Sql, MemoryEnds) {
  SqlLimits limits;
  limits.memory_bytes_most = std::uint64_t{64} << 20U;
  const auto answer =
      session(limits)->query("SELECT list(x) FROM range(50000000) t(x) GROUP BY x % 7 ORDER BY 1");
  EXPECT_FALSE(answer);
}

TEST_F(Sql, RowsBeyondTheLimitAreLeftOutAndSaid) {
  SqlLimits limits;
  limits.rows_most = 10;
  const auto answer = session(limits)->query("SELECT id FROM people");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->rows.size(), 10U);
  EXPECT_TRUE(answer->truncated);
}

TEST_F(Sql, ValuesAreWrittenExactly) {
  EXPECT_EQ(one("SELECT 12345678901234567890123::HUGEINT"), "12345678901234567890123");
  EXPECT_EQ(one("SELECT -0.05::DECIMAL(5,2)"), "-0.05");
  EXPECT_EQ(one("SELECT 0.1::DOUBLE"), "0.1");
  EXPECT_EQ(one("SELECT DATE '2011-06-09'"), "2011-06-09");
  EXPECT_EQ(one("SELECT TIMESTAMP '2011-06-09 07:45:00.25'"), "2011-06-09 07:45:00.250000");
  EXPECT_EQ(one("SELECT TRUE"), "true");
  EXPECT_NE(one("SELECT [1, 2]").find("CAST"), std::string::npos);
}

// docs/sql.md names every table and column with its type; "money" stands for the currency's
// decimals.
TEST(SqlDocument, ListsEveryColumn) {
  std::ifstream file(GUANXI_SOURCE_DIR "/docs/sql.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  ASSERT_FALSE(document.empty());
  for (const SqlTable& table : sql_tables({})) {
    const std::size_t begin = document.find("\n## " + table.name + "\n");
    ASSERT_NE(begin, std::string::npos) << table.name;
    const std::string section = document.substr(begin, document.find("\n## ", begin + 1) - begin);
    std::size_t columns = 0;
    for (const TableColumn& column : table.columns) {
      const auto line = [&column](const std::string& type) {
        return "| `" + column.name + "` | " + type + " | " + column.meaning + " |";
      };
      EXPECT_TRUE(section.find(line(sql_type(column))) != std::string::npos ||
                  section.find(line("DECIMAL(18,money)")) != std::string::npos)
          << line(sql_type(column));
      ++columns;
    }
    EXPECT_EQ(static_cast<std::size_t>(std::count(section.begin(), section.end(), '`')),
              columns * 2)
        << table.name;
  }
}

TEST(CsvField, AFormulaIsMadeText) {
  const auto field = [](std::string_view text) {
    std::string out;
    append_csv_field(out, text, SqlColumn::Shape::text);
    return out;
  };
  EXPECT_EQ(field("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(field("+1"), "\"'+1\"");
  EXPECT_EQ(field("-1"), "\"'-1\"");
  EXPECT_EQ(field("@x"), "\"'@x\"");
  EXPECT_EQ(field("\tx"), "\"'\tx\"");
  EXPECT_EQ(field("\rx"), "\"'\rx\"");
  EXPECT_EQ(field("  =x"), "\"'  =x\"");
  EXPECT_EQ(field("\xEF\xBC\x9D"
                  "1"),
            "\"'\xEF\xBC\x9D"
            "1\"");
  EXPECT_EQ(field("plain"), "plain");
  EXPECT_EQ(field("a,\"b\""), "\"a,\"\"b\"\"\"");
  std::string number;
  append_csv_field(number, "-5.20", SqlColumn::Shape::number);
  EXPECT_EQ(number, "-5.20");
}

}  // namespace
}  // namespace guanxi
