from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PrivacyBudgetReply(_message.Message):
    __slots__ = ["delta_limit", "epsilon_limit", "periods"]
    DELTA_LIMIT_FIELD_NUMBER: _ClassVar[int]
    EPSILON_LIMIT_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    delta_limit: float
    epsilon_limit: float
    periods: _containers.RepeatedCompositeFieldContainer[PrivacyPeriod]
    def __init__(self, epsilon_limit: _Optional[float] = ..., delta_limit: _Optional[float] = ..., periods: _Optional[_Iterable[_Union[PrivacyPeriod, _Mapping]]] = ...) -> None: ...

class PrivacyBudgetRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PrivacyPeriod(_message.Message):
    __slots__ = ["delta_spent", "epsilon_spent", "name", "releases"]
    DELTA_SPENT_FIELD_NUMBER: _ClassVar[int]
    EPSILON_SPENT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    delta_spent: float
    epsilon_spent: float
    name: str
    releases: int
    def __init__(self, name: _Optional[str] = ..., epsilon_spent: _Optional[float] = ..., delta_spent: _Optional[float] = ..., releases: _Optional[int] = ...) -> None: ...

class ReleaseCountsReply(_message.Message):
    __slots__ = ["periods", "rows", "rows_left_out", "threshold"]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROWS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    periods: _containers.RepeatedCompositeFieldContainer[PrivacyPeriod]
    rows: _containers.RepeatedCompositeFieldContainer[ReleasedRow]
    rows_left_out: int
    threshold: int
    def __init__(self, rows: _Optional[_Iterable[_Union[ReleasedRow, _Mapping]]] = ..., rows_left_out: _Optional[int] = ..., threshold: _Optional[int] = ..., periods: _Optional[_Iterable[_Union[PrivacyPeriod, _Mapping]]] = ...) -> None: ...

class ReleaseCountsRequest(_message.Message):
    __slots__ = ["by_category", "cell_level", "floor", "from_ms", "hours_per_slot", "noise", "to_ms"]
    BY_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CELL_LEVEL_FIELD_NUMBER: _ClassVar[int]
    FLOOR_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    HOURS_PER_SLOT_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    by_category: bool
    cell_level: int
    floor: int
    from_ms: int
    hours_per_slot: int
    noise: ReleaseNoise
    to_ms: int
    def __init__(self, from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., floor: _Optional[int] = ..., cell_level: _Optional[int] = ..., hours_per_slot: _Optional[int] = ..., by_category: bool = ..., noise: _Optional[_Union[ReleaseNoise, _Mapping]] = ...) -> None: ...

class ReleaseNoise(_message.Message):
    __slots__ = ["delta", "epsilon", "max_events_per_key", "max_keys_per_user"]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    MAX_EVENTS_PER_KEY_FIELD_NUMBER: _ClassVar[int]
    MAX_KEYS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    delta: float
    epsilon: float
    max_events_per_key: int
    max_keys_per_user: int
    def __init__(self, epsilon: _Optional[float] = ..., delta: _Optional[float] = ..., max_keys_per_user: _Optional[int] = ..., max_events_per_key: _Optional[int] = ...) -> None: ...

class ReleasedRow(_message.Message):
    __slots__ = ["category", "cell", "events", "slot", "users"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SLOT_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    category: str
    cell: str
    events: int
    slot: int
    users: int
    def __init__(self, cell: _Optional[str] = ..., slot: _Optional[int] = ..., category: _Optional[str] = ..., users: _Optional[int] = ..., events: _Optional[int] = ...) -> None: ...
