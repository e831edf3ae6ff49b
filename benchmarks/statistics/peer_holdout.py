"""CDNOW's holdout by the package `lifetimes`, beside statistics_holdout: docs/statistics/holdout.md.

    gzip -dc CDNOW_sample.txt.gz | python peer_holdout.py sample
"""

import sys
import time
import warnings

import numpy
import pandas
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from lifetimes.utils import calibration_and_holdout_data

warnings.filterwarnings("ignore")


def main():
    names = ["id", "date", "cds", "sales"]
    names = ["master"] + names if sys.argv[1] == "sample" else names
    rows = pandas.read_csv(sys.stdin, sep=r"\s+", names=names,
                           skiprows=0 if sys.argv[1] == "sample" else 1)
    rows["date"] = pandas.to_datetime(rows["date"], format="%Y%m%d")
    people = calibration_and_holdout_data(rows, "id", "date", "1997-09-30", "1998-06-30", freq="D")
    x, t_x, age = people.frequency_cal, people.recency_cal / 7, people.T_cal / 7
    print("| model | purchases foretold | MAE | RMSE | r | CPU s to fit |")
    print("|---|---|---|---|---|---|")
    for name, fitter in (("BG/NBD", BetaGeoFitter()), ("MBG/NBD", ModifiedBetaGeoFitter()),
                         ("Pareto/NBD", ParetoNBDFitter())):
        numpy.random.seed(1)
        began = time.process_time()
        fitter.fit(x, t_x, age)
        spent = time.process_time() - began
        said = fitter.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, age)
        miss = said - people.frequency_holdout
        print(f"| lifetimes {name} | {said.sum():.2f} of {people.frequency_holdout.sum():.0f} | "
              f"{miss.abs().mean():.5f} | {(miss ** 2).mean() ** .5:.5f} | "
              f"{numpy.corrcoef(said, people.frequency_holdout)[0, 1]:.5f} | {spent:.3f} |",
              flush=True)


if __name__ == "__main__":
    main()
