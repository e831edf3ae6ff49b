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
     (("1997-09-30", 273), ("1998-01-01", 180), ("1997-06-30", 180))),
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
    return FIRST_DAY + datetime.timedelta(weeks * 7 - ahead - 1), ahead
