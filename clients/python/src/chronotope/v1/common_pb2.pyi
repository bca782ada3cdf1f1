from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
EXPLAIN_EVIDENCE: ExplainLevel
EXPLAIN_NONE: ExplainLevel
EXPLAIN_PARTS: ExplainLevel

class At(_message.Message):
    __slots__ = ["instant_ms", "is_hidden", "utc_offset_minutes"]
    INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    IS_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    UTC_OFFSET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    instant_ms: int
    is_hidden: bool
    utc_offset_minutes: int
    def __init__(self, instant_ms: _Optional[int] = ..., utc_offset_minutes: _Optional[int] = ..., is_hidden: bool = ...) -> None: ...

class CarryingPattern(_message.Message):
    __slots__ = ["id", "lift", "text"]
    ID_FIELD_NUMBER: _ClassVar[int]
    LIFT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    lift: float
    text: str
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., lift: _Optional[float] = ...) -> None: ...

class Context(_message.Message):
    __slots__ = ["device", "platform", "session", "tags"]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    device: str
    platform: str
    session: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, platform: _Optional[str] = ..., device: _Optional[str] = ..., session: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class Distance(_message.Message):
    __slots__ = ["meters"]
    METERS_FIELD_NUMBER: _ClassVar[int]
    meters: float
    def __init__(self, meters: _Optional[float] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ["action", "context", "id", "instant_ms", "item", "place", "query_text", "recommendation_id", "user", "utc_offset_minutes", "value"]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    QUERY_TEXT_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    UTC_OFFSET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    action: str
    context: Context
    id: str
    instant_ms: int
    item: str
    place: Place
    query_text: str
    recommendation_id: str
    user: str
    utc_offset_minutes: int
    value: Value
    def __init__(self, id: _Optional[str] = ..., user: _Optional[str] = ..., item: _Optional[str] = ..., action: _Optional[str] = ..., instant_ms: _Optional[int] = ..., utc_offset_minutes: _Optional[int] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., context: _Optional[_Union[Context, _Mapping]] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., query_text: _Optional[str] = ..., recommendation_id: _Optional[str] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ["events", "part", "text"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[EvidenceEvent]
    part: str
    text: str
    def __init__(self, text: _Optional[str] = ..., part: _Optional[str] = ..., events: _Optional[_Iterable[_Union[EvidenceEvent, _Mapping]]] = ...) -> None: ...

class EvidenceEvent(_message.Message):
    __slots__ = ["action", "amount", "instant_ms", "item", "name", "times", "utc_offset_minutes"]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    UTC_OFFSET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    action: str
    amount: float
    instant_ms: int
    item: str
    name: str
    times: int
    utc_offset_minutes: int
    def __init__(self, item: _Optional[str] = ..., name: _Optional[str] = ..., action: _Optional[str] = ..., instant_ms: _Optional[int] = ..., utc_offset_minutes: _Optional[int] = ..., amount: _Optional[float] = ..., times: _Optional[int] = ...) -> None: ...

class FeatureVector(_message.Message):
    __slots__ = ["name", "values"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class Filter(_message.Message):
    __slots__ = ["categories", "include_seen", "polygon", "tags", "within"]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_SEEN_FIELD_NUMBER: _ClassVar[int]
    POLYGON_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    categories: _containers.RepeatedScalarFieldContainer[str]
    include_seen: bool
    polygon: _containers.RepeatedCompositeFieldContainer[Place]
    tags: _containers.RepeatedScalarFieldContainer[str]
    within: Radius
    def __init__(self, categories: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., within: _Optional[_Union[Radius, _Mapping]] = ..., polygon: _Optional[_Iterable[_Union[Place, _Mapping]]] = ..., include_seen: bool = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ["category", "expires_ms", "features", "id", "is_hidden", "name", "place", "tags"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IS_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    category: str
    expires_ms: int
    features: _containers.RepeatedCompositeFieldContainer[FeatureVector]
    id: str
    is_hidden: bool
    name: str
    place: Place
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., tags: _Optional[_Iterable[str]] = ..., is_hidden: bool = ..., features: _Optional[_Iterable[_Union[FeatureVector, _Mapping]]] = ..., expires_ms: _Optional[int] = ...) -> None: ...

class ListReply(_message.Message):
    __slots__ = ["items", "provenance", "recommendation_id", "short_reason"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    SHORT_REASON_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Recommendation]
    provenance: Provenance
    recommendation_id: str
    short_reason: str
    def __init__(self, items: _Optional[_Iterable[_Union[Recommendation, _Mapping]]] = ..., provenance: _Optional[_Union[Provenance, _Mapping]] = ..., recommendation_id: _Optional[str] = ..., short_reason: _Optional[str] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ["alias", "at", "context", "exclude_items", "explain", "filter", "item", "k", "place", "session_events", "switched_off_parts", "user", "window_seconds"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_ITEMS_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    SESSION_EVENTS_FIELD_NUMBER: _ClassVar[int]
    SWITCHED_OFF_PARTS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    alias: str
    at: At
    context: Context
    exclude_items: _containers.RepeatedScalarFieldContainer[str]
    explain: ExplainLevel
    filter: Filter
    item: str
    k: int
    place: Place
    session_events: _containers.RepeatedCompositeFieldContainer[Event]
    switched_off_parts: _containers.RepeatedScalarFieldContainer[str]
    user: str
    window_seconds: int
    def __init__(self, user: _Optional[str] = ..., item: _Optional[str] = ..., k: _Optional[int] = ..., at: _Optional[_Union[At, _Mapping]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., context: _Optional[_Union[Context, _Mapping]] = ..., filter: _Optional[_Union[Filter, _Mapping]] = ..., exclude_items: _Optional[_Iterable[str]] = ..., alias: _Optional[str] = ..., explain: _Optional[_Union[ExplainLevel, str]] = ..., session_events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., switched_off_parts: _Optional[_Iterable[str]] = ..., window_seconds: _Optional[int] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ["accuracy_meters", "latitude", "longitude"]
    ACCURACY_METERS_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    accuracy_meters: float
    latitude: float
    longitude: float
    def __init__(self, latitude: _Optional[float] = ..., longitude: _Optional[float] = ..., accuracy_meters: _Optional[float] = ...) -> None: ...

class Provenance(_message.Message):
    __slots__ = ["alias", "fallback_reason", "lag_records", "layers", "model_version", "path", "shards_answered", "shards_total", "staleness_ms", "user_events"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_REASON_FIELD_NUMBER: _ClassVar[int]
    LAG_RECORDS_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    SHARDS_ANSWERED_FIELD_NUMBER: _ClassVar[int]
    SHARDS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    STALENESS_MS_FIELD_NUMBER: _ClassVar[int]
    USER_EVENTS_FIELD_NUMBER: _ClassVar[int]
    alias: str
    fallback_reason: str
    lag_records: int
    layers: _containers.RepeatedScalarFieldContainer[str]
    model_version: int
    path: str
    shards_answered: int
    shards_total: int
    staleness_ms: int
    user_events: int
    def __init__(self, model_version: _Optional[int] = ..., alias: _Optional[str] = ..., path: _Optional[str] = ..., fallback_reason: _Optional[str] = ..., layers: _Optional[_Iterable[str]] = ..., lag_records: _Optional[int] = ..., staleness_ms: _Optional[int] = ..., shards_answered: _Optional[int] = ..., shards_total: _Optional[int] = ..., user_events: _Optional[int] = ...) -> None: ...

class Radius(_message.Message):
    __slots__ = ["center", "meters"]
    CENTER_FIELD_NUMBER: _ClassVar[int]
    METERS_FIELD_NUMBER: _ClassVar[int]
    center: Place
    meters: float
    def __init__(self, center: _Optional[_Union[Place, _Mapping]] = ..., meters: _Optional[float] = ...) -> None: ...

class Recommendation(_message.Message):
    __slots__ = ["category", "distance", "evidence", "id", "name", "parts", "patterns", "place", "score"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    category: str
    distance: Distance
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    id: str
    name: str
    parts: _containers.RepeatedCompositeFieldContainer[ScorePart]
    patterns: _containers.RepeatedCompositeFieldContainer[CarryingPattern]
    place: Place
    score: float
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., score: _Optional[float] = ..., parts: _Optional[_Iterable[_Union[ScorePart, _Mapping]]] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ..., distance: _Optional[_Union[Distance, _Mapping]] = ..., patterns: _Optional[_Iterable[_Union[CarryingPattern, _Mapping]]] = ...) -> None: ...

class ScorePart(_message.Message):
    __slots__ = ["amount", "name"]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    amount: float
    name: str
    def __init__(self, name: _Optional[str] = ..., amount: _Optional[float] = ...) -> None: ...

class User(_message.Message):
    __slots__ = ["id", "tags"]
    ID_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    id: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ["amount"]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    amount: float
    def __init__(self, amount: _Optional[float] = ...) -> None: ...

class ExplainLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
