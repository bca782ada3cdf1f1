"""The client: one method a call of the contract, and the builders of what it sends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from types import TracebackType
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from .channel import Channel
from .errors import ErrorDetail, StatusCode, StatusError
from .retry import RetryPolicy
from .v1 import (
    alerts_pb2, common_pb2, health_pb2, ingest_pb2, model_pb2, pattern_pb2, reflection_pb2, release_pb2,
    rpc_pb2, training_pb2,
)

PROTOCOL_VERSION = 1
IDEMPOTENT = 1
#: Servers close the connection at a larger frame, and everybody's calls on it fail.
MAX_QUERY_BYTES = 1 << 20
MAX_INGEST_BYTES = 8 << 20
DEFAULT_ADDRESS = "tcp://127.0.0.1:7300"

Coordinates = tuple[float, float]
Reply = TypeVar("Reply", bound=Message)


class Client:
    """Calls Chronotope's services at one address.

    Where services listen at addresses of their own, `routes` names them:
    `Client("tcp://query:7304", routes={"Ingest": "tcp://ingest:7301"})`. Safe to share among threads.

    Every call takes `timeout`, in seconds, for all its attempts together, and raises `StatusError`.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        routes: Mapping[str, str] | None = None,
        timeout: float = 5.0,
        retry: RetryPolicy = RetryPolicy(),
        metadata: Mapping[str, bytes] | None = None,
    ) -> None:
        self.timeout = timeout
        self.retry = retry
        self.metadata = dict(metadata or {})
        self._default = Channel(address)
        self._routes = {name: Channel(route) for name, route in (routes or {}).items()}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; calls in flight end with UNAVAILABLE."""
        for channel in [self._default, *self._routes.values()]:
            channel.close()

    # Queries

    def recommend(
        self,
        user: str,
        k: int = 10,
        *,
        at: datetime | None = None,
        place: Coordinates | None = None,
        context: common_pb2.Context | None = None,
        filter: common_pb2.Filter | None = None,
        exclude_items: Iterable[str] = (),
        alias: str = "",
        explain: common_pb2.ExplainLevel = common_pb2.EXPLAIN_NONE,
        session_events: Iterable[common_pb2.Event] = (),
        timeout: float | None = None,
    ) -> common_pb2.ListReply:
        """The k items that fit this user now, or at `at`, here, or at `place` (latitude, longitude)."""
        request = common_pb2.ListRequest(
            user=user,
            k=k,
            at=_at(at),
            place=_place(place),
            context=context,
            filter=filter,
            exclude_items=exclude_items,
            alias=alias,
            explain=explain,
            session_events=session_events,
        )
        return self.read("Query", "Recommend", request, common_pb2.ListReply, timeout)

    def similar_items(
        self, item: str, k: int = 10, *, alias: str = "", timeout: float | None = None
    ) -> common_pb2.ListReply:
        """The k items that people use like this one."""
        request = common_pb2.ListRequest(item=item, k=k, alias=alias)
        return self.read("Query", "SimilarItems", request, common_pb2.ListReply, timeout)

    def similar_users(
        self, user: str, k: int = 10, *, alias: str = "", timeout: float | None = None
    ) -> common_pb2.ListReply:
        """The k users most like this one."""
        request = common_pb2.ListRequest(user=user, k=k, alias=alias)
        return self.read("Query", "SimilarUsers", request, common_pb2.ListReply, timeout)

    def trending(
        self,
        k: int = 10,
        *,
        place: Coordinates | None = None,
        filter: common_pb2.Filter | None = None,
        window_seconds: int = 0,
        timeout: float | None = None,
    ) -> common_pb2.ListReply:
        """What many people turn to; counted over `window_seconds`, 7 days where 0."""
        request = common_pb2.ListRequest(
            k=k, place=_place(place), filter=filter, window_seconds=window_seconds
        )
        return self.read("Query", "Trending", request, common_pb2.ListReply, timeout)

    def explain(
        self,
        user: str,
        item: str,
        *,
        at: datetime | None = None,
        place: Coordinates | None = None,
        alias: str = "",
        timeout: float | None = None,
    ) -> model_pb2.Explanation:
        """The exact parts of this item's score for this user; they sum to it."""
        request = model_pb2.ExplainRequest(
            item=item,
            request=common_pb2.ListRequest(
                user=user,
                k=1,
                at=_at(at),
                place=_place(place),
                alias=alias,
                explain=common_pb2.EXPLAIN_EVIDENCE,
            ),
        )
        return self.read("Query", "Explain", request, model_pb2.Explanation, timeout)

    def explain_absence(
        self,
        user: str,
        item: str,
        k: int = 10,
        *,
        at: datetime | None = None,
        place: Coordinates | None = None,
        filter: common_pb2.Filter | None = None,
        exclude_items: Iterable[str] = (),
        alias: str = "",
        timeout: float | None = None,
    ) -> model_pb2.Explanation:
        """What first keeps the item out of the `recommend` of the same arguments, and what would bring it in.

        `absence` is ABSENCE_NONE where it is in; an item that nobody knows is a cause, no error.
        """
        request = model_pb2.ExplainRequest(
            item=item,
            request=common_pb2.ListRequest(
                user=user,
                k=k,
                at=_at(at),
                place=_place(place),
                filter=filter,
                exclude_items=exclude_items,
                alias=alias,
                explain=common_pb2.EXPLAIN_EVIDENCE,
            ),
        )
        return self.read("Query", "ExplainAbsence", request, model_pb2.Explanation, timeout)

    def predict_activity(
        self,
        user: str,
        item: str = "",
        *,
        at: datetime | None = None,
        place: Coordinates | None = None,
        alias: str = "",
        timeout: float | None = None,
    ) -> model_pb2.ActivityPrediction:
        """How likely the user acts then, on this item, or on any where `item` is empty."""
        request = model_pb2.PredictActivityRequest(
            user=user, item=item, at=_at(at), place=_place(place), alias=alias
        )
        return self.read("Query", "PredictActivity", request, model_pb2.ActivityPrediction, timeout)

    # Patterns

    def patterns(
        self,
        selection: pattern_pb2.PatternSelection | None = None,
        *,
        version: int = 0,
        alias: str = "",
        page_size: int = 20,
        page_token: str = "",
        timeout: float | None = None,
    ) -> pattern_pb2.ListPatternsReply:
        """One page of the patterns of a version, or of an alias (`stable`), that the selection holds.

        `next_page_token` of the reply leads to the next page and is empty after the last; see `all_patterns`.
        """
        request = pattern_pb2.ListPatternsRequest(
            selection=selection, version=version, alias=alias, page_size=page_size, page_token=page_token
        )
        return self.read("Query", "ListPatterns", request, pattern_pb2.ListPatternsReply, timeout)

    def all_patterns(
        self,
        selection: pattern_pb2.PatternSelection | None = None,
        *,
        version: int = 0,
        alias: str = "",
        page_size: int = 200,
        timeout: float | None = None,
    ) -> Iterator[pattern_pb2.Pattern]:
        """Every pattern of the selection, page by page, by kind and the strongest first.

        Raises ABORTED where the version is mined again meanwhile: begin anew. `timeout` is that of each page.
        """
        token = ""
        while True:
            page = self.patterns(
                selection, version=version, alias=alias, page_size=page_size, page_token=token, timeout=timeout
            )
            yield from page.patterns
            token = page.next_page_token
            if not token:
                return

    def pattern(
        self, id: str, *, version: int = 0, alias: str = "", timeout: float | None = None
    ) -> pattern_pb2.Pattern:
        """The pattern of this id, which is the same in every version."""
        request = pattern_pb2.GetPatternRequest(id=id, version=version, alias=alias)
        return self.read("Query", "GetPattern", request, pattern_pb2.PatternReply, timeout).pattern

    def pattern_drift(
        self,
        from_version: int = 0,
        to_version: int = 0,
        *,
        selection: pattern_pb2.PatternSelection | None = None,
        least_ratio: float = 0,
        limit: int = 0,
        timeout: float | None = None,
    ) -> pattern_pb2.PatternDriftReply:
        """What appeared, vanished and changed between two versions: `stable` and the one before where 0."""
        request = pattern_pb2.PatternDriftRequest(
            from_version=from_version,
            to_version=to_version,
            selection=selection,
            least_ratio=least_ratio,
            limit=limit,
        )
        return self.read("Query", "PatternDrift", request, pattern_pb2.PatternDriftReply, timeout)

    def mine_patterns(
        self,
        *,
        version: int = 0,
        alias: str = "",
        settings: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> training_pb2.Run:
        """Starts to mine the patterns of a published version anew and returns at once; see `watch_run`.

        `settings` by name, as `{"minimum-events": "30"}`; what is not named has its default.
        """
        request = training_pb2.MinePatternsRequest(
            version=version, alias=alias, settings=_settings(settings)
        )
        return self.write("Training", "MinePatterns", request, training_pb2.Run, timeout)

    # Alerts and releases

    def watch_alerts(
        self,
        after: alerts_pb2.WatchAlertsReply | None = None,
        *,
        user: str = "",
        wait: float = 5.0,
        limit: int = 100,
        timeout: float | None = None,
    ) -> alerts_pb2.WatchAlertsReply:
        """Alerts after those of the reply `after`, all that are kept without one; waits for the first.

        Returns after `wait` seconds without an alert. Pass each reply to the next call: a restart of the
        service is then seen, and answered from the beginning.
        """
        request = alerts_pb2.WatchAlertsRequest(
            after_sequence=after.last_sequence if after else 0,
            epoch_ms=after.epoch_ms if after else 0,
            wait_ms=round(wait * 1000),
            user=user,
            limit=limit,
        )
        timeout = wait + self.timeout if timeout is None else timeout
        return self.read("Query", "WatchAlerts", request, alerts_pb2.WatchAlertsReply, timeout)

    def release_counts(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        floor: int = 0,
        cell_level: int = 0,
        hours_per_slot: int = 0,
        by_category: bool = False,
        noise: release_pb2.ReleaseNoise | None = None,
        idempotency_key: bytes | None = None,
        timeout: float | None = None,
    ) -> release_pb2.ReleaseCountsReply:
        """Counts by cell and slot that may leave the house, of at least `floor` (0: 20) users each.

        Counts events from `start` to before `end`, all where both are None. With `noise` it spends budget
        of every month that it touches, once for all attempts of this call; FAILED_PRECONDITION when spent.
        """
        request = release_pb2.ReleaseCountsRequest(
            from_ms=_instant(start)[0] if start else 0,
            to_ms=_instant(end)[0] if end else 0,
            floor=floor,
            cell_level=cell_level,
            hours_per_slot=hours_per_slot,
            by_category=by_category,
            noise=noise,
        )
        reply = release_pb2.ReleaseCountsReply
        return self.write("Releases", "Counts", request, reply, timeout, idempotency_key)

    def privacy_budget(self, *, timeout: float | None = None) -> release_pb2.PrivacyBudgetReply:
        """What noisy releases have spent, by month of events."""
        request = release_pb2.PrivacyBudgetRequest()
        return self.read("Releases", "Budget", request, release_pb2.PrivacyBudgetReply, timeout)

    # Writes

    def put_events(
        self,
        events: Sequence[common_pb2.Event],
        *,
        producer: ingest_pb2.Producer | None = None,
        dry_run: bool = False,
        idempotency_key: bytes | None = None,
        timeout: float | None = None,
    ) -> ingest_pb2.PutEventsReply:
        """Appends at most 10,000 events; returns once they are safe. Look at `refused` in the reply.

        Repeated under the same key, or the same producer sequence, events are counted once. Without
        either, a new key covers this call's own retries.
        """
        request = ingest_pb2.PutEventsRequest(events=events, producer=producer, dry_run=dry_run)
        reply = ingest_pb2.PutEventsReply
        return self.write("Ingest", "PutEvents", request, reply, timeout, idempotency_key)

    def put_items(
        self,
        items: Sequence[common_pb2.Item],
        *,
        idempotency_key: bytes | None = None,
        timeout: float | None = None,
    ) -> ingest_pb2.PutReply:
        """Adds items to the catalogue, or replaces those with the same ids."""
        request = ingest_pb2.PutItemsRequest(items=items)
        reply = ingest_pb2.PutReply
        return self.write("Ingest", "PutItems", request, reply, timeout, idempotency_key)

    def put_users(
        self,
        users: Sequence[common_pb2.User],
        *,
        idempotency_key: bytes | None = None,
        timeout: float | None = None,
    ) -> ingest_pb2.PutReply:
        request = ingest_pb2.PutUsersRequest(users=users)
        reply = ingest_pb2.PutReply
        return self.write("Ingest", "PutUsers", request, reply, timeout, idempotency_key)

    def hide_item(
        self, item: str, is_hidden: bool = True, *, timeout: float | None = None
    ) -> ingest_pb2.PutReply:
        """Keeps an item out of every answer, or shows it again."""
        request = ingest_pb2.HideItemRequest(item=item, is_hidden=is_hidden)
        return self.write("Ingest", "HideItem", request, ingest_pb2.PutReply, timeout)

    # Training

    def start_run(
        self, request: training_pb2.StartRunRequest | None = None, *, timeout: float | None = None
    ) -> training_pb2.Run:
        """Starts a training run and returns at once; see `watch_run`."""
        request = request or training_pb2.StartRunRequest()
        return self.write("Training", "StartRun", request, training_pb2.Run, timeout)

    def watch_run(
        self, run: training_pb2.Run, *, wait: float = 5.0, timeout: float | None = None
    ) -> training_pb2.Run:
        """The run once it has moved on, or as it is after `wait` seconds."""
        request = training_pb2.WatchRunRequest(
            id=run.id, after_revision=run.revision, wait_ms=round(wait * 1000)
        )
        timeout = wait + self.timeout if timeout is None else timeout
        return self.read("Training", "WatchRun", request, training_pb2.Run, timeout)

    def versions(self, *, timeout: float | None = None) -> training_pb2.ListVersionsReply:
        request = training_pb2.ListVersionsRequest()
        return self.read("Training", "ListVersions", request, training_pb2.ListVersionsReply, timeout)

    # The server itself

    def health(self, service: str = "", *, timeout: float | None = None) -> health_pb2.HealthCheckReply:
        """Whether a service ("chronotope.v1.Query"), or the whole process, can answer."""
        request = health_pb2.HealthCheckRequest(service=service)
        return self.read("Health", "Check", request, health_pb2.HealthCheckReply, timeout)

    def info(self, *, timeout: float | None = None) -> health_pb2.ServerInfo:
        """Version, limits and features of the process at the default address."""
        request = health_pb2.ServerInfoRequest()
        return self.read("Server", "Info", request, health_pb2.ServerInfo, timeout)

    def services(self, *, timeout: float | None = None) -> reflection_pb2.ListServicesReply:
        """What can be called here, and which of it is implemented."""
        request = reflection_pb2.ListServicesRequest()
        reply = reflection_pb2.ListServicesReply
        return self.read("Reflection", "ListServices", request, reply, timeout)

    # Calls of any method

    def read(
        self,
        service: str,
        method: str,
        request: Message,
        reply: type[Reply],
        timeout: float | None = None,
    ) -> Reply:
        """A call that changes nothing, so it may be repeated."""
        return self._call(service, method, request, reply, timeout, b"")

    def write(
        self,
        service: str,
        method: str,
        request: Message,
        reply: type[Reply],
        timeout: float | None = None,
        idempotency_key: bytes | None = None,
    ) -> Reply:
        """A call that changes something; its key (random where None) makes repeats harmless."""
        return self._call(
            service, method, request, reply, timeout, idempotency_key or os.urandom(16)
        )

    def _call(
        self,
        service: str,
        method: str,
        request: Message,
        reply: type[Reply],
        timeout: float | None,
        idempotency_key: bytes,
    ) -> Reply:
        envelope = rpc_pb2.Request(
            protocol_version=PROTOCOL_VERSION,
            request_id=os.urandom(16),
            method=f"chronotope.v1.{service}/{method}",
            metadata=[rpc_pb2.Metadata(key=k, value=v) for k, v in sorted(self.metadata.items())],
            flags=IDEMPOTENT,
            idempotency_key=idempotency_key,
            payload=request.SerializeToString(),
        )
        channel = self._routes.get(service, self._default)
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        attempt = 0
        while True:
            attempt += 1
            try:
                payload = _attempt(channel, envelope, deadline - time.monotonic())
                return _decoded(reply, payload)
            except StatusError as error:
                error.method, error.request_id = envelope.method, envelope.request_id
                delay = self.retry.delay(error, attempt, deadline - time.monotonic())
                if delay is None:
                    raise
                time.sleep(delay)


def _attempt(channel: Channel, envelope: rpc_pb2.Request, time_left: float) -> bytes:
    """One round trip; the payload of an OK response."""
    if time_left <= 0:
        raise StatusError(StatusCode.DEADLINE_EXCEEDED, "no time is left for the call")
    envelope.timeout_ms = max(1, round(time_left * 1000))
    request = envelope.SerializeToString()
    is_ingest = envelope.method.startswith("chronotope.v1.Ingest/")
    limit = MAX_INGEST_BYTES if is_ingest else MAX_QUERY_BYTES
    if len(request) > limit:
        problem = f"a frame of {len(request)} bytes"
        detail = ErrorDetail("payload", problem, f"send at most {limit} bytes at once")
        raise StatusError(StatusCode.INVALID_ARGUMENT, problem, details=(detail,))
    frame = channel.round_trip(request, time_left)
    try:
        response = rpc_pb2.Response.FromString(frame)
        is_answer = response.code != StatusCode.OK or response.request_id == envelope.request_id
    except DecodeError:
        is_answer = False
    if not is_answer:
        raise StatusError(
            StatusCode.INTERNAL, f"{channel.address} does not answer as a Chronotope service"
        )
    if response.code == StatusCode.OK:
        payload: bytes = response.payload
        return payload
    raise StatusError(
        StatusCode.from_wire(response.code),
        response.message,
        details=tuple(ErrorDetail(d.field, d.reason, d.remedy) for d in response.details),
        retry_after=response.retry_after_ms / 1000 if response.retry_after_ms else None,
    )


def _decoded(reply: type[Reply], payload: bytes) -> Reply:
    try:
        message: Reply = reply.FromString(payload)
    except DecodeError as error:
        raise StatusError(StatusCode.INTERNAL, "the reply is of another type") from error
    return message


def event(
    user: str,
    action: str,
    *,
    item: str = "",
    at: datetime | None = None,
    place: Coordinates | None = None,
    value: float | None = None,
    context: common_pb2.Context | None = None,
    query_text: str = "",
    id: str = "",
    recommendation_id: str = "",
) -> common_pb2.Event:
    """Something a user did; now where `at` is None. `at` needs a time zone, from which the user's clock follows."""
    moment = at or datetime.now().astimezone()
    milliseconds, offset = _instant(moment)
    return common_pb2.Event(
        id=id,
        user=user,
        item=item,
        action=action,
        instant_ms=milliseconds,
        utc_offset_minutes=offset,
        place=_place(place),
        context=context,
        value=None if value is None else common_pb2.Value(amount=value),
        query_text=query_text,
        recommendation_id=recommendation_id,
    )


def item(
    id: str,
    *,
    name: str = "",
    category: str = "",
    place: Coordinates | None = None,
    tags: Iterable[str] = (),
    features: Mapping[str, Iterable[float]] | None = None,
) -> common_pb2.Item:
    """An entry of the catalogue.

    `features` are vectors by name, as `{"text": embedding}`: models answer by them with items that have no
    events yet. All vectors of one name have one length.
    """
    vectors = [
        common_pb2.FeatureVector(name=vector, values=values)
        for vector, values in (features or {}).items()
    ]
    return common_pb2.Item(
        id=id, name=name, category=category, place=_place(place), tags=tags, features=vectors
    )


def _settings(texts: Mapping[str, str] | None) -> list[training_pb2.Setting]:
    return [training_pb2.Setting(name=name, value=text) for name, text in (texts or {}).items()]


def _place(coordinates: Coordinates | None) -> common_pb2.Place | None:
    if coordinates is None:
        return None
    return common_pb2.Place(latitude=coordinates[0], longitude=coordinates[1])


def _at(moment: datetime | None) -> common_pb2.At | None:
    if moment is None:
        return None
    milliseconds, offset = _instant(moment)
    return common_pb2.At(instant_ms=milliseconds, utc_offset_minutes=offset)


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _instant(moment: datetime) -> tuple[int, int]:
    """Milliseconds since 1970 and minutes east of Greenwich."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("the time needs a time zone: datetime(..., tzinfo=...)")
    since = moment - EPOCH
    milliseconds = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    return milliseconds, round(offset.total_seconds() / 60)
