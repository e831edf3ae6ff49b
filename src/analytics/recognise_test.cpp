#include "analytics/recognise.hpp"

#include <gtest/gtest.h>

#include "analytics/import_testing.hpp"

namespace guanxi {
namespace {

using import_testing::Folder;
using import_testing::import;
using import_testing::Imported;

Imported of(const std::string& content, const std::string& name = "orders.csv") {
  const Folder folder;
  Imported imported = import({folder.file(name, content)});
  EXPECT_EQ(imported.error, "");
  return imported;
}

TEST(Recognise, CustomerDateSales) {
  const Imported got =
      of("cust,date,sales\n"
         "1,2005-01-01,25.50\n"
         "2,2005-01-03,10\n"
         "1,2005-02-01,7.25\n");
  ASSERT_EQ(got.batch.size(), 3U);
  EXPECT_EQ(got.line(0), "order_completed 1   2550 0 2005-01-01T00:00:00Z");
  EXPECT_EQ(got.amount(), 4275);
  EXPECT_EQ(got.understood.files[0].mapping, "recognised");
  EXPECT_EQ(got.role("cust"), "person");
  EXPECT_EQ(got.role("sales"), "amount, kind");
}

TEST(Recognise, IdDatePrice) {
  const Imported got = of("Id,Date,Price\n7,2010-01-31,5\n8,2010-02-01,6.5\n7,2010-03-01,1\n");
  EXPECT_EQ(got.people(), (std::set<std::string>{"user:7", "user:8"}));
  EXPECT_EQ(got.amount(), 1250);
}

TEST(Recognise, TransactionsWithTheirOwnIds) {
  const Imported got =
      of("TransactionID,CustomerID,TransactionDate,Amount,StoreCity\n"
         "T1,C-10,31/12/2020 18:05,\"1,200.50\",York\n"
         "T2,C-11,01/01/2021 09:00,3.00,Leeds\n"
         "T3,C-10,02/01/2021 09:00,4.00,Leeds\n");
  ASSERT_EQ(got.batch.size(), 3U);
  EXPECT_EQ(got.line(0), "order_completed C-10  T1 120050 0 2020-12-31T18:05:00Z");
  EXPECT_EQ(got.line(1), "order_completed C-11  T2 300 0 2021-01-01T09:00:00Z");
}

TEST(Recognise, TheOtherSpellingOfOnlineRetail) {
  const Imported got =
      of("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
         "536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
         "C536379,D,Discount,-1,12/13/2010 9:41,27.5,14527.0,United Kingdom\n"
         "536389,22941,\"LIGHTS, 10\",6,12/1/2010 10:03,8.5,,Australia\n");
  ASSERT_EQ(got.batch.size(), 3U);
  EXPECT_EQ(got.line(0), "order_line 17850 85123A 536365 1530 6 2010-12-01T08:26:00Z");
  EXPECT_EQ(got.line(1), "line_returned 14527 D C536379 -2750 -1 2010-12-13T09:41:00Z");
  EXPECT_EQ(got.line(2), "order_line  22941 536389 5100 6 2010-12-01T10:03:00Z");
  EXPECT_EQ(got.batch.events[2].title, "LIGHTS, 10");
}

TEST(Recognise, ChineseColumns) {
  const Imported got =
      of("订单编号,会员ID,商品名称,数量,单价,订单金额,下单时间,订单状态\n"
         "A1,u1,绿茶,2,10.00,20.00,2023-05-01 10:00:00,交易成功\n"
         "A2,u2,红茶,1,15.00,15.00,2023-05-02 11:00:00,交易关闭\n"
         "A3,u1,红茶,1,15.00,15.00,2023-06-02 11:00:00,交易成功\n");
  ASSERT_EQ(got.batch.size(), 3U);
  EXPECT_EQ(got.line(0), "order_line u1 绿茶 A1 2000 2 2023-05-01T10:00:00Z");
  EXPECT_EQ(got.kinds()["order_cancelled"], 1U);
  EXPECT_EQ(got.amount(), 3500);
}

TEST(Recognise, ChineseColumnsInGb18030) {
  const Imported utf8 =
      of("会员,日期,金额\n张三,2023-05-01,12.5\n李四,2023-05-02,3\n张三,2023-05-03,4\n");
  const Imported gb =
      of("\xBB\xE1\xD4\xB1,\xC8\xD5\xC6\xDA,\xBD\xF0\xB6\xEE\n"
         "\xD5\xC5\xC8\xFD,2023-05-01,12.5\n\xC0\xEE\xCB\xC4,2023-05-02,3\n"
         "\xD5\xC5\xC8\xFD,2023-05-03,4\n");
  EXPECT_EQ(gb.understood.files[0].encoding, "gb18030");
  EXPECT_EQ(gb.ids(), utf8.ids());
  EXPECT_EQ(gb.people().size(), 2U);
}

TEST(Recognise, Utf16WithByteOrderMark) {
  const std::string text = "cust,date,sales\n1,2005-01-01,25.50\n2,2005-01-03,10\n";
  std::string wide = "\xFF\xFE";
  for (const char c : text) {
    wide += c;
    wide += '\0';
  }
  const Imported got = of(wide);
  EXPECT_EQ(got.understood.files[0].encoding, "utf-16le");
  EXPECT_EQ(got.ids(), of(text).ids());
}

TEST(Recognise, WindowsLatinLetters) {
  const Imported got =
      of("Customer Name,Order "
         "Date,Sales\nZo\xEB,2015-01-02,5\nAnn,2015-01-03,6\nZo\xEB,2015-02-02,5\n");
  EXPECT_EQ(got.people(), (std::set<std::string>{"user:Ann", "user:Zoë"}));
}

TEST(Recognise, Superstore) {
  const Imported got = of(
      "Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,"
      "City,State,Postal Code,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,"
      "Discount,Profit\n"
      "1,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Claire Gute,Consumer,United "
      "States,Henderson,Kentucky,42420,South,FUR-BO-10001798,Furniture,Bookcases,\"Bush "
      "Bookcase\",261.96,2,0,41.9136\n"
      "2,CA-2016-152157,11/18/2016,11/21/2016,Second Class,CG-12521,Bob Gute,Consumer,United "
      "States,Henderson,Kentucky,42420,South,FUR-CH-10000454,Furniture,Chairs,Chair,731.94,3,0,"
      "219.582\n");
  ASSERT_EQ(got.batch.size(), 2U);
  EXPECT_EQ(got.line(0),
            "order_line CG-12520 FUR-BO-10001798 CA-2016-152156 26196 2 2016-11-08T00:00:00Z");
}

TEST(Recognise, HeaderlessLog) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += std::to_string(100 + i % 7) + ",200701" + std::to_string(10 + i % 20) + "," +
            std::to_string(5 + i) + ".25\n";
  }
  const Imported got = of(text, "log.txt");
  ASSERT_EQ(got.batch.size(), 60U);
  EXPECT_EQ(got.people().size(), 7U);
  EXPECT_EQ(got.line(0), "order_completed 100   525 0 2007-01-10T00:00:00Z");
}

