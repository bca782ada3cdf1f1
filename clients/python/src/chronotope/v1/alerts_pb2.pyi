from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserAlert(_message.Message):
    __slots__ = ["cell", "instant_ms", "kind", "reason", "sequence", "surprisal", "user"]
    CELL_FIELD_NUMBER: _ClassVar[int]
    INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SURPRISAL_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    cell: str
    instant_ms: int
    kind: str
    reason: str
    sequence: int
    surprisal: float
    user: str
    def __init__(self, sequence: _Optional[int] = ..., user: _Optional[str] = ..., kind: _Optional[str] = ..., instant_ms: _Optional[int] = ..., cell: _Optional[str] = ..., surprisal: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class WatchAlertsReply(_message.Message):
    __slots__ = ["alerts", "calibration_user_months", "epoch_ms", "false_alarms_per_user_month", "last_sequence"]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_USER_MONTHS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_MS_FIELD_NUMBER: _ClassVar[int]
    FALSE_ALARMS_PER_USER_MONTH_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[UserAlert]
    calibration_user_months: float
    epoch_ms: int
    false_alarms_per_user_month: float
    last_sequence: int
    def __init__(self, alerts: _Optional[_Iterable[_Union[UserAlert, _Mapping]]] = ..., last_sequence: _Optional[int] = ..., epoch_ms: _Optional[int] = ..., false_alarms_per_user_month: _Optional[float] = ..., calibration_user_months: _Optional[float] = ...) -> None: ...

class WatchAlertsRequest(_message.Message):
    __slots__ = ["after_sequence", "epoch_ms", "limit", "user", "wait_ms"]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_MS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    epoch_ms: int
    limit: int
    user: str
    wait_ms: int
    def __init__(self, after_sequence: _Optional[int] = ..., epoch_ms: _Optional[int] = ..., wait_ms: _Optional[int] = ..., user: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...
