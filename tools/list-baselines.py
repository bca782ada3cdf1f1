#!/usr/bin/env python3
"""The list protocols and their counting baselines once more, independent of the Swift code.

    tools/list-baselines.py DIR PROTOCOL

PROTOCOL: topn-time, leave-one-out, sequence-validation or session-labels; DIR holds the data set's
files, plain or .xz; the test part alone. Prints one JSON object: instances, groups {name: instances},
baselines {name: {metric: value}}. Standard library only; float64; equal scores share the mean of
their ranks.
"""

import argparse
import csv
import io
import json
import lzma
import math
import os
from collections import Counter, defaultdict


def text(folder, name):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    with lzma.open(path + ".xz", "rt", encoding="utf-8") as stream:
        return stream.read()


def lines(folder, name):
    return [line for line in text(folder, name).split("\n") if line]


def table(folder, name):
    return list(csv.DictReader(io.StringIO(text(folder, name))))


def rank(scores, target, masked):
    """Scores by item; comparable, higher is better."""
    own = scores[target]
    free = [score for item, score in scores.items() if item not in masked]
    return sum(score > own for score in free) + (sum(score == own for score in free) + 1) / 2


def measure(items, instances, score, cutoffs, hit):
    """Means over instances (history, masked, relevant, group); missing targets are missed."""
    sums = Counter()
    for instance in instances:
        scores = {item: score(item, instance) for item in items}
        relevant = instance["relevant"]
        ranks = sorted(
            rank(scores, item, instance["masked"])
            for item in relevant
            if item in scores and item not in instance["masked"]
        )
        for k in cutoffs:
            found = [place for place in ranks if place <= k]
            best = min(k, len(relevant))
            ideal = sum(1 / math.log2(place + 1) for place in range(1, best + 1))
            sums[f"{hit}@{k}"] += bool(found)
            sums[f"recall@{k}"] += len(found) / len(relevant)
            sums[f"ndcg@{k}"] += sum(1 / math.log2(place + 1) for place in found) / ideal
            sums[f"map@{k}"] += sum((j + 1) / place for j, place in enumerate(found)) / best
        sums["mrr"] += 1 / ranks[0] if ranks else 0
    return {name: value / len(instances) for name, value in sums.items()}


def topn_time(folder):
    rows = [tuple(map(int, line.split("\t"))) for line in lines(folder, "u.data")]
    border = sorted(row[3] for row in rows)[int(len(rows) * 0.8)]
    train = [row for row in rows if row[3] < border]
    popularity = Counter(item for _, item, _, _ in train)
    seen, liked = defaultdict(set), defaultdict(set)
    for user, item, _, _ in train:
        seen[user].add(item)
    for user, item, rating, time in rows:
        if time >= border and rating >= 4:
            liked[user].add(item)
    instances = [
        dict(masked=seen[user], relevant=liked[user], group="warm" if seen[user] else "cold")
        for user in liked
    ]
    score = {"popularity": lambda item, instance: popularity[item]}
    return popularity, instances, score, (10, 20), "acc"


def behaviours(folder):
    """(user, item, action) of training, and target by user."""
    try:
        rows = [(row["user"], row["item"], row["behavior"]) for row in table(folder, "train.csv")]
        return rows, {row["user"]: row["item"] for row in table(folder, "test.csv")}
    except FileNotFoundError:
        rows = [
            (line.split()[0], item, action)
            for action in ("view", "cart", "buy")
            for line in lines(folder, f"{action}_train.txt")
            for item in line.split()[1:]
        ]
        return rows, dict(line.split() for line in lines(folder, "buy_test.txt"))


