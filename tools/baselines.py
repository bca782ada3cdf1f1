#!/usr/bin/env python3
"""The next-place protocols and their baselines once more, independent of the Swift code.

    tools/baselines.py DIR [--protocol NAME] [--part validation|test]

DIR holds getnext_train_reconstructed.csv, getnext_val.csv and getnext_test.csv, plain or .xz. Prints
one JSON object: protocol, instances, returns, discoveries, baselines {name: {acc@1 … mrr}}.
Standard library only; float64; equal scores share the mean of their ranks.
"""

import argparse
import csv
import datetime
import io
import json
import lzma
import math
import os
from collections import Counter, defaultdict

PARTS = (
    ("train", "getnext_train_reconstructed.csv"),
    ("validation", "getnext_val.csv"),
    ("test", "getnext_test.csv"),
)
PROTOCOLS = ("next-place-getnext", "next-place-sthgcn", "next-place-sthgcn-timed")
CELL_LEVEL = 13


def read(folder):
    """Check-ins of all parts in time order; those of one second in the order of the files."""
    rows = []
    for part, name in PARTS:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            stream = open(path, encoding="utf-8", newline="")
        else:
            stream = io.TextIOWrapper(lzma.open(path + ".xz"), encoding="utf-8", newline="")
        with stream:
            for record in csv.DictReader(stream):
                time = datetime.datetime.fromisoformat(record["UTC_time"])
                if time.tzinfo is None:
                    time = time.replace(tzinfo=datetime.timezone.utc)
                rows.append(
                    {
                        "part": part,
                        "order": len(rows),
                        "user": record["user_id"],
                        "item": record["POI_id"],
                        "time": int(time.timestamp()),
                        "offset": int(record["timezone"]),
                        "trajectory": record["trajectory_id"],
                        "point": (float(record["latitude"]), float(record["longitude"])),
                    }
                )
    rows.sort(key=lambda row: row["time"])
    return rows


def trajectories(rows):
    by_id = {}
    for row in rows:
        by_id.setdefault(row["trajectory"], []).append(row)
    return list(by_id.values())


def getnext_instances(rows, part):
    """Trajectories inside the part alone, over users and items of train, of three or more."""
    users = {row["user"] for row in rows if row["part"] == "train"}
    items = {row["item"] for row in rows if row["part"] == "train"}
    kept = [row for row in rows if row["part"] == part and row["item"] in items]
    return [
        (trajectory[-1], trajectory[:-1])
        for trajectory in trajectories(kept)
        if len(trajectory) >= 3 and trajectory[0]["user"] in users
    ]


def sthgcn_instances(rows, part):
    """Last check-ins of trajectories in the part, at users and items of the training samples."""
    begun, users, items = set(), set(), set()
    for row in rows:
        if row["part"] != "train":
            continue
        if row["trajectory"] in begun:
            users.add(row["user"])
            items.add(row["item"])
        begun.add(row["trajectory"])
    train_items = {row["item"] for row in rows if row["part"] == "train"}
    found = []
    for trajectory in trajectories(rows):
        last = trajectory[-1]
        if len(trajectory) < 2 or last["part"] != part:
            continue
        if last["user"] in users and last["item"] in items:
            found.append((last, [row for row in trajectory[:-1] if row["item"] in train_items]))
    return found


def local_hour(row):
    return (row["time"] + row["offset"] * 60) // 3600 % 24


def cell(point, level=CELL_LEVEL):
    """Face and (i, j) of the S2 cell: equal exactly where the S2 cell ids are."""
    latitude, longitude = math.radians(point[0]), math.radians(point[1])
    x = math.cos(latitude) * math.cos(longitude)
    y = math.cos(latitude) * math.sin(longitude)
    z = math.sin(latitude)
    sizes = [abs(x), abs(y), abs(z)]
    axis = sizes.index(max(sizes))
    face = axis if (x, y, z)[axis] > 0 else axis + 3
    u, v = {
        0: lambda: (y / x, z / x),
        1: lambda: (-x / y, z / y),
        2: lambda: (-x / z, -y / z),
        3: lambda: (z / x, y / x),
        4: lambda: (z / y, -x / y),
        5: lambda: (-y / z, -x / z),
    }[face]()

    def index(w):
        s = 0.5 * math.sqrt(1 + 3 * w) if w >= 0 else 1 - 0.5 * math.sqrt(1 - 3 * w)
        return min(2**30 - 1, max(0, math.floor(2**30 * s))) >> (30 - level)

    return face, index(u), index(v)


