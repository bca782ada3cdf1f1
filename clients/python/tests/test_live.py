"""Against a running server: CHRONOTOPE_ADDRESS=tcp://127.0.0.1:7300 pytest tests/test_live.py"""

import os
import time
import uuid

import pytest

import chronotope
from chronotope import StatusCode, StatusError
from chronotope.v1 import health_pb2, ingest_pb2, model_pb2, pattern_pb2, release_pb2, training_pb2

ADDRESS = os.environ.get("CHRONOTOPE_ADDRESS")
pytestmark = pytest.mark.skipif(
    not ADDRESS, reason="CHRONOTOPE_ADDRESS does not name a running server"
)


@pytest.fixture
def client():
    with chronotope.Client(ADDRESS or "") as client:
        yield client


def test_health_and_info(client):
    assert client.health().status == health_pb2.SERVING
    info = client.info()
    assert info.protocol_version == 1
    assert info.limits.max_k == 1000
    names = {service.name for service in client.services().services}
    assert "chronotope.v1.Query" in names


def test_an_event_is_taken_once(client):
    key = os.urandom(16)
    user = f"python-{uuid.uuid4()}"
    batch = [chronotope.event(user, "checkin", item="python-item", place=(40.7, -74.0), id=str(uuid.uuid4()))]
    first = client.put_events(batch, idempotency_key=key)
    again = client.put_events(batch, idempotency_key=key)
    assert first.accepted == 1 and not first.refused
    assert again.end_offset == first.end_offset


def test_a_bad_event_is_refused_by_field(client):
    reply = client.put_events([chronotope.event("ada", "checkin", item="i", place=(91.0, 0.0))])
    assert reply.accepted == 0
    assert "latitude" in reply.refused[0].field and reply.refused[0].remedy


def test_an_unknown_user_gets_what_is_popular_and_why(client):
    reply = client.recommend("known to nobody", k=3)
    assert len(reply.items) <= 3 and reply.recommendation_id
    assert reply.provenance.user_events == 0 and reply.provenance.path
    if reply.provenance.model_version == 0:  # none is published: a server that was just started
        assert reply.provenance.path.startswith("popularity")
        assert reply.provenance.fallback_reason


def test_zero_k_is_invalid(client):
    with pytest.raises(StatusError) as caught:
        client.recommend("ada", k=0)
    assert caught.value.code is StatusCode.INVALID_ARGUMENT
    assert caught.value.details[0].field == "k"
    assert caught.value.details[0].remedy


def test_a_deadline_that_is_too_near_expires(client):
    client.health()  # the connection stands
    batch = [chronotope.event("x" * 250, "view", item="x" * 250)] * 10_000
    request = ingest_pb2.PutEventsRequest(events=batch, dry_run=True)
    with pytest.raises(StatusError) as caught:
        client.write("Ingest", "PutEvents", request, ingest_pb2.PutEventsReply, timeout=0.005)
    assert caught.value.code is StatusCode.DEADLINE_EXCEEDED
    assert client.health().status == health_pb2.SERVING


def test_an_unknown_method_is_unimplemented(client):
    with pytest.raises(StatusError) as caught:
        client.read("Query", "Divine", health_pb2.HealthCheckRequest(), health_pb2.HealthCheckReply)
    assert caught.value.code is StatusCode.UNIMPLEMENTED


@pytest.fixture(scope="module")
def trained():
    """The address once a version serves; its patterns are mined. Needs the events of tools/test-clients."""
    with chronotope.Client(ADDRESS or "") as client:
        run = client.start_run(
            training_pb2.StartRunRequest(
                family="spectral",
                settings=[training_pb2.Setting(name="rank", value="8")],
                aliases=["stable"],
                publish_below_baseline=True,
            )
        )
        run = finished(client, run)
        assert run.state == training_pb2.SUCCEEDED, run.error
        deadline = time.monotonic() + 30
        while client.recommend("user-1").provenance.model_version != run.version:
            assert time.monotonic() < deadline, "the version is not served"
            time.sleep(0.05)
        yield client, run


def finished(client, run):
    while run.state in (training_pb2.QUEUED, training_pb2.RUNNING):
        run = client.watch_run(run)
    return run


def test_parts_of_an_explanation_sum_to_its_score(trained):
    client, run = trained
    best = client.recommend("user-1", k=1).items[0]
    answer = client.explain("user-1", best.id)
    assert answer.rank == 1 and answer.provenance.model_version == run.version
    parts = [part.amount for part in answer.item.parts]
    assert parts and sum(parts) == pytest.approx(answer.item.score, rel=1e-5, abs=1e-5)


def test_an_absence_has_a_cause_and_a_remedy(trained):
    client, _ = trained
    best = client.recommend("user-1", k=1).items[0].id
    assert client.explain_absence("user-1", best, k=1).absence == model_pb2.ABSENCE_NONE
    listed = client.explain_absence("user-1", best, k=1, exclude_items=[best])
    assert listed.absence == model_pb2.ABSENCE_LISTED and listed.remedy
    assert client.explain_absence("user-1", "nowhere").absence == model_pb2.ABSENCE_UNKNOWN


def test_patterns_are_paged_found_again_and_mined_anew(trained):
    client, run = trained
    assert run.mining.patterns > 0
    shared = pattern_pb2.PatternSelection(scope=pattern_pb2.SHARED)
    patterns = list(client.all_patterns(shared, version=run.version, page_size=1))
    first = client.patterns(shared, version=run.version)
    assert first.selected == len(patterns) > 0 and first.summary.tests > 0
    assert client.pattern(patterns[0].id, version=run.version) == patterns[0]
    with pytest.raises(StatusError) as caught:
        client.pattern("0" * 16, version=run.version)
    assert caught.value.code is StatusCode.NOT_FOUND
    settings = {"minimum-events": str(patterns[0].events + 1)}
    again = finished(client, client.mine_patterns(version=run.version, settings=settings))
    assert again.state == training_pb2.SUCCEEDED and again.mining.is_alone
    ids = {pattern.id for pattern in client.all_patterns(shared, version=run.version)}
    assert patterns[0].id not in ids


def test_a_release_keeps_to_its_floor_and_its_budget(client):
    reply = client.release_counts(hours_per_slot=24)
    assert reply.rows and reply.threshold == 20 and all(row.users >= 20 for row in reply.rows)
    with pytest.raises(StatusError) as caught:
        client.release_counts(noise=release_pb2.ReleaseNoise(epsilon=1))
    assert caught.value.code is StatusCode.INVALID_ARGUMENT, "noise needs its months"
    assert client.privacy_budget().epsilon_limit > 0


def test_alerts_are_watched(client):
    reply = client.watch_alerts(wait=0)
    assert reply.epoch_ms > 0 and reply.false_alarms_per_user_month > 0
    again = client.watch_alerts(reply, wait=0)
    assert again.last_sequence >= reply.last_sequence
