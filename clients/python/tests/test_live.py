"""Against a running server: CHRONOTOPE_ADDRESS=tcp://127.0.0.1:7300 pytest tests/test_live.py"""

import os
import uuid

import pytest

import chronotope
from chronotope import StatusCode, StatusError
from chronotope.v1 import health_pb2, ingest_pb2

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
