"""The same fits by the package `lifetimes`, in CPU seconds: benchmarks/statistics/run.sh calls it.

Reads customers as statistics_speed --write made them. Equal rows are collapsed first and given as
weights, which is the package at its best; collapsing is counted by itself.
"""

import sys
import time
import warnings

import numpy
import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

warnings.filterwarnings("ignore")


def timed(name, people, work):
    began = time.process_time()
    note = work()
    print(f"{name:34} {people:10} {time.process_time() - began:9.4f}  {note or ''}", flush=True)


def main():
    people = pandas.read_csv(sys.argv[1])
    with_pareto = len(sys.argv) > 2 and sys.argv[2] == "--pareto"
    keys = ["frequency", "recency", "T"]
    cells = None

    def collapse():
        nonlocal cells
        cells = people.groupby(keys).size().reset_index(name="n")
        return f"{len(cells)} distinct"

    def fit(fitter):
        numpy.random.seed(1)
        fitter.fit(cells.frequency, cells.recency, cells["T"], weights=cells.n)
        return " ".join(f"{name}={value:.4f}" for name, value in fitter.params_.items())

    count = len(people)
    timed("lifetimes: collapse", count, collapse)
    model = BetaGeoFitter()
    timed("lifetimes: BG/NBD fit", count, lambda: fit(model))
    timed("lifetimes: MBG/NBD fit", count, lambda: fit(ModifiedBetaGeoFitter()))
    if with_pareto:
        timed("lifetimes: Pareto/NBD fit", count, lambda: fit(ParetoNBDFitter()))
    again = people[(people.frequency > 0) & (people.monetary_value > 0)]
    timed("lifetimes: Gamma-Gamma fit", len(people),
          lambda: GammaGammaFitter().fit(again.frequency, again.monetary_value) and "")
    timed("lifetimes: BG/NBD expected", count,
          lambda: model.predict(39, people.frequency, people.recency, people["T"]) is None or "")


if __name__ == "__main__":
    main()
