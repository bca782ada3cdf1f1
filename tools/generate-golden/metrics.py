#!/usr/bin/env python3
"""Writes testdata/golden/metrics: ranking metrics of small cases, in float64.

ranking.json holds single rankings, lists.json lists of many instances and the bootstrap intervals
between two rankings of them. Written from the definitions, apart from the Swift code: ranks and
AUC by comparing every pair, ties at the mean of the places they take up, Gini from all
differences, diversity from all cosines. Standard library only; the seed is fixed.
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


def scores_of(generator, count):
    """Few distinct values, exact in float32; None is not a number, and below all numbers."""
    return [None if generator.random() < 0.05 else generator.randint(0, 9) / 4 for _ in range(count)]


def ranking(scores, masked, relevant, k):
    """Ranks by pairs, the list by sorting, and every metric of the one instance."""
    key = [-1.0 if score is None else score for score in scores]
    free = [item for item in range(len(scores)) if item not in masked]
    ranks = sorted(
        1
        + sum(key[other] > key[item] for other in free)
        + sum(key[other] == key[item] for other in free if other != item) / 2
        for item in relevant
        if item not in masked
    )
    found = [rank for rank in ranks if rank <= k]
    right = total = 0.0
    for item in relevant:
        for other in free:
            if other in relevant:
                continue
            total += 1
            if item not in masked:
                right += (key[item] > key[other]) + (key[item] == key[other]) / 2
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(relevant)) + 1))
    return {
        "list": sorted(free, key=lambda item: (-key[item], item))[:k],
        "hit": float(bool(found)),
        "precision": len(found) / k,
        "recall": len(found) / len(relevant),
        "ndcg": sum(1 / math.log2(rank + 1) for rank in found) / ideal,
        "map": sum((j + 1) / rank for j, rank in enumerate(found)) / min(k, len(relevant)),
        "mrr": 1 / ranks[0] if ranks else 0.0,
        "auc": right / total if total else 0.5,
    }


def cosine(a, b):
    norms = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b)) / norms if norms else 0.0


def lists_case(generator):
    count, dimension = generator.randint(12, 30), 3
    popularity = [generator.randint(0, 40) for _ in range(count)]
    vectors = [[generator.randint(-4, 4) / 2 for _ in range(dimension)] for _ in range(count)]
    vectors[0] = [0.0] * dimension
    instances, outcomes = [], []
    for _ in range(generator.randint(4, 25)):
        relevant = sorted(generator.sample(range(count), generator.randint(1, 8)))
        masked = sorted(generator.sample(range(count), generator.randint(0, count // 4)))
        scores = scores_of(generator, count)
        instances.append({"scores": scores, "masked": masked, "relevant": relevant})
        outcomes.append(ranking(scores, masked, relevant, K))
    lists = [outcome.pop("list") for outcome in outcomes]
    times = [sum(chosen.count(item) for chosen in lists) for item in range(count)]
    events = sum(popularity)
    metrics = {
        name: sum(outcome[name] for outcome in outcomes) / len(outcomes)
        for name in outcomes[0]
    }
    metrics["coverage"] = sum(number > 0 for number in times) / count
    metrics["gini"] = sum(abs(a - b) for a in times for b in times) / (2 * count * sum(times))
    metrics["novelty"] = sum(
        sum(-math.log2(max(1, popularity[item]) / events) for item in chosen) / len(chosen)
        for chosen in lists
    ) / len(lists)
    metrics["diversity"] = sum(
        1
        - sum(cosine(vectors[a], vectors[b]) for a in chosen for b in chosen if a != b)
        / (len(chosen) * (len(chosen) - 1))
        for chosen in lists
    ) / len(lists)
    return {
        "popularity": popularity,
        "vectors": vectors,
        "instances": instances,
        "lists": lists,
        "metrics": metrics,
    }


def split_mix_64(seed):
    """Steele, Lea and Flood 2014."""
    bits = (1 << 64) - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & bits
        mixed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & bits
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & bits
        yield mixed ^ (mixed >> 31)


def bootstrap_case(generator, seed):
    count = generator.randint(20, 40)
    ours = [generator.random() for _ in range(count)]
    theirs = [generator.random() * 0.9 for _ in range(count)]
    means = []
    for resample in range(10_000):
        numbers = split_mix_64(seed + resample)
        drawn = [(next(numbers) * count) >> 64 for _ in range(count)]
        means.append(sum(ours[i] for i in drawn) / count - sum(theirs[i] for i in drawn) / count)
    means.sort()
    return {
        "seed": seed,
        "ours": ours,
        "theirs": theirs,
        "low": means[250],
        "high": means[10_000 - 1 - 250],
    }


def write(name, vectors, indent=1):
    folder = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/metrics"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(vectors, indent=indent) + "\n")


def write_lists():
    generator = random.Random(21)
    write(
        "lists.json",
        {
            "capability": "metrics of lists over many instances, and paired bootstrap intervals",
            "source": "tools/generate-golden/metrics.py, Python float64",
            "tolerance": 1e-12,
            "tolerance_reason": "sums of at most 40 terms in float64",
            "k": K,
            "cases": [lists_case(generator) for _ in range(12)],
            "bootstrap": [bootstrap_case(generator, seed) for seed in (1, 7)],
        },
        indent=None,
    )


def main():
    write_lists()
    generator = random.Random(20)
    vectors = {
        "capability": "ranking metrics with expected ranks on ties",
        "source": "tools/generate-golden/metrics.py, Python float64",
        "tolerance": 1e-12,
        "tolerance_reason": "sums of at most eight terms in float64",
        "k": K,
        "cases": [case(generator) for _ in range(40)],
    }
    write("ranking.json", vectors)


if __name__ == "__main__":
    main()
