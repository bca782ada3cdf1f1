"""Exact top-20 by inner product of a million rows of 64 standard normal numbers, one thread."""

import array
import subprocess
import sys

TITLE = "exact top-20 of 1 M x 64, 1 thread, one query and 64: ours and faiss IndexFlatIP"
GOALS = {"ratio_single": 6, "ratio_batch": 4, "identical_ids": 1}
RATIOS = {
    "ratio_single": ("single_ms", "single_query_ms", "time"),
    "ratio_batch": ("batch_ms", "batch64_per_query_ms", "time"),
}
DIMENSION, K, QUERIES = 64, 20, 64

MAKE = """
import sys, numpy
rows, queries, dimension, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
for name, count, seed in (("rows", rows, 0), ("queries", queries, 1)):
    numbers = numpy.random.default_rng(seed).standard_normal((count, dimension), dtype=numpy.float32)
    numbers.astype("<f4").tofile(f"{folder}/{name}.f32")
"""


def prepare(place):
    """Both sides read the same rows and queries."""
    items = 10_000 if place.smoke else 1_000_000
    subprocess.run([place.python, "-c", MAKE, str(items), str(QUERIES), str(DIMENSION), place.folder],
                   check=True)


def words(place, side):
    return ["--vectors", "{folder}/rows.f32", "--queries", "{folder}/queries.f32",
            "--ids-out", "{folder}/" + side + ".ids", "--dimension", DIMENSION, "--k", K,
            "--threads", "1", "--rounds", "1" if place.smoke else "3"]


def OURS(place):
    return ["{program}", "bench", "topk", *words(place, "ours"), "-o", "json"]


def PEER(place):
    return ["{python}", "{peers}/faiss_topk.py", *words(place, "peer")]


def numbers(path, kind):
    values = array.array(kind, path.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    return values


def check(place, ours, peer):
    """1 where the lists are the same, up to pairs whose float64 scores differ by less than 1e-6."""
    found = [numbers(place.folder / f"{side}.ids", "q") for side in ("ours", "peer")]
    if len(found[0]) != len(found[1]):
        return {"identical_ids": 0}
    rows, queries = (numbers(place.folder / f"{name}.f32", "f") for name in ("rows", "queries"))

    def score(item, query):
        return sum(rows[item * DIMENSION + column] * queries[query * DIMENSION + column]
                   for column in range(DIMENSION))

    for at, (mine, theirs) in enumerate(zip(*found)):
        if mine != theirs:
            scores = score(mine, at // K), score(theirs, at // K)
            if abs(scores[0] - scores[1]) > 1e-6 * max(map(abs, scores)):
                return {"identical_ids": 0}
    return {"identical_ids": 1}
