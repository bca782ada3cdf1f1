"""Calls, deadlines, errors and retries against a small server in this process."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pynng
import pytest

import chronotope
from chronotope import StatusCode, StatusError
from chronotope.v1 import (
    alerts_pb2, common_pb2, ingest_pb2, model_pb2, pattern_pb2, release_pb2, rpc_pb2, training_pb2,
)

Handler = Callable[[rpc_pb2.Request], rpc_pb2.Response | None]


@contextmanager
def server(tmp_path, handler: Handler):
    """Answers on a socket of its own; None from the handler means no answer. Yields address and requests."""
    address = f"ipc://{tmp_path}/rep"
    seen: list[rpc_pb2.Request] = []
    socket = pynng.Rep0(listen=address)

    def serve() -> None:
        while True:
            try:
                request = rpc_pb2.Request.FromString(socket.recv())
                seen.append(request)
                response = handler(request)
                if response is not None:
                    response.request_id = response.request_id or request.request_id
                    socket.send(response.SerializeToString())
            except pynng.Closed:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield address, seen
    finally:
        socket.close()
        thread.join(timeout=5)
        assert not thread.is_alive()


def ok(message) -> rpc_pb2.Response:
    return rpc_pb2.Response(payload=message.SerializeToString())


def failing_first(times: int, code: StatusCode, then: rpc_pb2.Response) -> Handler:
    left = [times]

    def handle(request: rpc_pb2.Request) -> rpc_pb2.Response:
        left[0] -= 1
        return rpc_pb2.Response(code=code, message="not now") if left[0] >= 0 else then

    return handle


def test_recommend_sends_the_whole_question(tmp_path):
    reply = common_pb2.ListReply(items=[common_pb2.Recommendation(id="i", name="Café", score=1.5)])
    with server(tmp_path, lambda _: ok(reply)) as (address, seen):
        with chronotope.Client(address, metadata={"token": b"t"}) as client:
            at = datetime(2024, 5, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
            answer = client.recommend("ada", k=3, at=at, place=(52.5, 13.4), exclude_items=["x"])
    assert answer.items[0].name == "Café"
    envelope = seen[0]
    assert envelope.method == "chronotope.v1.Query/Recommend"
    assert envelope.protocol_version == 1 and len(envelope.request_id) == 16
    assert 0 < envelope.timeout_ms <= 5000
    assert [(m.key, m.value) for m in envelope.metadata] == [("token", b"t")]
    request = common_pb2.ListRequest.FromString(envelope.payload)
    assert request.user == "ada" and request.k == 3 and request.exclude_items == ["x"]
    assert request.at.utc_offset_minutes == 120 and request.at.instant_ms == 1_714_548_600_000
    assert request.place.latitude == 52.5
    assert not request.HasField("context")


def test_an_error_has_code_details_and_retry_after(tmp_path):
    failure = rpc_pb2.Response(
        code=3,
        message="k is 0",
        retry_after_ms=250,
        details=[rpc_pb2.ErrorDetail(field="k", reason="is 0", remedy="ask for 1 to 1,000")],
    )
    with server(tmp_path, lambda _: failure) as (address, seen):
        with chronotope.Client(address) as client, pytest.raises(StatusError) as caught:
            client.recommend("ada", k=0)
    assert len(seen) == 1, "a bad request was repeated"
    error = caught.value
    assert error.code is StatusCode.INVALID_ARGUMENT and error.retry_after == 0.25
    assert error.details[0].field == "k" and "ask for 1 to 1,000" in str(error)
    assert error.request_id == seen[0].request_id


def test_an_unknown_code_is_unknown(tmp_path):
    with server(tmp_path, lambda _: rpc_pb2.Response(code=99)) as (address, _):
        with chronotope.Client(address) as client, pytest.raises(StatusError) as caught:
            client.health()
    assert caught.value.code is StatusCode.UNKNOWN


def test_unavailable_is_retried_with_the_same_key(tmp_path):
    done = ok(ingest_pb2.PutEventsReply(accepted=1))
    with server(tmp_path, failing_first(2, StatusCode.UNAVAILABLE, done)) as (address, seen):
        with chronotope.Client(address) as client:
            reply = client.put_events([chronotope.event("ada", "view", item="i")])
    assert reply.accepted == 1 and len(seen) == 3
    assert len({envelope.idempotency_key for envelope in seen}) == 1
    assert len(seen[0].idempotency_key) == 16


def test_retries_end(tmp_path):
    policy = chronotope.RetryPolicy(max_attempts=3, first_delay=0.001)
    never = failing_first(100, StatusCode.RESOURCE_EXHAUSTED, rpc_pb2.Response())
    with server(tmp_path, never) as (address, seen):
        with chronotope.Client(address, retry=policy) as client, pytest.raises(StatusError) as caught:
            client.trending()
    assert caught.value.code is StatusCode.RESOURCE_EXHAUSTED and len(seen) == 3


def test_silence_is_a_deadline_and_is_not_repeated(tmp_path):
    with server(tmp_path, lambda _: None) as (address, seen):
        with chronotope.Client(address) as client, pytest.raises(StatusError) as caught:
            client.similar_items("i", timeout=0.2)
    assert caught.value.code is StatusCode.DEADLINE_EXCEEDED and len(seen) == 1


def test_the_timeout_is_for_the_sending_and_the_reply_together(tmp_path):
    with chronotope.Client(f"ipc://{tmp_path}/rep") as client:
        began = time.monotonic()
        ends: list[float] = []

        def ask() -> None:
            with pytest.raises(StatusError) as caught:
                client.trending(timeout=2)
            assert caught.value.code is StatusCode.DEADLINE_EXCEEDED
            ends.append(time.monotonic())

        caller = threading.Thread(target=ask)
        caller.start()
        time.sleep(1.2)  # the request waits for a connection that long, and then for a reply
        with server(tmp_path, lambda _: None) as (_, seen):
            caller.join(timeout=10)
    assert len(seen) == 1 and len(ends) == 1
    assert ends[0] - began < 2.8, "the reply had more than what was left"


def test_a_frame_too_large_is_refused_here(tmp_path):
    with server(tmp_path, lambda _: ok(common_pb2.ListReply())) as (address, seen):
        with chronotope.Client(address) as client, pytest.raises(StatusError) as caught:
            client.recommend("ada", exclude_items=["x" * 200] * 6_000)
    assert caught.value.code is StatusCode.INVALID_ARGUMENT and seen == []
    assert caught.value.details[0].field == "payload" and "1048576" in str(caught.value)


def test_nobody_there_is_unavailable(tmp_path):
    with chronotope.Client(f"ipc://{tmp_path}/nobody") as client:
        with pytest.raises(StatusError) as caught:
            client.health(timeout=0.2)
    assert caught.value.code is StatusCode.UNAVAILABLE


def test_a_server_that_comes_late_is_reached(tmp_path):
    with chronotope.Client(f"ipc://{tmp_path}/rep") as client:
        answers: list[common_pb2.ListReply] = []
        caller = threading.Thread(target=lambda: answers.append(client.trending(timeout=5)))
        caller.start()
        with server(tmp_path, lambda _: ok(common_pb2.ListReply(short_reason="none"))):
            caller.join(timeout=6)
    assert [answer.short_reason for answer in answers] == ["none"]


def test_a_reply_that_is_no_response_is_internal(tmp_path):
    with pynng.Rep0(listen=f"ipc://{tmp_path}/rep") as socket:
        def answer() -> None:
            socket.recv()
            socket.send(b"\xff\xff")

        thread = threading.Thread(target=answer)
        thread.start()
        with chronotope.Client(f"ipc://{tmp_path}/rep") as client, pytest.raises(StatusError) as caught:
            client.health()
        thread.join(timeout=5)
    assert caught.value.code is StatusCode.INTERNAL


@pytest.mark.parametrize(
    "response",
    [rpc_pb2.Response(request_id=bytes(16)), rpc_pb2.Response(payload=b"\xff\xff")],
    ids=["of another call", "of another type"],
)
def test_a_reply_to_something_else_is_internal(tmp_path, response):
    with server(tmp_path, lambda _: response) as (address, _):
        with chronotope.Client(address) as client, pytest.raises(StatusError) as caught:
            client.health()
    assert caught.value.code is StatusCode.INTERNAL
    assert caught.value.method == "chronotope.v1.Health/Check"


def test_threads_share_a_client(tmp_path):
    def echo(request: rpc_pb2.Request) -> rpc_pb2.Response:
        user = common_pb2.ListRequest.FromString(request.payload).user
        return ok(common_pb2.ListReply(recommendation_id=user))

    answers: dict[str, str] = {}
    with server(tmp_path, echo) as (address, _), chronotope.Client(address) as client:
        def ask(user: str) -> None:
            answers[user] = client.recommend(user).recommendation_id

        threads = [threading.Thread(target=ask, args=(f"u{n}",)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=10)
    assert answers == {f"u{n}": f"u{n}" for n in range(16)}


def test_an_event_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        chronotope.event("ada", "view", at=datetime(2024, 1, 1))


def test_a_value_of_zero_is_not_an_absent_one():
    assert chronotope.event("ada", "rate", value=0.0).HasField("value")
    assert not chronotope.event("ada", "view").HasField("value")


def test_an_item_carries_its_vectors_by_name():
    item = chronotope.item("i1", name="Kaffee", features={"text": [0.5, -1], "image": [2]})
    assert [(vector.name, list(vector.values)) for vector in item.features] == [
        ("text", [0.5, -1]), ("image", [2]),
    ]
    assert len(chronotope.item("i1").features) == 0


def test_explanations_ask_for_evidence_and_repeat_the_question(tmp_path):
    why = model_pb2.Explanation(absence=model_pb2.ABSENCE_RANK, rank=12, remedy="ask for 12 entries")
    with server(tmp_path, lambda _: ok(why)) as (address, seen):
        with chronotope.Client(address) as client:
            client.explain("ada", "i", alias="canary")
            answer = client.explain_absence(
                "ada", "i", k=7, filter=common_pb2.Filter(tags=["open"]), exclude_items=["x"]
            )
    assert answer.absence == model_pb2.ABSENCE_RANK and answer.rank == 12 and answer.remedy
    methods = [envelope.method.rsplit("/")[1] for envelope in seen]
    assert methods == ["Explain", "ExplainAbsence"]
    first, second = (model_pb2.ExplainRequest.FromString(envelope.payload) for envelope in seen)
    assert first.item == "i" and first.request.user == "ada" and first.request.alias == "canary"
    assert second.request.k == 7 and second.request.filter.tags == ["open"]
    assert second.request.exclude_items == ["x"]
    for request in (first, second):
        assert request.request.explain == common_pb2.EXPLAIN_EVIDENCE


def test_pages_of_patterns_are_followed_to_the_last(tmp_path):
    pages = {
        "": pattern_pb2.ListPatternsReply(
            patterns=[pattern_pb2.Pattern(id="1"), pattern_pb2.Pattern(id="2")], next_page_token="t"
        ),
        "t": pattern_pb2.ListPatternsReply(patterns=[pattern_pb2.Pattern(id="3")]),
    }

    def handle(request: rpc_pb2.Request) -> rpc_pb2.Response:
        return ok(pages[pattern_pb2.ListPatternsRequest.FromString(request.payload).page_token])

    chosen = pattern_pb2.PatternSelection(kind=pattern_pb2.TRANSITION, minimum_lift=2)
    with server(tmp_path, handle) as (address, seen):
        with chronotope.Client(address) as client:
            ids = [pattern.id for pattern in client.all_patterns(chosen, version=4, page_size=2)]
    assert ids == ["1", "2", "3"] and len(seen) == 2
    for envelope in seen:
        request = pattern_pb2.ListPatternsRequest.FromString(envelope.payload)
        assert request.selection == chosen and request.version == 4 and request.page_size == 2


def test_mining_names_its_settings_and_has_a_key(tmp_path):
    run = training_pb2.Run(id=3, mining=training_pb2.PatternMining(is_alone=True))
    with server(tmp_path, lambda _: ok(run)) as (address, seen):
        with chronotope.Client(address) as client:
            assert client.mine_patterns(alias="stable", settings={"minimum-events": "30"}).id == 3
    request = training_pb2.MinePatternsRequest.FromString(seen[0].payload)
    assert [(s.name, s.value) for s in request.settings] == [("minimum-events", "30")]
    assert request.alias == "stable" and len(seen[0].idempotency_key) == 16


def test_a_watch_goes_on_from_the_reply_before(tmp_path):
    reply = alerts_pb2.WatchAlertsReply(
        alerts=[alerts_pb2.UserAlert(sequence=8, user="ada")], last_sequence=8, epoch_ms=77
    )
    with server(tmp_path, lambda _: ok(reply)) as (address, seen):
        with chronotope.Client(address) as client:
            first = client.watch_alerts(wait=1.5)
            client.watch_alerts(first, user="ada", wait=0)
    one, two = (alerts_pb2.WatchAlertsRequest.FromString(envelope.payload) for envelope in seen)
    assert (one.after_sequence, one.epoch_ms, one.wait_ms) == (0, 0, 1500)
    assert (two.after_sequence, two.epoch_ms, two.wait_ms, two.user) == (8, 77, 0, "ada")
    assert 1500 < seen[0].timeout_ms <= 6500, "the wait is on top of the call's own time"


def test_a_release_names_its_months_and_is_repeated_under_one_key(tmp_path):
    reply = ok(release_pb2.ReleaseCountsReply(threshold=20))
    start = datetime(2024, 5, 1, tzinfo=timezone.utc)
    noise = release_pb2.ReleaseNoise(epsilon=0.5)
    with server(tmp_path, failing_first(1, StatusCode.UNAVAILABLE, reply)) as (address, seen):
        with chronotope.Client(address) as client:
            client.release_counts(start, start + timedelta(days=31), cell_level=12, noise=noise)
    assert len(seen) == 2 and seen[0].idempotency_key == seen[1].idempotency_key != b""
    request = release_pb2.ReleaseCountsRequest.FromString(seen[1].payload)
    assert request.to_ms - request.from_ms == 31 * 86_400_000 and request.noise == noise
    assert request.cell_level == 12 and request.floor == 0