TEST(Recognise, HeaderlessBlanksWithQuantity) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += " 000" + std::to_string(10 + i / 3) + " 199701" + std::to_string(10 + i % 20) + "  " +
            std::to_string(1 + i % 3) + "  " + std::to_string(10 + i) + ".77\r\n";
  }
  const Imported got = of(text, "log.txt");
  ASSERT_EQ(got.batch.size(), 60U);
  EXPECT_EQ(got.line(0), "order_completed 00010   1077 1 1997-01-10T00:00:00Z");
}

TEST(Recognise, SemicolonsAndDecimalCommas) {
  const Imported got =
      of("customer;date;amount\n4711;31.01.2020;1.234,50\n4712;01.02.2020;3,05\n4711;02.02.2020;"
         "7,00\n");
  EXPECT_EQ(got.amount(), 123450 + 305 + 700);
  EXPECT_EQ(got.line(1), "order_completed 4712   305 0 2020-02-01T00:00:00Z");
}

TEST(Recognise, DayAndMonthAreToldApartByValuesFurtherDown) {
  std::string text = "customer,date,amount\n";
  for (int i = 0; i < 4000; ++i) {
    text += std::to_string(i % 50) + ",0" + std::to_string(1 + i % 9) + "/05/2020,1\n";
  }
  text += "3,25/05/2020,1\n";
  const Imported got = of(text);
  ASSERT_EQ(got.batch.size(), 4001U);
  EXPECT_EQ(to_string(got.batch.events[0].occurred_at), "2020-05-01T00:00:00Z");
  EXPECT_EQ(to_string(got.batch.events.back().occurred_at), "2020-05-25T00:00:00Z");
}

