#!/usr/bin/env python3
"""Prints the figures of the real data sets that the simulated brand's rates are set by.

    tools/simulation_rates.py DATA_FOLDER

docs/models/simulation.md says which rate of src/simulation comes from which of them.
"""
import collections
import csv
import datetime
import gzip
import pathlib
import statistics
import sys


def rows(path, **options):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.reader(file, **options)


def cdnow(folder):
    days = collections.defaultdict(set)
    discs, orders = 0, 0
    with gzip.open(folder / "cdnow/CDNOW_master.txt.gz", "rt") as file:
        next(file)
        for line in file:
            person, day, count, _ = line.split()
            days[person].add(datetime.date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal())
            discs += int(count)
            orders += 1
    once = sum(len(d) == 1 for d in days.values())
    gaps = [b - a for d in days.values() for a, b in zip(sorted(d), sorted(d)[1:])]
    print(f"CDNOW: bought on one day only {once / len(days):.3f}, order days a person "
          f"{sum(map(len, days.values())) / len(days):.2f}, discs an order {discs / orders:.2f}, "
          f"median gap {statistics.median(gaps):.0f} days")


def online_retail(folder):
    lines, people, value = collections.Counter(), {}, collections.Counter()
    returned, returned_value = set(), 0.0
    days = collections.defaultdict(set)
    for name in ("2009_2010", "2010_2011"):
        table = rows(folder / f"online_retail/online_retail_II_{name}.csv.gz")
        next(table)
        for invoice, code, _, quantity, moment, price, customer, _ in table:
            if not customer or (name == "2010_2011" and moment < "2010-12-10"):
                continue
            amount = int(quantity) * float(price)
            if invoice.startswith("C"):
                returned.add(invoice)
                returned_value -= amount
            elif amount > 0:
                lines[invoice] += 1
                people[invoice] = customer
                value[invoice] += amount
                days[customer].add(datetime.date.fromisoformat(moment[:10]).toordinal())
    gaps = [b - a for d in days.values() for a, b in zip(sorted(d), sorted(d)[1:])]
    counts = sorted(lines.values())
    at = [counts[len(counts) * q // 100] for q in (10, 25, 50, 75, 90)]
    once = sum(len(d) == 1 for d in days.values())
    print(f"Online Retail II: bought on one day only {once / len(days):.3f}, order days a person "
          f"{sum(map(len, days.values())) / len(days):.2f}, median gap "
          f"{statistics.median(gaps):.0f} days, lines an order at 10/25/50/75/90 % {at}, "
          f"returns an order {len(returned) / len(lines):.3f}, value returned "
          f"{returned_value / sum(value.values()):.3f}, median order "
          f"{statistics.median(value.values()):.0f}")


def olist(folder):
    def days_between(a, b):
        form = "%Y-%m-%d %H:%M:%S"
        return (datetime.datetime.strptime(b, form) - datetime.datetime.strptime(a, form)).days

    table = rows(folder / "olist/olist_orders_dataset.csv.gz")
    head = {name: i for i, name in enumerate(next(table))}
    late, took, promised, status = {}, [], [], collections.Counter()
    for row in table:
        status[row[head["order_status"]]] += 1
        delivered = row[head["order_delivered_customer_date"]]
        if delivered:
            bought = row[head["order_purchase_timestamp"]]
            due = row[head["order_estimated_delivery_date"]]
            late[row[0]] = delivered[:10] > due[:10]
            took.append(days_between(bought, delivered))
            promised.append(days_between(bought, due))
    table = rows(folder / "olist/olist_order_reviews_dataset.csv.gz")
    head = {name: i for i, name in enumerate(next(table))}
    scores = {True: collections.Counter(), False: collections.Counter()}
    for row in table:
        if row[head["order_id"]] in late:
            scores[late[row[head["order_id"]]]][int(row[head["review_score"]])] += 1
    print(f"Olist: late {sum(late.values()) / len(late):.4f}, days to delivery median "
          f"{statistics.median(took):.0f}, promised {statistics.median(promised):.0f}, cancelled "
          f"{status['canceled'] / sum(status.values()):.4f}")
    for word, which in (("in time", False), ("late", True)):
        total = sum(scores[which].values())
        print(f"  scores 1..5 {word}: "
              + " ".join(f"{scores[which][s] / total:.3f}" for s in range(1, 6)))


def taobao(folder):
    kinds = collections.Counter(row[3] for row in
                                rows(folder / "browse/taobao_user_behavior.csv.gz"))
    print("Taobao: views, carts, favourites a purchase "
          + " ".join(f"{kinds[k] / kinds['buy']:.2f}" for k in ("pv", "cart", "fav")))


def others(folder):
    with gzip.open(folder / "group_buying/tune.txt.gz", "rt") as file:
        good = sum(1 for _ in file)
    with gzip.open(folder / "group_buying/invalid.txt.gz", "rt") as file:
        failed = sum(1 for _ in file)
    print(f"BeiBei: groups that somebody joined {good / (good + failed):.3f}")
    table = list(rows(folder / "hillstrom/hillstrom.csv.gz"))[1:]
    for arm in ("Womens E-Mail", "Mens E-Mail", "No E-Mail"):
        part = [row for row in table if row[8] == arm]
        print(f"Hillstrom, {arm}: visit {sum(r[9] == '1' for r in part) / len(part):.4f}, "
              f"bought {sum(r[10] == '1' for r in part) / len(part):.4f}")
    contacted = list(rows(folder / "complete_journey/campaigns.csv.gz"))[1:]
    redeemed = list(rows(folder / "complete_journey/coupon_redemptions.csv.gz"))[1:]
    homes = {row[1] for row in contacted}
    print(f"The Complete Journey: campaigns a contacted home {len(contacted) / len(homes):.2f}, "
          f"redeemed a coupon ever {len({row[0] for row in redeemed}) / len(homes):.3f}, "
          f"redemptions a contact {len(redeemed) / len(contacted):.3f}")
    spans = collections.defaultdict(list)
    for case, _, moment in list(rows(folder / "tickets/helpdesk.csv.gz"))[1:]:
        spans[case].append(datetime.datetime.fromisoformat(moment.replace("/", "-")))
    took = sorted((max(s) - min(s)).total_seconds() / 86400 for s in spans.values())
    print("Help desk: days a ticket lasts at 25/50/75/90 % "
          + " ".join(f"{took[len(took) * q // 100]:.1f}" for q in (25, 50, 75, 90)))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    data = pathlib.Path(sys.argv[1])
    for part in (cdnow, online_retail, olist, taobao, others):
        part(data)
