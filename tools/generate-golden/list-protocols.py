#!/usr/bin/env python3
"""Writes testdata/golden/list-protocols: small data sets in the files of the real ones, and what
tools/list-baselines.py says of them. Counts match exactly, metrics within 1e-9.
"""

import importlib.util
import json
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "testdata/golden/list-protocols"


def write(name, lines):
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines))


def skewed(generator, count):
    """A number below `count`, small ones more often."""
    return int(count * generator.random() ** 2)


def ratings(generator):
    # Times coincide, also at the border; the last users and items are late.
    rows = {}
    for _ in range(400):
        user, item = generator.randrange(24), skewed(generator, 50)
        time = generator.randrange(100) + (100 if user >= 20 or item >= 45 else 0)
        rows[user, item] = (generator.randint(1, 5), 880_000_000 + time)
    write("ratings/u.data", (f"{u}\t{i}\t{r}\t{t}" for (u, i), (r, t) in rows.items()))


def purchases(generator):
    lists = {action: {} for action in ("view", "cart", "buy")}
    targets = {}
    for user in range(30):
        seen = {skewed(generator, 60) for _ in range(generator.randint(2, 12))}
        lists["view"][user] = sorted(seen)
        lists["cart"][user] = sorted({skewed(generator, 60) for _ in range(2)})
        lists["buy"][user] = sorted({skewed(generator, 60) for _ in range(generator.randint(1, 3))})
        wanted = generator.choice(sorted(seen)) if user % 3 else skewed(generator, 60)
        if user % 10 == 0:
            wanted = 60 + user  # an item that training lacks
        while wanted in lists["buy"][user]:
            wanted = generator.randrange(60)
        targets[user] = wanted
    for action, by_user in lists.items():
        write(
            f"purchases/{action}_train.txt",
            ("\t".join(map(str, [user] + items)) for user, items in by_user.items()),
        )
    write("purchases/buy_test.txt", (f"{user}\t{item}" for user, item in targets.items()))
    rows = [
        (1_430_000_000 + generator.randrange(10**6), user, item, action)
        for action, by_user in lists.items()
        for user, items in by_user.items()
        for item in items
        if item != targets[user]
    ]
    write(
        "timed-purchases/train.csv",
        ["user,item,behavior,timestamp"] + [f"{u},{i},{a},{t}" for t, u, i, a in sorted(rows)],
    )
    write("timed-purchases/test.csv", ["user,item"] + [f"{u},{i}" for u, i in targets.items()])


def sequences(generator):
    train = [generator.sample(range(1, 41), generator.randint(3, 15)) for _ in range(25)]
    users = sorted(generator.sample(range(25), 12))
    inputs = [train[user] for user in users]
    outputs = [
        generator.choice([item for item in range(1, 41) if item not in history])
        for history in inputs
    ]
    # As in the origin, a validation user's training sequence is one shorter.
    for user in users:
        train[user] = train[user][:-1]
    join = lambda numbers: " ".join(map(str, numbers))
    write("sequences/train_input.txt", map(join, train))
    write("sequences/val_users.txt", (str(user + 1) for user in users))
    write("sequences/val_input.txt", map(join, inputs))
    write("sequences/val_output.txt", map(str, outputs))


def sessions(generator):
    for part in ("train", "test"):
        lines, labels = [], []
        for user in range(20):
            home = [skewed(generator, 50) for _ in range(4)]
            # Places from 46 on are in the test part alone.
            place = lambda: (
                generator.choice(home) if generator.random() < 0.6 else skewed(generator, 50)
            ) % (46 if part == "train" else 50)
            visited = [[place() for _ in range(generator.randint(1, 5))] for _ in range(3)]
            lines.append(f"{user}\t" + " | ".join(" ".join(map(str, own)) for own in visited))
            labels.append(f"{user}\t{place()}")
        write(f"sessions/{part}_sessions.txt", lines)
        write(f"sessions/{part}_labels.txt", labels)
    places = (f"{i},{35 + generator.random():.6f},{139 + generator.random():.6f}" for i in range(50))
    write("sessions/poi_coordinates.csv", ["poi,lat,lon"] + list(places))


def main():
    generator = random.Random(22)
    for make in (ratings, purchases, sequences, sessions):
        make(generator)
    path = ROOT / "tools/list-baselines.py"
    specification = importlib.util.spec_from_file_location("list_baselines", path)
    baselines = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(baselines)
    cases = (
        ("ratings", "topn-time"),
        ("purchases", "leave-one-out"),
        ("timed-purchases", "leave-one-out"),
        ("sequences", "sequence-validation"),
        ("sessions", "session-labels"),
    )
    expected = {
        "capability": "list protocols and their baselines",
        "source": "tools/list-baselines.py, Python float64",
        "tolerance": 1e-9,
        "tolerance_reason": "means of at most 30 instances in float64",
        "cases": [{"folder": name} | baselines.evaluate(FOLDER / name, case) for name, case in cases],
    }
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
