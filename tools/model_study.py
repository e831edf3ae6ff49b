#!/usr/bin/env python3
"""Measures a relationship model on real and made-up shops: the tables of docs/models/retail.md.

For each shop a fresh data folder is filled by `guanxi import`, the model is made active and
`guanxi validate` looks back from each cut. With --sensitivity every main number of the model is
halved and doubled in turn. Made-up shops are drawn here, from published fits, the same bytes each
time. Needs nothing but Python and the built program.
"""

import argparse
import datetime
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# name, files below the data folder, (cut, days looked ahead) ...
REAL_SHOPS = (
    ("Online Retail II", ("online_retail/online_retail_II_2009_2010.csv.gz",
                          "online_retail/online_retail_II_2010_2011.csv.gz"),
     (("2011-06-09", 180), ("2010-12-09", 180), ("2010-09-01", 90), ("2011-09-09", 91))),
    ("CDNOW", ("cdnow/CDNOW_master.txt.gz",),
     (("1997-10-01", 273), ("1998-01-01", 180), ("1997-07-01", 180))),
    ("Complete Journey", ("complete_journey/transactions_sample.csv.gz",),
     (("2017-07-01", 180), ("2017-10-01", 30))),
)

# Pareto/NBD worlds: buying rate Gamma(r, alpha), life Gamma-mixed exponential (s, beta), in weeks;
# Erlang-k gaps. The first two are published fits (grocery: BTYDplus; apparel: CLVTools), the others
# are guesses at a rhythm: (r, alpha, s, beta, k, weeks in which newcomers come, weeks, days ahead).
MADE_UP_SHOPS = {
    "grocery": (.786, 5.679, .386, 5.717, 1, 13, 104, 364),
    "apparel": (1.449, 48.64, .561, 46.88, 1, 52, 208, 364),
    "coffee, weekly": (2.5, 2.5, .6, 30, 2, 40, 104, 60),
    "coffee, monthly": (2.0, 8, .6, 40, 2, 80, 156, 180),
    "gifts, yearly": (2.0, 104, .6, 100, 3, 300, 416, 365),
}
FIRST_DAY = datetime.date(2010, 1, 4)

# What a number is called, where it stands and how it is varied beside half and double.
NUMBERS = (
    ("transaction half-life", "[dimensions.transaction]", "half_life_days"),
    ("transaction saturation", "[dimensions.transaction]", "saturation"),
    ("transaction weight", "[dimensions.transaction]", "weight"),
    ("companionship half-life", "[dimensions.companionship]", "half_life_days"),
    ("companionship saturation", "[dimensions.companionship]", "saturation"),
    ("good half-life", "[trust]", "good_half_life_days"),
    ("bad half-life", "[trust]", "bad_half_life_days"),
    ("prior weight W", "[trust]", "prior_weight"),
    ("order: weight", 'name = "order"', "weight"),
    ("order: good", 'name = "order"', "good"),
    ("money: weight", 'name = "money"', "weight"),
    ("money: cap", 'name = "money"', "cap"),
    ("breadth: weight", 'name = "breadth"', "weight"),
    ("money back: weight", 'name = "money back"', "weight"),
    ("money back: bad", 'name = "money back"', "bad"),
)
TIERS = ("none", "micro", "weak", "strong", "super_strong")


def made_up_shop(name, path, customers=3000):
    """Writes one shop's orders; returns its one cut and horizon."""
    r, alpha, s, beta, k, start_weeks, weeks, ahead = MADE_UP_SHOPS[name]
    draw = random.Random("guanxi " + name)
    rows = []
    for customer in range(customers):
        rate = draw.gammavariate(r, 1 / alpha)
        now = draw.uniform(0, start_weeks)
        death = now + draw.expovariate(draw.gammavariate(s, 1 / beta))
        basket = math.exp(draw.gauss(3.5, .5))
        while now < min(weeks, death):
            rows.append((int(now * 7), customer, basket * draw.gammavariate(4, .25)))
            now += draw.gammavariate(k, 1 / rate)
    rows.sort()
    with open(path, "w", encoding="utf-8") as file:
        file.write("customer_id,order_id,order_date,amount\n")
        for number, (day, customer, amount) in enumerate(rows):
            date = FIRST_DAY + datetime.timedelta(day)
            file.write(f"c{customer:04},o{number:06},{date},{amount + .01:.2f}\n")
    return str(FIRST_DAY + datetime.timedelta(weeks * 7 - ahead)), ahead