class Baselines:
    """Counts of the training part over its items, in the order of the items' UTF-8 bytes."""

    def __init__(self, rows, is_time_given):
        train = [row for row in rows if row["part"] == "train"]
        self.is_time_given = is_time_given
        self.items = sorted({row["item"] for row in train}, key=lambda item: item.encode())
        self.index = {item: index for index, item in enumerate(self.items)}
        self.popularity = [0.0] * len(self.items)
        self.by_hour = [[0.0] * len(self.items) for _ in range(24)]
        self.cells = [None] * len(self.items)
        self.visits = defaultdict(Counter)
        self.own = defaultdict(Counter)
        self.everyone = defaultdict(Counter)
        last = {}
        for row in train:
            item = self.index[row["item"]]
            self.popularity[item] += 1
            self.by_hour[local_hour(row)][item] += 1
            self.visits[row["user"]][item] += 1
            if row["trajectory"] in last:
                before = last[row["trajectory"]]
                self.own[row["user"], before][item] += 1
                self.everyone[before][item] += 1
            last[row["trajectory"]] = item

    def place_items(self, first_points):
        self.cells = [cell(first_points[item]) for item in self.items]

    def scores(self, name, target, prefix):
        popularity = self.popularity
        if name == "popularity":
            return popularity
        if name == "popularity-by-hour":
            if self.is_time_given:
                hour = local_hour(target)
            elif prefix:
                hour = local_hour(prefix[-1])
            else:
                return popularity
            return [a + 1e-6 * b for a, b in zip(self.by_hour[hour], popularity)]
        if name == "popularity-by-cell":
            if not prefix:
                return popularity
            here = self.cells[self.index[prefix[-1]["item"]]]
            return [
                (count if cell == here else 0.0) + 1e-6 * count
                for cell, count in zip(self.cells, popularity)
            ]
        counts = [0.0] * len(self.items)
        for item, count in self.visits[target["user"]].items():
            counts[item] = float(count)
        for row in prefix:
            counts[self.index[row["item"]]] += 1
        counts = [a + 1e-6 * b for a, b in zip(counts, popularity)]
        if name == "count":
            return counts
        total = 0.0
        for count in counts:
            total += count
        scores = [count / total for count in counts]
        if prefix:
            before = self.index[prefix[-1]["item"]]
            own, everyone = self.own[target["user"], before], self.everyone[before]
            own_total, total = sum(own.values()), sum(everyone.values())
            for item, count in own.items():
                scores[item] += 2 * count / (own_total + 2)
            for item, count in everyone.items():
                scores[item] += 0.3 * count / (total + 5)
        return scores

    def rank(self, name, target, prefix):
        scores = self.scores(name, target, prefix)
        own = scores[self.index[target["item"]]]
        higher = sum(1 for score in scores if score > own)
        equal = sum(1 for score in scores if score == own)
        return higher + (equal + 1) / 2


def metrics(ranks):
    count = max(1, len(ranks))
    found = {f"acc@{k}": sum(1 for rank in ranks if rank <= k) / count for k in (1, 5, 10, 20)}
    found["mrr"] = sum(1 / rank for rank in ranks) / count
    return found


def evaluate(folder, protocol, part):
    rows = read(folder)
    find = getnext_instances if protocol == "next-place-getnext" else sthgcn_instances
    instances = find(rows, part)
    baselines = Baselines(rows, protocol.endswith("-timed"))
    first_points = {}
    for row in sorted(rows, key=lambda row: row["order"]):
        first_points.setdefault(row["item"], row["point"])
    baselines.place_items(first_points)
    visited = {(row["user"], row["item"]) for row in rows if row["part"] == "train"}
    returns = sum((target["user"], target["item"]) in visited for target, _ in instances)
    names = ("popularity", "popularity-by-hour", "popularity-by-cell", "count", "count-markov")
    return {
        "protocol": protocol,
        "instances": len(instances),
        "returns": returns,
        "discoveries": len(instances) - returns,
        "baselines": {
            name: metrics([baselines.rank(name, *instance) for instance in instances])
            for name in names
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="next-place-sthgcn")
    parser.add_argument("--part", choices=("validation", "test"), default="test")
    options = parser.parse_args()
    print(json.dumps(evaluate(options.folder, options.protocol, options.part), indent=2))


if __name__ == "__main__":
    main()
