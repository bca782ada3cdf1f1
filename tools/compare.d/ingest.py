"""Durable events: ours over RPC with 8 producers, SQLite in the process of its one writer."""

TITLE = "durable events a second, batches of 1,000: ours (8 producers, over RPC), SQLite (WAL, full sync)"
GOALS = {"ratio_events": 2}
RATIOS = {"ratio_events": ("events_per_second", "events_per_second", "rate")}


def OURS(place):
    return ["{program}", "bench", "ingest", "--batch", "1000", "--in-flight", "8", "--seconds",
            "0.3" if place.smoke else "6", "-o", "json"]


def PEER(place):
    return ["{python}", "{peers}/sqlite_ingest.py", "--events", 5_000 if place.smoke else 500_000,
            "--batch", "1000", "--folder", "{folder}"]