def leave_one_out(folder):
    rows, targets = behaviours(folder)
    counts = {action: Counter() for action in ("view", "cart", "buy")}
    own = {action: defaultdict(set) for action in counts}
    for user, item, action in rows:
        counts[action][item] += 1
        own[action][user].add(item)
    items = {item for _, item, _ in rows}
    instances = []
    for user, item in targets.items():
        touched = item in own["view"][user] or item in own["cart"][user]
        group = "unseen" if item not in items else "touched" if touched else "untouched"
        instances.append(
            dict(user=user, masked=own["buy"][user], relevant={item}, group=group)
        )

    def tier(item, instance):
        user = instance["user"]
        return 2 * (item in own["cart"][user]) + (item in own["view"][user])

    def rate(item):
        return counts["buy"][item] / (counts["view"][item] + 20)

    def ordered(levels, order):
        def score(item, instance):
            level = levels(item, instance)
            return (level, order(item) if level else counts["buy"][item])

        return score

    score = {
        "popularity": lambda item, instance: counts["buy"][item],
        "own-carts-views": ordered(tier, lambda item: counts["buy"][item]),
        "own-carts-views-rate": ordered(tier, rate),
        "own-rate": ordered(lambda item, instance: bool(tier(item, instance)), rate),
    }
    return items, instances, score, (10, 20), "hr"


def sequence_validation(folder):
    train = [line.split() for line in lines(folder, "train_input.txt")]
    popularity = Counter(item for sequence in train for item in sequence)
    follows = defaultdict(Counter)
    for sequence in train:
        for before, after in zip(sequence, sequence[1:]):
            follows[before][after] += 1
    histories = [line.split() for line in lines(folder, "val_input.txt")]
    instances = [
        dict(last=history[-1], masked=set(history), relevant={target}, group="")
        for history, target in zip(histories, lines(folder, "val_output.txt"))
    ]
    score = {
        "popularity": lambda item, instance: popularity[item],
        "transitions": lambda item, instance: (
            follows[instance["last"]][item], popularity[item]
        ),
    }
    return popularity, instances, score, (1, 10), "acc"


def session_labels(folder):
    def part(name):
        labels = dict(line.split("\t") for line in lines(folder, f"{name}_labels.txt"))
        for line in lines(folder, f"{name}_sessions.txt"):
            user, sessions = line.split("\t")
            yield [session.split() for session in sessions.split("|")], labels[user]

    visits, labels, after, follows = Counter(), Counter(), defaultdict(Counter), defaultdict(Counter)
    for sessions, label in part("train"):
        after[sessions[-1][-1]][label] += 1
        labels[label] += 1
        sessions[-1].append(label)
        for session in sessions:
            visits.update(session)
            for before, here in zip(session, session[1:]):
                follows[before][here] += 1
    instances = []
    for sessions, label in part("test"):
        history = [item for session in sessions for item in session if item in visits]
        own = defaultdict(Counter)
        for before, here in zip(history, history[1:]):
            own[before][here] += 1
        group = "returns" if any(label in session for session in sessions) else "discoveries"
        instances.append(
            dict(
                last=history[-1], counts=Counter(history), own=own[history[-1]], masked=set(),
                relevant={label}, group=group if label in visits else "unseen",
            )
        )
    most = max(visits.values())

    def markov(item, instance):
        own, everyone = instance["own"], follows[instance["last"]]
        score = instance["counts"][item] / sum(instance["counts"].values())
        score += 1e-6 * visits[item] / most
        if item in own:
            score += 2 * own[item] / (sum(own.values()) + 2)
        if item in everyone:
            score += 0.3 * everyone[item] / (sum(everyone.values()) + 5)
        return score

    score = {
        "popularity": lambda item, instance: visits[item],
        "label-popularity": lambda item, instance: labels[item],
        "label-after-item": lambda item, instance: (after[instance["last"]][item], labels[item]),
        "count": lambda item, instance: (instance["counts"][item], visits[item]),
        "count-markov": markov,
    }
    return visits, instances, score, (5, 10), "acc"


PROTOCOLS = {
    "topn-time": topn_time,
    "leave-one-out": leave_one_out,
    "sequence-validation": sequence_validation,
    "session-labels": session_labels,
}


def evaluate(folder, protocol):
    items, instances, scores, cutoffs, hit = PROTOCOLS[protocol](folder)
    items = sorted(items)
    groups = Counter(instance["group"] for instance in instances if instance["group"])
    return {
        "protocol": protocol,
        "items": len(items),
        "instances": len(instances),
        "groups": dict(sorted(groups.items())),
        "baselines": {
            name: measure(items, instances, score, cutoffs, hit) for name, score in scores.items()
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("protocol", choices=PROTOCOLS)
    options = parser.parse_args()
    print(json.dumps(evaluate(options.folder, options.protocol), indent=2))


if __name__ == "__main__":
    main()
