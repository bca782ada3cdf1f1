#!/usr/bin/env python3
"""Writes testdata/golden/metrics/ranking.json: ranking metrics of small cases, in float64.

Written from the definitions, apart from the Swift code: ranks by comparing every pair, ties at
the mean of the places they take up. Standard library only; the seed is fixed.
"""

import json
import math
import pathlib
import random

K = 5


def expected_rank(item, scores):
    higher = sum(1 for score in scores if score is not None and score > scores[item])
    equal = sum(1 for score in scores if score is not None and score == scores[item])
    return sum(range(higher + 1, higher + equal + 1)) / equal


def case(generator):
    count = generator.randint(3, 40)
    # Few distinct values, all exact in float32, so that ties are frequent.
    scores = [generator.randint(0, 9) / 4 for _ in range(count)]
    masked = set(generator.sample(range(count), generator.randint(0, count // 3)))
    free = [item for item in range(count) if item not in masked]
    relevant = sorted(generator.sample(free, generator.randint(1, min(8, len(free)))))
    shown = [None if item in masked else score for item, score in enumerate(scores)]
    ranks = [expected_rank(item, shown) for item in relevant]
    hits = [rank for rank in ranks if rank <= K]
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(K, len(relevant)) + 1))
    return {
        "scores": scores,
        "masked": sorted(masked),
        "relevant": relevant,
        "ranks": ranks,
        "recall": len(hits) / len(relevant),
        "ndcg": sum(1 / math.log2(rank + 1) for rank in hits) / ideal,
        "reciprocal_rank": 1 / ranks[0],
    }


def main():
    generator = random.Random(20)
    vectors = {
        "capability": "ranking metrics with expected ranks on ties",
        "source": "tools/generate-golden/metrics.py, Python float64",
        "tolerance": 1e-12,
        "tolerance_reason": "sums of at most eight terms in float64",
        "k": K,
        "cases": [case(generator) for _ in range(40)],
    }
    folder = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/metrics"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ranking.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
