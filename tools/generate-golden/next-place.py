#!/usr/bin/env python3
"""Writes testdata/golden/next-place: a small town's check-ins in the files of GETNext, and what
tools/baselines.py says of them. Integers of the protocols match exactly, metrics within 1e-9.

    tools/generate-golden/next-place.py [FOLDER]
"""

import csv
import datetime
import importlib.util
import json
import os
import random
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FOLDER = os.path.join(ROOT, "testdata", "golden", "next-place")
COLUMNS = (
    "user_id", "POI_id", "POI_catname", "latitude", "longitude", "timezone", "UTC_time",
    "trajectory_id",
)


def check_ins(generator):
    """Users with favourites who move about; gaps of more than a day start a new trajectory."""
    items = [
        (f"p{i:02}", f"cat{i % 4}", 40.6 + generator.random() * 0.2, -74 + generator.random() * 0.2)
        for i in range(45)
    ]
    rows = []
    for user in range(14):
        favourites = generator.sample(items, 4)
        time, number = 1_350_000_000 + generator.randrange(90_000), 0
        # The last users are late: some are not in the training part at all.
        time += 4_000_000 if user >= 12 else 0
        while time < 1_356_000_000:
            choices = favourites if generator.random() < 0.7 else items
            item = generator.choice(choices)
            # Some items are new in the last part.
            if item[0] >= "p42" and time < 1_354_800_000:
                item = items[0]
            rows.append((user, item, time, number))
            # Whole minutes, so that instants coincide now and then.
            gap = generator.choice((1_800, 3_600, 7_200, 36_000, 86_400, 200_000))
            number += gap > 86_400
            time += gap
    return sorted(rows, key=lambda row: row[2])


def write(folder, generator):
    parts = {
        "getnext_train_reconstructed.csv": (0, 1_354_000_000),
        "getnext_val.csv": (1_354_000_000, 1_355_000_000),
        "getnext_test.csv": (1_355_000_000, 2_000_000_000),
    }
    rows = check_ins(generator)
    for name, (start, end) in parts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for user, (item, category, latitude, longitude), time, number in rows:
                if not start <= time < end:
                    continue
                moment = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
                writer.writerow(
                    (
                        user, item, category, f"{latitude:.6f}", f"{longitude:.6f}", -300,
                        moment.strftime("%Y-%m-%d %H:%M:%S+00:00"), f"{user}_{number}",
                    )
                )


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else FOLDER
    os.makedirs(folder, exist_ok=True)
    write(folder, random.Random(20121221))
    path = os.path.join(ROOT, "tools", "baselines.py")
    spec = importlib.util.spec_from_file_location("baselines", path)
    baselines = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(baselines)
    expected = [
        baselines.evaluate(folder, protocol, part) | {"part": part}
        for protocol in baselines.PROTOCOLS
        for part in ("validation", "test")
    ]
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as stream:
        golden = {"source": "tools/baselines.py", "tolerance": 1e-9, "cases": expected}
        json.dump(golden, stream, indent=1)
        stream.write("\n")


if __name__ == "__main__":
    main()
