#include "rivals.hpp"

#include "analytics/duckdb.hpp"

namespace guanxi::rivals {

std::string load(const std::string& parquet) {
  return "CREATE TYPE kind AS ENUM (SELECT DISTINCT kind FROM read_parquet(" +
         sql_literal(parquet) +
         ") ORDER BY 1);"
         "CREATE TABLE e AS SELECT CAST(substr(person, 7) AS UINTEGER) AS p,"
         " CAST(epoch(occurred_at) // 86400 AS INTEGER) AS d,"
         " CAST(epoch(occurred_at) AS UINTEGER) AS s, CAST(kind AS kind) AS kind,"
         " CAST(amount_minor AS INTEGER) AS amount, CAST(quantity AS INTEGER) AS quantity, flags,"
         " CAST(hash(subject) >> 32 AS UINTEGER) AS subject,"
         " CAST(hash(order_id) >> 32 AS UINTEGER) AS o"
         " FROM read_parquet(" +
         sql_literal(parquet) + ") WHERE person IS NOT NULL";
}

namespace {

// {typical}: a typical order. {decay120}: what is left on the last day with that half-life.
constexpr const char* kTiers = R"(CREATE OR REPLACE TEMP TABLE result AS
WITH day AS (
  SELECT p, d,
    sum(CASE kind
      WHEN 'order_completed' THEN 0.25 + least(amount / {typical}, 2)
      WHEN 'order_line' THEN 0.05 + least(amount / {typical}, 2)
      WHEN 'subscription_started' THEN 0.25 + least(amount / {typical}, 2)
      WHEN 'subscription_renewed' THEN 0.25 + least(amount / {typical}, 2)
      WHEN 'fee_charged' THEN least(amount / {typical}, 2)
      WHEN 'prepayment_made' THEN 1.25
      WHEN 'order_cancelled' THEN greatest(amount / {typical}, -2)
      WHEN 'order_refunded' THEN greatest(amount / {typical}, -2)
      WHEN 'line_returned' THEN greatest(amount / {typical}, -2)
      WHEN 'subscription_cancelled' THEN -1.25 ELSE 0 END
      + CASE WHEN flags & 1 = 1 THEN 0.1 ELSE 0 END) AS buying,
    sum(CASE kind WHEN 'promise_kept' THEN 0.5 WHEN 'promise_broken' THEN -0.5
      WHEN 'ticket_solved' THEN 0.5 WHEN 'complaint_raised' THEN -0.25
      WHEN 'service_delivered' THEN 1 WHEN 'safety_incident' THEN -2 ELSE 0 END) AS service,
    max(CASE WHEN kind IN ('order_completed', 'order_line', 'subscription_renewed')
      THEN 1 ELSE 0 END)
    + max(CASE WHEN kind IN ('visit', 'product_viewed', 'products_searched') THEN 0.1 ELSE 0 END)
    + max(CASE WHEN kind IN ('product_added', 'wishlist_added', 'checkout_started')
      THEN 0.2 ELSE 0 END)
    + max(CASE kind WHEN 'store_visited' THEN 0.5 ELSE 0 END)
    + max(CASE WHEN kind IN ('chat_started', 'message_received') THEN 0.4 ELSE 0 END)
    + max(CASE kind WHEN 'staff_met' THEN 0.75 ELSE 0 END)
    + max(CASE kind WHEN 'contact_clicked' THEN 0.2 ELSE 0 END)
    + max(CASE kind WHEN 'contact_opened' THEN 0.05 ELSE 0 END)
    + sum(CASE kind WHEN 'unsubscribed' THEN -1 WHEN 'consent_withdrawn' THEN -1
      WHEN 'marked_as_spam' THEN -2 WHEN 'consent_given' THEN 0.3 ELSE 0 END) AS company,
    sum(CASE kind WHEN 'review_posted' THEN 0.5 WHEN 'idea_submitted' THEN 0.75
      WHEN 'test_joined' THEN 1 WHEN 'event_attended' THEN 1 WHEN 'role_taken' THEN 2 ELSE 0 END)
    + max(CASE kind WHEN 'community_posted' THEN 0.4 ELSE 0 END) AS part,
    sum(CASE kind WHEN 'review_posted' THEN 0.75 * (quantity - 50) / 50.0
      WHEN 'score_answered' THEN 0.5 * (quantity - 50) / 50.0 WHEN 'product_shared' THEN 0.4
      ELSE 0 END) AS speaking,
    sum(CASE kind WHEN 'preference_stated' THEN 1 WHEN 'suggestion_taken' THEN 1
      WHEN 'suggestion_refused' THEN -0.25 WHEN 'wrong_contact' THEN -1 ELSE 0 END) AS known,
    sum(CASE kind WHEN 'value_affirmed' THEN 0.5 WHEN 'cause_joined' THEN 1
      WHEN 'values_conflict' THEN -2 ELSE 0 END) AS valued,
    sum(CASE kind WHEN 'order_completed' THEN 1 WHEN 'prepayment_made' THEN 0.5
      WHEN 'promise_kept' THEN 0.5 WHEN 'ticket_solved' THEN 0.75 WHEN 'service_delivered' THEN 0.5
      WHEN 'staff_met' THEN 0.25 WHEN 'event_attended' THEN 0.25
      WHEN 'review_posted' THEN 0.5 * quantity / 100.0
      WHEN 'score_answered' THEN 0.5 * quantity / 100.0 ELSE 0 END) AS good,
    sum(CASE kind WHEN 'promise_broken' THEN 1 WHEN 'complaint_raised' THEN 0.75
      WHEN 'safety_incident' THEN 4 WHEN 'values_conflict' THEN 3 WHEN 'marked_as_spam' THEN 1
      WHEN 'payment_disputed' THEN 1 WHEN 'wrong_contact' THEN 0.5
      WHEN 'order_refunded' THEN 0.25 WHEN 'line_returned' THEN 0.25
      WHEN 'review_posted' THEN (100 - quantity) / 100.0
      WHEN 'score_answered' THEN (100 - quantity) / 100.0 ELSE 0 END) AS bad,
    count(*) FILTER (kind = 'order_completed') AS orders,
    count(*) FILTER (kind = 'order_refunded' AND flags & 64 = 0) AS returned,
    count(*) FILTER (kind = 'order_line') AS lines,
    count(*) FILTER (kind = 'order_line' AND flags & 3 > 0) AS devoted,
    count(*) FILTER (kind = 'order_line' AND flags & 4 = 4) AS early,
    max(flags & 128) AS reachable
  FROM e GROUP BY p, d),
repeats AS (
  SELECT p, max(days) AS occasions FROM (
    SELECT p, subject, count(DISTINCT d) AS days FROM e WHERE kind = 'order_line'
    GROUP BY p, subject) GROUP BY p),
bonds AS (
  SELECT p, max(days) AS bond FROM (
    SELECT p, subject, count(DISTINCT d) AS days FROM e
    WHERE kind IN ('staff_met', 'service_delivered') GROUP BY p, subject) GROUP BY p),
person AS (
  SELECT p, sum(buying * {decay120}) AS i0,
    sum(service * {decay180}) AS i1,
    sum(company * {decay180}) AS i2,
    sum(part * {decay365}) AS i3,
    sum(speaking * {decay365}) AS i4,
    sum(known * {decay365}) AS i5,
    sum(valued * {decay730}) AS i6,
    sum(good * {decay90}) AS r,
    sum(bad * {decay180}) AS s,
    sum(orders) - sum(returned) AS orders, sum(lines) AS lines, sum(devoted) AS devoted,
    sum(early) AS early, max(reachable) AS reachable,
    max(CASE WHEN orders > 0 THEN d END) AS last_order
  FROM day GROUP BY p),
figures AS (
  SELECT person.*, coalesce(occasions, 0) AS occasions, coalesce(bond, 0) AS bond,
    (r + 1) / (r + s + 2) AS trust,
    0.40 * greatest(i0, 0) / (greatest(i0, 0) + 2.5)
      + 0.08 * greatest(i1, 0) / (greatest(i1, 0) + 2)
      + 0.32 * greatest(i2, 0) / (greatest(i2, 0) + 2)
      + 0.06 * greatest(i3, 0) / (greatest(i3, 0) + 2)
      + 0.08 * greatest(i4, 0) / (greatest(i4, 0) + 2)
      + 0.03 * greatest(i5, 0) / (greatest(i5, 0) + 2)
      + 0.03 * greatest(i6, 0) / (greatest(i6, 0) + 1) AS depth
  FROM person LEFT JOIN repeats USING (p) LEFT JOIN bonds USING (p))
SELECT p, trust, depth, 100 * trust * depth AS index,
  CASE WHEN orders < 1 OR trust < 0.4 OR 100 * trust * depth < 6 THEN 0
    WHEN occasions < 3 OR reachable = 0 OR 100 * trust * depth < 25 THEN 1
    WHEN trust < 0.75 OR depth < 0.65 OR (bond >= 3)::INT + (i3 >= 0.67)::INT + (i4 >= 0.67)::INT
      + (devoted >= 0.7 * lines)::INT + (early >= 2)::INT < 2 THEN 2 ELSE 3 END AS tier
FROM figures)";

std::string with(std::string text, const std::string& name, const std::string& value) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    text.replace(at, name.size(), value);
  }
  return text;
}

}  // namespace