class Shop:
    """One shop in a data folder of its own."""

    def __init__(self, program, folder, name, files, cuts):
        self.program, self.folder, self.name, self.cuts = program, folder, name, cuts
        self.guanxi("import", *files, "--yes")

    def guanxi(self, *words):
        done = subprocess.run([self.program, "--data", self.folder, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"guanxi {' '.join(words)} failed: {done.stderr.strip()}")
        return done.stdout

    def validate(self, model):
        """One dictionary for each cut, as `guanxi validate --json` prints it."""
        self.guanxi("model", "use", model)
        return [json.loads(self.guanxi("validate", "--at", at, "--horizon", str(days), "--json"))
                for at, days in self.cuts]


def shops(program, data, folder):
    found = []
    for name, files, cuts in REAL_SHOPS:
        paths = [os.path.join(data, file) for file in files]
        if all(map(os.path.exists, paths)):
            found.append(Shop(program, os.path.join(folder, name), name, paths, cuts))
        else:
            print(f"left out: {name} is not in {data}", file=sys.stderr)
    for name in MADE_UP_SHOPS:
        path = os.path.join(folder, name + ".csv")
        cut = made_up_shop(name, path)
        found.append(Shop(program, os.path.join(folder, name), name, [path], (cut,)))
    return found


def predictor(result, name, figure):
    for found in result["predictors"]:
        if found["name"] == name:
            value = found.get(figure)
            return float("nan") if value is None else value
    return float("nan")


def both(result, name):
    return (f"{predictor(result, name, 'auc'):.4f} / "
            f"{predictor(result, name, 'spearman'):.4f}")


def print_tables(found, model):
    rivals = ("recency", "frequency", "rfm", "bg_nbd")
    print("| shop, from, days | people | buy again | **index** | " + " | ".join(rivals) + " |")
    print("|---|---|---|---|" + "---|" * len(rivals))
    tiers = []
    for shop in found:
        for (at, days), result in zip(shop.cuts, shop.validate(model)):
            print(f"| {shop.name} {at}, {days} | {result['people']:,} | "
                  f"{100 * result['repeat_rate']:.1f} % | **{both(result, 'index')}** | " +
                  " | ".join(both(result, rival) for rival in rivals) + " |")
            cells = []
            for tier in result["tiers"]:
                cells.append(f"{tier['people']:,}: {100 * tier['repeat_rate']:.1f} %, "
                             f"{tier['mean_spend_minor'] / 100:,.0f}" if tier["people"] else "")
            tiers.append(f"| {shop.name} {at}, {days} | " + " | ".join(cells) + " |")
    print("\n| shop, from, days | " + " | ".join(TIERS) + " |\n|---|" + "---|" * len(TIERS))
    print("\n".join(tiers))


def changed(text, section, key, factor):
    """The model's text with one number multiplied; and that number."""
    start = text.index(section)
    match = re.compile(r"^(" + key + r"\s*=\s*)(-?[0-9.]+)", re.MULTILINE).search(text, start)
    value = float(match.group(2)) * factor
    shown = str(round(value)) if key.endswith("_days") else f"{value:g}"
    shown += ".0" if "." not in shown and "." in match.group(2) else ""
    return text[:match.start(2)] + shown + text[match.end(2):], shown


def print_sensitivity(found, model, folder):
    with open(model, encoding="utf-8") as file:
        text = file.read()
    variants = [("as it is", text)]
    for name, section, key in NUMBERS:
        for factor in (.5, 2):
            variant, shown = changed(text, section, key, factor)
            variants.append((f"{name} {shown}", variant))
    heads = [f"{shop.name} {at}" for shop in found for at, _ in shop.cuts]
    print("| number | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    for name, variant in variants:
        path = os.path.join(folder, "variant.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(variant)
        cells = [f"{predictor(result, 'index', 'auc'):.4f}"
                 for shop in found for result in shop.validate(path)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/bin/guanxi"))
    parser.add_argument("--model", default=os.path.join(ROOT, "models/retail.toml"))
    parser.add_argument("--shops", default=os.environ.get(
        "GUANXI_REAL_DATA", os.path.join(ROOT, "..", "shared", "data")),
        help="folder of the real shops' files")
    parser.add_argument("--sensitivity", action="store_true",
                        help="halve and double every main number in turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = shops(options.program, options.shops, folder)
        if options.sensitivity:
            print_sensitivity(found, options.model, folder)
        else:
            print_tables(found, options.model)


if __name__ == "__main__":
    main()
