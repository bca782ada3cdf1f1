from chronotope.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

ANY_SCOPE: PatternScope
ASSOCIATION: PatternKind
DESCRIPTOR: _descriptor.FileDescriptor
PATTERN_KIND_UNKNOWN: PatternKind
PERSONAL: PatternScope
ROUTINE: PatternKind
SHARED: PatternScope
TRANSITION: PatternKind

class GetPatternRequest(_message.Message):
    __slots__ = ["alias", "id", "version"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    alias: str
    id: str
    version: int
    def __init__(self, id: _Optional[str] = ..., version: _Optional[int] = ..., alias: _Optional[str] = ...) -> None: ...

class HourRange(_message.Message):
    __slots__ = ["first", "last"]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class ListPatternsReply(_message.Message):
    __slots__ = ["next_page_token", "patterns", "selected", "summary", "version"]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    SELECTED_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    next_page_token: str
    patterns: _containers.RepeatedCompositeFieldContainer[Pattern]
    selected: int
    summary: PatternSummary
    version: int
    def __init__(self, patterns: _Optional[_Iterable[_Union[Pattern, _Mapping]]] = ..., selected: _Optional[int] = ..., next_page_token: _Optional[str] = ..., version: _Optional[int] = ..., summary: _Optional[_Union[PatternSummary, _Mapping]] = ...) -> None: ...

class ListPatternsRequest(_message.Message):
    __slots__ = ["alias", "page_size", "page_token", "selection", "version"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    alias: str
    page_size: int
    page_token: str
    selection: PatternSelection
    version: int
    def __init__(self, selection: _Optional[_Union[PatternSelection, _Mapping]] = ..., version: _Optional[int] = ..., alias: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Pattern(_message.Message):
    __slots__ = ["adjusted_p", "antecedent_events", "confidence", "events", "evidence", "first_half_lift", "id", "kind", "lag", "learned_lift", "lift", "p", "rhythm", "second_half_lift", "stability", "text", "then", "users", "when", "z"]
    ADJUSTED_P_FIELD_NUMBER: _ClassVar[int]
    ANTECEDENT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_HALF_LIFT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    LEARNED_LIFT_FIELD_NUMBER: _ClassVar[int]
    LIFT_FIELD_NUMBER: _ClassVar[int]
    P_FIELD_NUMBER: _ClassVar[int]
    RHYTHM_FIELD_NUMBER: _ClassVar[int]
    SECOND_HALF_LIFT_FIELD_NUMBER: _ClassVar[int]
    STABILITY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    adjusted_p: float
    antecedent_events: int
    confidence: float
    events: int
    evidence: _containers.RepeatedScalarFieldContainer[int]
    first_half_lift: _common_pb2.Value
    id: str
    kind: PatternKind
    lag: PatternLag
    learned_lift: _common_pb2.Value
    lift: float
    p: float
    rhythm: PatternRhythm
    second_half_lift: _common_pb2.Value
    stability: float
    text: str
    then: PatternTarget
    users: int
    when: PatternAntecedent
    z: float
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[PatternKind, str]] = ..., when: _Optional[_Union[PatternAntecedent, _Mapping]] = ..., then: _Optional[_Union[PatternTarget, _Mapping]] = ..., events: _Optional[int] = ..., users: _Optional[int] = ..., antecedent_events: _Optional[int] = ..., confidence: _Optional[float] = ..., lift: _Optional[float] = ..., z: _Optional[float] = ..., p: _Optional[float] = ..., adjusted_p: _Optional[float] = ..., first_half_lift: _Optional[_Union[_common_pb2.Value, _Mapping]] = ..., second_half_lift: _Optional[_Union[_common_pb2.Value, _Mapping]] = ..., stability: _Optional[float] = ..., lag: _Optional[_Union[PatternLag, _Mapping]] = ..., rhythm: _Optional[_Union[PatternRhythm, _Mapping]] = ..., evidence: _Optional[_Iterable[int]] = ..., learned_lift: _Optional[_Union[_common_pb2.Value, _Mapping]] = ..., text: _Optional[str] = ...) -> None: ...

class PatternAntecedent(_message.Message):
    __slots__ = ["action", "after", "cell", "context", "segment", "slots", "user", "within_seconds"]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WITHIN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    action: str
    after: PatternTarget
    cell: str
    context: str
    segment: str
    slots: SlotRange
    user: str
    within_seconds: int
    def __init__(self, slots: _Optional[_Union[SlotRange, _Mapping]] = ..., cell: _Optional[str] = ..., action: _Optional[str] = ..., context: _Optional[str] = ..., segment: _Optional[str] = ..., user: _Optional[str] = ..., after: _Optional[_Union[PatternTarget, _Mapping]] = ..., within_seconds: _Optional[int] = ...) -> None: ...

class PatternChange(_message.Message):
    __slots__ = ["after", "before", "lift_ratio"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    LIFT_RATIO_FIELD_NUMBER: _ClassVar[int]
    after: Pattern
    before: Pattern
    lift_ratio: float
    def __init__(self, before: _Optional[_Union[Pattern, _Mapping]] = ..., after: _Optional[_Union[Pattern, _Mapping]] = ..., lift_ratio: _Optional[float] = ...) -> None: ...

class PatternDriftReply(_message.Message):
    __slots__ = ["appeared", "appeared_count", "changed", "changed_count", "from_version", "to_version", "unchanged_count", "vanished", "vanished_count"]
    APPEARED_COUNT_FIELD_NUMBER: _ClassVar[int]
    APPEARED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    FROM_VERSION_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    VANISHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    VANISHED_FIELD_NUMBER: _ClassVar[int]
    appeared: _containers.RepeatedCompositeFieldContainer[Pattern]
    appeared_count: int
    changed: _containers.RepeatedCompositeFieldContainer[PatternChange]
    changed_count: int
    from_version: int
    to_version: int
    unchanged_count: int
    vanished: _containers.RepeatedCompositeFieldContainer[Pattern]
    vanished_count: int
    def __init__(self, from_version: _Optional[int] = ..., to_version: _Optional[int] = ..., appeared: _Optional[_Iterable[_Union[Pattern, _Mapping]]] = ..., vanished: _Optional[_Iterable[_Union[Pattern, _Mapping]]] = ..., changed: _Optional[_Iterable[_Union[PatternChange, _Mapping]]] = ..., appeared_count: _Optional[int] = ..., vanished_count: _Optional[int] = ..., changed_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ...) -> None: ...

class PatternDriftRequest(_message.Message):
    __slots__ = ["from_version", "least_ratio", "limit", "selection", "to_version"]
    FROM_VERSION_FIELD_NUMBER: _ClassVar[int]
    LEAST_RATIO_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    from_version: int
    least_ratio: float
    limit: int
    selection: PatternSelection
    to_version: int
    def __init__(self, from_version: _Optional[int] = ..., to_version: _Optional[int] = ..., selection: _Optional[_Union[PatternSelection, _Mapping]] = ..., least_ratio: _Optional[float] = ..., limit: _Optional[int] = ...) -> None: ...

class PatternLag(_message.Message):
    __slots__ = ["histogram", "p10_seconds", "p50_seconds", "p90_seconds"]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    P10_SECONDS_FIELD_NUMBER: _ClassVar[int]
    P50_SECONDS_FIELD_NUMBER: _ClassVar[int]
    P90_SECONDS_FIELD_NUMBER: _ClassVar[int]
    histogram: _containers.RepeatedScalarFieldContainer[int]
    p10_seconds: int
    p50_seconds: int
    p90_seconds: int
    def __init__(self, p10_seconds: _Optional[int] = ..., p50_seconds: _Optional[int] = ..., p90_seconds: _Optional[int] = ..., histogram: _Optional[_Iterable[int]] = ...) -> None: ...

class PatternReply(_message.Message):
    __slots__ = ["pattern", "version"]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    pattern: Pattern
    version: int
    def __init__(self, pattern: _Optional[_Union[Pattern, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class PatternRhythm(_message.Message):
    __slots__ = ["concentration", "mean_hour"]
    CONCENTRATION_FIELD_NUMBER: _ClassVar[int]
    MEAN_HOUR_FIELD_NUMBER: _ClassVar[int]
    concentration: float
    mean_hour: float
    def __init__(self, mean_hour: _Optional[float] = ..., concentration: _Optional[float] = ...) -> None: ...

class PatternSelection(_message.Message):
    __slots__ = ["category", "cell", "hours", "item", "kind", "maximum_adjusted_p", "minimum_events", "minimum_lift", "minimum_stability", "minimum_users", "polygon", "scope", "segment", "user", "within"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ADJUSTED_P_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_EVENTS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_LIFT_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_STABILITY_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_USERS_FIELD_NUMBER: _ClassVar[int]
    POLYGON_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    category: str
    cell: str
    hours: HourRange
    item: str
    kind: PatternKind
    maximum_adjusted_p: float
    minimum_events: int
    minimum_lift: float
    minimum_stability: float
    minimum_users: int
    polygon: _containers.RepeatedCompositeFieldContainer[_common_pb2.Place]
    scope: PatternScope
    segment: str
    user: str
    within: _common_pb2.Radius
    def __init__(self, kind: _Optional[_Union[PatternKind, str]] = ..., scope: _Optional[_Union[PatternScope, str]] = ..., user: _Optional[str] = ..., segment: _Optional[str] = ..., hours: _Optional[_Union[HourRange, _Mapping]] = ..., cell: _Optional[str] = ..., within: _Optional[_Union[_common_pb2.Radius, _Mapping]] = ..., polygon: _Optional[_Iterable[_Union[_common_pb2.Place, _Mapping]]] = ..., category: _Optional[str] = ..., item: _Optional[str] = ..., minimum_lift: _Optional[float] = ..., minimum_stability: _Optional[float] = ..., minimum_events: _Optional[int] = ..., minimum_users: _Optional[int] = ..., maximum_adjusted_p: _Optional[float] = ...) -> None: ...

class PatternSummary(_message.Message):
    __slots__ = ["events", "patterns", "significant", "tests", "users"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    SIGNIFICANT_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    events: int
    patterns: int
    significant: int
    tests: int
    users: int
    def __init__(self, events: _Optional[int] = ..., users: _Optional[int] = ..., tests: _Optional[int] = ..., significant: _Optional[int] = ..., patterns: _Optional[int] = ...) -> None: ...

class PatternTarget(_message.Message):
    __slots__ = ["category", "kind", "label", "name", "place"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    category: str
    kind: str
    label: str
    name: str
    place: _common_pb2.Place
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., label: _Optional[str] = ..., category: _Optional[str] = ..., place: _Optional[_Union[_common_pb2.Place, _Mapping]] = ...) -> None: ...

class SlotRange(_message.Message):
    __slots__ = ["days", "hours", "start_hour"]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    START_HOUR_FIELD_NUMBER: _ClassVar[int]
    days: str
    hours: int
    start_hour: int
    def __init__(self, days: _Optional[str] = ..., start_hour: _Optional[int] = ..., hours: _Optional[int] = ...) -> None: ...

class PatternKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PatternScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
