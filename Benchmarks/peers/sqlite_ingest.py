"""Durable event inserts in SQLite: write-ahead log, full sync, one transaction a batch, ids unique.

The rows are made before the clock starts, so that only SQLite is measured. Prints one JSON object.
"""

import argparse
import json
import pathlib
import sqlite3
import tempfile
import time

TABLE = """
create table event(id text primary key, user text, item text, action integer, instant integer,
                   latitude real, longitude real) without rowid
"""


def row(number):
    return (f"e{number:012d}", f"user{number % 50_021}", f"item{number % 20_011}", number % 4,
            1_700_000_000_000 + number, 40.7, -74.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--folder", help="on the disk to measure")
    options = parser.parse_args()
    batches = [[row(start + index) for index in range(options.batch)]
               for start in range(0, options.events, options.batch)]
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        base = sqlite3.connect(pathlib.Path(folder) / "events.db", isolation_level=None)
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
        base.execute(TABLE)
        start = time.perf_counter()
        for rows in batches:
            base.execute("begin")
            base.executemany("insert into event values (?, ?, ?, ?, ?, ?, ?)", rows)
            base.execute("commit")
        seconds = time.perf_counter() - start
        count = base.execute("select count(*) from event").fetchone()[0]
        assert count == options.events, f"{count} rows of {options.events}"
        base.close()
    print(json.dumps({"peer": f"SQLite {sqlite3.sqlite_version}", "events": options.events,
                      "batch": options.batch, "events_per_second": options.events / seconds}))


if __name__ == "__main__":
    main()
