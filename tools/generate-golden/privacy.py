#!/usr/bin/env python3
"""Writes testdata/golden/privacy/opendp-laplace.json: draws of OpenDP's discrete Laplace mechanism.

A million draws a scale of make_laplace over integers, as a histogram whose outer bins hold the tails.
The randomness is the system's, so that each run writes other counts; what reads them is a two-sample
test. Needs OpenDP 0.16.0 (pip install opendp), an implementation apart from the Swift code.
"""

import collections
import json
import pathlib

import opendp.prelude as dp

DRAWS = 1_000_000
# numerator, denominator, the last bin apart from the tails
SCALES = [(1, 2, 4), (4, 1, 30), (30, 1, 150)]


def histogram(numerator, denominator, last):
    mechanism = dp.m.make_laplace(
        dp.vector_domain(dp.atom_domain(T=int)),
        dp.l1_distance(T=int),
        scale=numerator / denominator,
    )
    counts = collections.Counter()
    for _ in range(DRAWS // 100_000):
        for value in mechanism([0] * 100_000):
            counts[max(-last - 1, min(last + 1, value))] += 1
    return {
        "name": f"scale {numerator}/{denominator}",
        "numerator": numerator,
        "denominator": denominator,
        "last": last,
        "counts": [counts[value] for value in range(-last - 1, last + 2)],
    }


def main():
    dp.enable_features("contrib")
    vectors = {
        "capability": "discrete Laplace noise",
        "source": "tools/generate-golden/privacy.py, OpenDP 0.16.0 make_laplace over integers",
        "tolerance": 0.001,
        "toleranceReason": "the least p-value of a two-sample chi-square test at 10^6 draws",
        "cases": [histogram(*scale) for scale in SCALES],
    }
    root = pathlib.Path(__file__).resolve().parents[2]
    path = root / "testdata/golden/privacy/opendp-laplace.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(vectors) + "\n")


if __name__ == "__main__":
    main()