std::string tiers(int last_day, long typical_order_minor) {
  std::string sql = with(kTiers, "{typical}", std::to_string(typical_order_minor) + ".0");
  for (const int half_life : {90, 120, 180, 365, 730}) {
    sql = with(sql, "{decay" + std::to_string(half_life) + "}",
               "exp((" + std::to_string(last_day) + " - d) * " +
                   std::to_string(-0.6931471805599453 / half_life) + ")");
  }
  return sql;
}

std::string rfm() {
  return "CREATE OR REPLACE TEMP TABLE rfm AS SELECT p, max(s) AS recency,"
         " count(*) FILTER (kind = 'order_completed') AS frequency, sum(amount) AS money"
         " FROM e GROUP BY p";
}

std::string people() {
  return "CREATE TABLE people AS SELECT p, trust, index, tier, orders, last_order FROM ("
         "SELECT p, trust, index, tier FROM result) JOIN (SELECT p,"
         " count(*) FILTER (kind = 'order_completed') AS orders,"
         " max(CASE WHEN kind = 'order_completed' THEN d END) AS last_order FROM e GROUP BY p)"
         " USING (p)";
}

std::string five_conditions(int last_day) {
  return "SELECT count(*) FROM people WHERE tier >= 2 AND index > 20 AND last_order > " +
         std::to_string(last_day - 120) + " AND orders >= 3 AND trust > 0.5";
}

std::string read_and_sort(const std::string& parquet) {
  return "CREATE TABLE sorted AS SELECT person, occurred_at, kind, subject, order_id,"
         " amount_minor, quantity, flags, id_hash FROM read_parquet(" +
         sql_literal(parquet) + ") ORDER BY person, occurred_at";
}

std::string online_retail(const std::string& files) {
  return "CREATE OR REPLACE TABLE rfm AS SELECT CustomerID, max(InvoiceDate) AS recency,"
         " count(DISTINCT Invoice) AS frequency, sum(Quantity * Price) AS money FROM read_csv(" +
         sql_literal(files) +
         ", filename = true) WHERE CustomerID IS NOT NULL AND NOT (filename LIKE '%2010_2011%' AND"
         " InvoiceDate < TIMESTAMP '2010-12-10') GROUP BY CustomerID";
}

}  // namespace guanxi::rivals