TEST(Recognise, MomentsInManyForms) {
  const auto first = [](const std::string& time) {
    const Imported got = of("customer_id,timestamp,amount\n1," + time + ",5\n2," + time + ",6\n");
    return got.batch.empty() ? "nothing" : to_string(got.batch.events[0].occurred_at);
  };
  EXPECT_EQ(first("1511544070"), "2017-11-24T17:21:10Z");
  EXPECT_EQ(first("1511544070123"), "2017-11-24T17:21:10Z");
  EXPECT_EQ(first("20171124"), "2017-11-24T00:00:00Z");
  EXPECT_EQ(first("43063"), "2017-11-24T00:00:00Z");
  EXPECT_EQ(first("2017-11-24T17:21:10+08:00"), "2017-11-24T09:21:10Z");
  EXPECT_EQ(first("2017-11-24 17:21:10 UTC"), "2017-11-24T17:21:10Z");
  EXPECT_EQ(first("24-Nov-17"), "2017-11-24T00:00:00Z");
  EXPECT_EQ(first("11/24/2017 5:21 PM"), "2017-11-24T17:21:00Z");
  EXPECT_EQ(first("2017年11月24日"), "2017-11-24T00:00:00Z");
  EXPECT_EQ(first("\"Nov 24, 2017\""), "2017-11-24T00:00:00Z");
}

TEST(Recognise, LocalTimesStandInTheBrandsZone) {
  const Folder folder;
  ImportOptions options;
  options.paths = {
      folder.file("a.csv", "cust,date,sales\n1,2020-01-02 01:00:00,5\n2,2020-01-02 02:00:00,5\n")};
  options.zone = Zone::fixed("+08:00").value();
  const Imported got = import(options);
  EXPECT_EQ(to_string(got.batch.events.at(0).occurred_at), "2020-01-01T17:00:00Z");
}

TEST(Recognise, EventLogs) {
  const Imported got =
      of("event_time,event_type,product_id,category_id,price,user_id\n"
         "2019-10-01 00:00:00 UTC,view,44600062,21,35.79,541312140\n"
         "2019-10-01 00:00:05 UTC,cart,44600062,21,35.79,541312140\n"
         "2019-10-01 00:00:09 UTC,purchase,44600062,21,35.79,541312140\n"
         "2019-10-01 00:01:09 UTC,remove_from_cart,44600063,21,3.79,541312141\n");
  EXPECT_EQ(
      got.kinds(),
      (std::map<std::string, std::uint64_t>{
          {"order_line", 1}, {"product_added", 1}, {"product_removed", 1}, {"product_viewed", 1}}));
  EXPECT_EQ(got.amount(), 3579);
}

TEST(Recognise, RetailRocket) {
  const Imported got =
      of("timestamp,visitorid,event,itemid,transactionid\n"
         "1433221332117,257597,view,355908,\n"
         "1433224214164,992329,addtocart,248676,\n"
         "1433222276276,599528,transaction,356475,4000\n");
  ASSERT_EQ(got.batch.size(), 3U);
  EXPECT_EQ(got.line(2), "order_line 599528 356475 4000 0 1 2015-06-02T05:17:56Z");
}

TEST(Recognise, NegativeAmountsAreReturns) {
  const Imported got =
      of("customer_id,order_id,order_date,total\n1,10,2020-01-02,20.00\n1,11,2020-01-09,-20.00\n"
         "2,12,2020-01-10,5.00\n");
  EXPECT_EQ(got.kinds()["order_refunded"], 1U);
  EXPECT_EQ(got.amount(), 500);
}

TEST(Recognise, StatusWordsCancelAndRefund) {
  const Imported got =
      of("order_id,customer_id,order_date,amount,status\n"
         "1,a,2021-01-01,10,completed\n2,b,2021-01-02,20,cancelled\n3,c,2021-01-03,30,refunded\n");
  EXPECT_EQ(got.kinds(),
            (std::map<std::string, std::uint64_t>{
                {"order_cancelled", 1}, {"order_completed", 2}, {"order_refunded", 1}}));
  EXPECT_EQ(got.amount(), 1000);
}

TEST(Recognise, JsonLines) {
  const Imported got =
      of("{\"user\":{\"id\":\"u1\"},\"date\":\"2020-01-02\",\"total\":19.99}\n"
         "{\"user\":{\"id\":\"u2\"},\"date\":\"2020-01-03\",\"total\":0.1}\n",
         "orders.jsonl");
  EXPECT_EQ(got.amount(), 2009);
  EXPECT_EQ(got.people(), (std::set<std::string>{"user:u1", "user:u2"}));
}

TEST(Recognise, WhatIsNotUnderstoodIsSaid) {
  const Folder folder;
  EXPECT_NE(import({folder.file("a.csv", "x,y\nfoo,bar\nbar,foo\n")})
                .error.find("no column names the customer"),
            std::string::npos);
  EXPECT_NE(import({folder.file("b.csv", "customer,amount\n1,5\n2,6\n")})
                .error.find("no column holds moments"),
            std::string::npos);
}

}  // namespace
}  // namespace guanxi
