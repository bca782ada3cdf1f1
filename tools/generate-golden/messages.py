#!/usr/bin/python3
"""Writes testdata/golden/messages with Google's Python protobuf, which shares no code with ours.

    tools/generate-golden/messages.py

For each case: CASE.bin, the wire bytes; CASE.json, the canonical JSON form; and CASE.known.bin where the bytes
hold fields that the contract does not know: what is left without them. cases.tsv lists case and message type.
Needs Debian's protobuf-compiler and python3-protobuf.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import json_format

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "testdata/golden/messages"

# Fields 200 to 203, of each wire type: from a peer of a later version.
UNKNOWN_FIELDS = bytes.fromhex("c00c 9601  ca0c 03 00ff61  d10c 0102030405060708  dd0c 090a0b0c")


def contract():
    """The generated modules of proto/chronotope/v1, made anew."""
    folder = tempfile.TemporaryDirectory()
    protos = sorted((ROOT / "proto/chronotope/v1").glob("*.proto"))
    arguments = ["protoc", f"--proto_path={ROOT / 'proto'}", f"--python_out={folder.name}"]
    subprocess.run(arguments + [str(proto) for proto in protos], check=True)
    sys.path.insert(0, folder.name)
    from chronotope.v1 import (
        alerts_pb2, common_pb2, health_pb2, ingest_pb2, model_pb2, pattern_pb2, query_pb2, reflection_pb2,
        release_pb2, rpc_pb2, training_pb2,
    )
    names = {}
    for module in (
        alerts_pb2, common_pb2, health_pb2, ingest_pb2, model_pb2, pattern_pb2, query_pb2, reflection_pb2,
        release_pb2, rpc_pb2, training_pb2,
    ):
        names |= {name: getattr(module, name) for name in module.DESCRIPTOR.message_types_by_name}
    return folder, names


def cases(m):
    """Case name -> message."""
    coffee = m["Event"](
        id="e-1", user="użytkownik", item="カフェ", action="checkin", instant_ms=1_333_476_009_000,
        utc_offset_minutes=-240, place=m["Place"](latitude=40.75, longitude=-73.99, accuracy_meters=12.5),
        context=m["Context"](platform="ios", device="phone", session="s", tags=["rain", "", "🌧"]),
        value=m["Value"](amount=4.5), query_text="flat white", recommendation_id="r-9",
    )
    nothing = m["Event"]()
    nothing.place.SetInParent()
    nothing.context.SetInParent()
    nothing.value.SetInParent()
    yield "event-full", coffee
    yield "event-empty", m["Event"]()
    yield "event-empty-parts", nothing
    yield "event-extremes", m["Event"](
        instant_ms=-(2**63), utc_offset_minutes=-(2**31), value=m["Value"](amount=5e-324),
        place=m["Place"](latitude=1.7976931348623157e308, longitude=float("-inf"),
                         accuracy_meters=float("nan")),
    )
    yield "search", m["Event"](user="u", action="search", instant_ms=1, query_text="tea\n\t\"\\\u2028")
    yield "put-events", m["PutEventsRequest"](
        events=[coffee, m["Event"](), coffee], dry_run=True,
        producer=m["Producer"](id=bytes(range(16)), sequence=2**64 - 1),
    )
    yield "put-events-reply", m["PutEventsReply"](
        accepted=2**32 - 1, first_offset=2**63, end_offset=2**64 - 1,
        refused=[m["RefusedEvent"](index=7, field="events[7].user", reason="empty", remedy="name one")],
    )
    yield "list-request", m["ListRequest"](
        user="u1", k=1000, at=m["At"](instant_ms=2**63 - 1, utc_offset_minutes=2**31 - 1, is_hidden=True),
        place=m["Place"](latitude=-90, longitude=180), context=m["Context"](tags=["x"]),
        filter=m["Filter"](
            categories=["Bar", "Café"], include_seen=True,
            within=m["Radius"](center=m["Place"](latitude=1e-300), meters=1e300),
            polygon=[m["Place"](latitude=n, longitude=-n) for n in range(3)],
        ),
        exclude_items=["a", "b"], alias="canary", explain=2, session_events=[coffee],
        switched_off_parts=["time"], window_seconds=604_800,
    )
    yield "list-request-unknown-enum", m["ListRequest"](explain=99)
    yield "list-request-negative-enum", m["ListRequest"](explain=-1)
    yield "list-reply", m["ListReply"](
        items=[
            m["Recommendation"](
                id="i1", name="Kaffee", category="Café", place=m["Place"](latitude=52.5, longitude=13.4),
                score=-1.25, parts=[m["ScorePart"](name="memory", amount=-2.5)],
                evidence=[m["Evidence"](text="visited 12 times", part="memory")],
                distance=m["Distance"](meters=0.0),
            ),
            m["Recommendation"](),
        ],
        provenance=m["Provenance"](
            model_version=42, alias="stable", path="chronotope", layers=["time", "place"], lag_records=3,
            staleness_ms=-1, shards_answered=64, shards_total=64, user_events=128,
        ),
        recommendation_id="r-10", short_reason="only 2 eligible",
    )
    yield "record-event", m["LogRecord"](event=coffee)
    yield "record-item", m["LogRecord"](item=m["Item"](
        id="i1", name="Kaffee", category="Café", place=m["Place"](latitude=52.5, longitude=13.4), tags=["rain"],
        is_hidden=True,
        features=[m["FeatureVector"](name="text", values=[0.0, -1.5, 1.1754943508222875e-38]), m["FeatureVector"]()],
    ))
    yield "record-hide", m["LogRecord"](hide_item=m["HideItemRequest"](item="i1", is_hidden=True))
    yield "record-empty-forget", m["LogRecord"](forget=m["ForgetRequest"]())
    yield "record-ledger", m["LogRecord"](
        ledger=m["IngestLedger"](refused=[m["RuleCount"](rule="latitude", count=2**64 - 1)], duplicates=3)
    )
    yield "record-nothing", m["LogRecord"]()
    yield "stored-record", m["StoredRecord"](offset=1, appended_ms=2, record=b"\x00\xff\x00")
    yield "request", m["Request"](
        protocol_version=1, request_id=bytes(range(240, 256)), method="chronotope.v1.Query/Recommend",
        timeout_ms=2**32 - 1, flags=1, idempotency_key=b"\x00", payload=coffee.SerializeToString(),
        metadata=[m["Metadata"](key="traceparent", value=b"00-ab"), m["Metadata"](key="token")],
    )
    yield "response", m["Response"](
        request_id=bytes(16), code=3, message="k is 0", retry_after_ms=100,
        details=[m["ErrorDetail"](field="k", reason="0", remedy="1...1,000")],
        trailer=[m["Metadata"](key="served-by", value=b"\x80")],
    )
    yield "server-info", m["ServerInfo"](
        program_version="0.1.0", services=["chronotope.v1.Query"], started_ms=-1,
        limits=m["Limits"](max_k=1000, min_instant_ms=-(2**63), max_instant_ms=2**63 - 1,
                           deduplication_days=2**32 - 1),
    )
    yield "health-reply", m["HealthCheckReply"](status=2, reasons=["disk full"])
    yield "vector", m["UserVectorReply"](
        vector=[0.0, -0.0, 1.5, float("nan"), float("inf"), float("-inf"), 1.1754943508222875e-38, 3.4028234663852886e38],
        model_version=7,
    )
    yield "model-status", m["ModelStatus"](
        shards=[0, 1, 127, 128, 63, 2**32 - 1],
        versions=[m["LoadedVersion"](number=1, family="spectral", aliases=["stable", "latest"],
                                    warming_queries=8)],
        key_fingerprint="21d6b150a0882c39ab0e9bf2c7893ae8",
    )
    yield "garbage", m["CollectGarbageReply"](removed=[0, 1, 2**64 - 1])
    yield "run", m["Run"](
        id=5, state=3, family="chronotope", seed=2**64 - 1, progress=1.0, revision=9,
        settings=[m["Setting"](name="dimension", value="64")],
        metrics=[m["Metric"](name="recall@20", value=0.19)],
        baselines=[m["BaselineMetrics"](name="popularity", metrics=[m["Metric"](name="mrr", value=1e-9)])],
        ledger=[m["RuleCount"](rule="duplicate", count=3)], trigger="schedule: every 60 minutes", resumptions=1,
        search=m["Search"](method=2, trials=9, budget_seconds=600, ranges=[
            m["SettingRange"](name="learning-rate", low=1e-4, high=0.1, is_logarithmic=True),
        ]),
        trials=[m["SearchTrial"](number=2, rung=1, settings=[m["Setting"](name="learning-rate", value="0.01")],
                                 passes=6, metric=0.25, seconds=1.5, error="x"), m["SearchTrial"]()],
        best_trial=2, warm_start=m["WarmStart"](version=4, max_loss=0.02, full_fit_every=10),
        warm_outcome=m["WarmOutcome"](warm=0.25, full=0.5, recorded=1e-3, fallback="x", depth=1),
        mining=m["PatternMining"](is_alone=True, patterns=2**64 - 1, tests=7, seconds=0.5, problem="p"),
        curves=[
            m["TrainingCurve"](fit="trial", passes=[
                m["TrainingPass"](number=1, loss=5.25, validation_loss=m["Value"](amount=5.5),
                                  validation_mrr=m["Value"](amount=0.125)),
                m["TrainingPass"](number=2, loss=4.0, validation_loss=m["Value"]()),
            ]),
            m["TrainingCurve"](fit="final"),
        ],
    )
    yield from people(m, coffee)
    yield "event-unknown-fields", m["Event"].FromString(coffee.SerializeToString() + UNKNOWN_FIELDS)


def people(m, coffee):
    """Patterns, explanations, alerts and releases."""
    target = m["PatternTarget"](
        kind="item", name="i1", label="Kaffee", category="Café", place=m["Place"](latitude=52.5, longitude=13.4)
    )
    pattern = m["Pattern"](
        id="00ff00ff00ff00ff", kind=2,
        when=m["PatternAntecedent"](
            slots=m["SlotRange"](days="weekdays", start_hour=22, hours=4), cell="89c25a31", action="checkin",
            context="ios", segment="home:89c25", user="u1", after=target, within_seconds=21_600,
        ),
        then=m["PatternTarget"](kind="category", name="Bar"),
        events=2**64 - 1, users=20, antecedent_events=21, confidence=0.25, lift=6.5, z=-2.5, p=5e-324,
        adjusted_p=1.0, first_half_lift=m["Value"](amount=7), second_half_lift=m["Value"](), stability=0.5,
        lag=m["PatternLag"](p10_seconds=1, p50_seconds=300, p90_seconds=2**32 - 1, histogram=[0, 1, 128, 2**32 - 1]),
        rhythm=m["PatternRhythm"](mean_hour=23.5, concentration=1), evidence=[0, 2**63], text="After Kaffee …",
        learned_lift=m["Value"](amount=1.5),
    )
    selection = m["PatternSelection"](
        kind=3, scope=2, user="u1", segment="s", hours=m["HourRange"](first=0, last=167), cell="89c25a31",
        within=m["Radius"](center=m["Place"](latitude=40.75, longitude=-73.99), meters=500),
        polygon=[m["Place"](latitude=n, longitude=-n) for n in range(3)], category="Bar", item="i1",
        minimum_lift=1.1, minimum_stability=0.5, minimum_events=2**64 - 1, minimum_users=20,
        maximum_adjusted_p=0.05,
    )
    yield "pattern", pattern
    yield "pattern-empty-parts", m["Pattern"](when=m["PatternAntecedent"](slots=m["SlotRange"]()), lag=m["PatternLag"]())
    yield "list-patterns", m["ListPatternsRequest"](
        selection=selection, version=2**64 - 1, alias="stable", page_size=1000, page_token="AA=="
    )
    yield "list-patterns-reply", m["ListPatternsReply"](
        patterns=[pattern, m["Pattern"](), pattern], selected=3, next_page_token="t", version=7,
        summary=m["PatternSummary"](events=1, users=2, tests=3, significant=4, patterns=5),
    )
    yield "get-pattern", m["GetPatternRequest"](id="00ff00ff00ff00ff", version=1, alias="canary")
    yield "pattern-reply", m["PatternReply"](pattern=pattern, version=1)
    yield "pattern-drift", m["PatternDriftRequest"](
        from_version=1, to_version=2, selection=selection, least_ratio=1.5, limit=1000
    )
    yield "pattern-drift-reply", m["PatternDriftReply"](
        from_version=1, to_version=2, appeared=[pattern], vanished=[m["Pattern"]()],
        changed=[m["PatternChange"](before=pattern, after=pattern, lift_ratio=1.0), m["PatternChange"]()],
        appeared_count=1, vanished_count=2, changed_count=3, unchanged_count=4,
    )
    yield "mine-patterns", m["MinePatternsRequest"](
        version=1, alias="stable", settings=[m["Setting"](name="minimum-events", value="30")], threads=2
    )
    yield "explain", m["ExplainRequest"](
        request=m["ListRequest"](user="u1", k=5, session_events=[coffee], explain=2), item="i1"
    )
    yield "explanation", m["Explanation"](
        item=m["Recommendation"](
            id="i1", score=-1.25, parts=[m["ScorePart"](name="memory", amount=-2.5), m["ScorePart"](name="time", amount=1.25)],
            evidence=[m["Evidence"](text="visited 12 times", part="memory")],
        ),
        rank=11, excluded_because="seen", provenance=m["Provenance"](model_version=42), absence=11,
        remedy="ask for 11 entries", eligible_items=2**32 - 1, least_score=-1.0,
    )
    yield "explanation-unknown-absence", m["Explanation"](absence=99)
    yield "watch-alerts", m["WatchAlertsRequest"](
        after_sequence=2**64 - 1, epoch_ms=-1, wait_ms=10_000, user="u1", limit=1000
    )
    yield "watch-alerts-reply", m["WatchAlertsReply"](
        alerts=[
            m["UserAlert"](sequence=1, user="u1", kind="missed-routine", instant_ms=1_333_476_009_000,
                           cell="89c25a31", surprisal=7.5, reason="User u1 …"),
            m["UserAlert"](),
        ],
        last_sequence=1, epoch_ms=2**63 - 1, false_alarms_per_user_month=0.5, calibration_user_months=1e6,
    )
    yield "release-counts", m["ReleaseCountsRequest"](
        from_ms=-1, to_ms=2**63 - 1, floor=20, cell_level=13, hours_per_slot=24, by_category=True,
        noise=m["ReleaseNoise"](epsilon=0.5, delta=1e-6, max_keys_per_user=4, max_events_per_key=2),
    )
    yield "release-counts-reply", m["ReleaseCountsReply"](
        rows=[m["ReleasedRow"](cell="89c25a31", slot=167, category="Bar", users=20, events=2**64 - 1),
              m["ReleasedRow"]()],
        rows_left_out=3, threshold=41,
        periods=[m["PrivacyPeriod"](name="2012-04", epsilon_spent=0.5, delta_spent=1e-6, releases=1)],
    )
    yield "privacy-budget-reply", m["PrivacyBudgetReply"](
        epsilon_limit=4, delta_limit=1e-5, periods=[m["PrivacyPeriod"](), m["PrivacyPeriod"](name="2012-05")]
    )


def main():
    folder, messages = contract()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.iterdir():
        old.unlink()
    rows = []
    for name, message in cases(messages):
        wire = message.SerializeToString(deterministic=True)
        json_text = json_format.MessageToJson(message, sort_keys=True, ensure_ascii=False)
        (OUTPUT / f"{name}.bin").write_bytes(wire)
        (OUTPUT / f"{name}.json").write_text(json_text + "\n")
        if name == "event-unknown-fields":
            message.DiscardUnknownFields()
            (OUTPUT / f"{name}.known.bin").write_bytes(message.SerializeToString(deterministic=True))
        rows.append(f"{name}\t{message.DESCRIPTOR.full_name}\n")
    (OUTPUT / "cases.tsv").write_text("".join(rows))
    folder.cleanup()
    print(f"wrote {len(rows)} cases to {OUTPUT.relative_to(ROOT)}")


main()
