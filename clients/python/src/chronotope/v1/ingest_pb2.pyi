from chronotope.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ForgetRequest(_message.Message):
    __slots__ = ["user"]
    USER_FIELD_NUMBER: _ClassVar[int]
    user: str
    def __init__(self, user: _Optional[str] = ...) -> None: ...

class GetItemsReply(_message.Message):
    __slots__ = ["items"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[_common_pb2.Item]
    def __init__(self, items: _Optional[_Iterable[_Union[_common_pb2.Item, _Mapping]]] = ...) -> None: ...

class GetItemsRequest(_message.Message):
    __slots__ = ["ids"]
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...

class HideItemRequest(_message.Message):
    __slots__ = ["is_hidden", "item"]
    IS_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    is_hidden: bool
    item: str
    def __init__(self, item: _Optional[str] = ..., is_hidden: bool = ...) -> None: ...

class IngestLedger(_message.Message):
    __slots__ = ["duplicates", "refused"]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    duplicates: int
    refused: _containers.RepeatedCompositeFieldContainer[RuleCount]
    def __init__(self, refused: _Optional[_Iterable[_Union[RuleCount, _Mapping]]] = ..., duplicates: _Optional[int] = ...) -> None: ...

class IngestStats(_message.Message):
    __slots__ = ["accepted_events", "duplicate_events", "end_offset", "hidden_items", "items", "log_bytes", "refused", "users"]
    ACCEPTED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_EVENTS_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_ITEMS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    LOG_BYTES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    accepted_events: int
    duplicate_events: int
    end_offset: int
    hidden_items: int
    items: int
    log_bytes: int
    refused: _containers.RepeatedCompositeFieldContainer[RuleCount]
    users: int
    def __init__(self, end_offset: _Optional[int] = ..., accepted_events: _Optional[int] = ..., duplicate_events: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[RuleCount, _Mapping]]] = ..., items: _Optional[int] = ..., users: _Optional[int] = ..., hidden_items: _Optional[int] = ..., log_bytes: _Optional[int] = ...) -> None: ...

class IngestStatsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class LogRecord(_message.Message):
    __slots__ = ["event", "forget", "hide_item", "item", "ledger", "merge_users", "user"]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    FORGET_FIELD_NUMBER: _ClassVar[int]
    HIDE_ITEM_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    MERGE_USERS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    event: _common_pb2.Event
    forget: ForgetRequest
    hide_item: HideItemRequest
    item: _common_pb2.Item
    ledger: IngestLedger
    merge_users: MergeUsersRequest
    user: _common_pb2.User
    def __init__(self, event: _Optional[_Union[_common_pb2.Event, _Mapping]] = ..., item: _Optional[_Union[_common_pb2.Item, _Mapping]] = ..., user: _Optional[_Union[_common_pb2.User, _Mapping]] = ..., forget: _Optional[_Union[ForgetRequest, _Mapping]] = ..., merge_users: _Optional[_Union[MergeUsersRequest, _Mapping]] = ..., hide_item: _Optional[_Union[HideItemRequest, _Mapping]] = ..., ledger: _Optional[_Union[IngestLedger, _Mapping]] = ...) -> None: ...

class MergeUsersRequest(_message.Message):
    __slots__ = ["source", "target"]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    source: str
    target: str
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ...) -> None: ...

class Producer(_message.Message):
    __slots__ = ["id", "sequence"]
    ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    sequence: int
    def __init__(self, id: _Optional[bytes] = ..., sequence: _Optional[int] = ...) -> None: ...

class PutEventsReply(_message.Message):
    __slots__ = ["accepted", "duplicates", "end_offset", "first_offset", "refused"]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    FIRST_OFFSET_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    duplicates: int
    end_offset: int
    first_offset: int
    refused: _containers.RepeatedCompositeFieldContainer[RefusedEvent]
    def __init__(self, accepted: _Optional[int] = ..., duplicates: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[RefusedEvent, _Mapping]]] = ..., first_offset: _Optional[int] = ..., end_offset: _Optional[int] = ...) -> None: ...

class PutEventsRequest(_message.Message):
    __slots__ = ["dry_run", "events", "producer"]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_FIELD_NUMBER: _ClassVar[int]
    dry_run: bool
    events: _containers.RepeatedCompositeFieldContainer[_common_pb2.Event]
    producer: Producer
    def __init__(self, events: _Optional[_Iterable[_Union[_common_pb2.Event, _Mapping]]] = ..., producer: _Optional[_Union[Producer, _Mapping]] = ..., dry_run: bool = ...) -> None: ...

class PutItemsRequest(_message.Message):
    __slots__ = ["items"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[_common_pb2.Item]
    def __init__(self, items: _Optional[_Iterable[_Union[_common_pb2.Item, _Mapping]]] = ...) -> None: ...

class PutReply(_message.Message):
    __slots__ = ["accepted", "end_offset", "first_offset", "refused"]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    FIRST_OFFSET_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    end_offset: int
    first_offset: int
    refused: _containers.RepeatedCompositeFieldContainer[RefusedEvent]
    def __init__(self, accepted: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[RefusedEvent, _Mapping]]] = ..., first_offset: _Optional[int] = ..., end_offset: _Optional[int] = ...) -> None: ...

class PutUsersRequest(_message.Message):
    __slots__ = ["users"]
    USERS_FIELD_NUMBER: _ClassVar[int]
    users: _containers.RepeatedCompositeFieldContainer[_common_pb2.User]
    def __init__(self, users: _Optional[_Iterable[_Union[_common_pb2.User, _Mapping]]] = ...) -> None: ...

class ReadReply(_message.Message):
    __slots__ = ["end_offset", "next_offset", "records"]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    NEXT_OFFSET_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    end_offset: int
    next_offset: int
    records: _containers.RepeatedCompositeFieldContainer[StoredRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[StoredRecord, _Mapping]]] = ..., next_offset: _Optional[int] = ..., end_offset: _Optional[int] = ...) -> None: ...

class ReadRequest(_message.Message):
    __slots__ = ["appended_from_ms", "max_records", "offset", "wait_ms"]
    APPENDED_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_RECORDS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    appended_from_ms: int
    max_records: int
    offset: int
    wait_ms: int
    def __init__(self, offset: _Optional[int] = ..., max_records: _Optional[int] = ..., wait_ms: _Optional[int] = ..., appended_from_ms: _Optional[int] = ...) -> None: ...

class RefusedEvent(_message.Message):
    __slots__ = ["field", "index", "reason", "remedy"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    field: str
    index: int
    reason: str
    remedy: str
    def __init__(self, index: _Optional[int] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ..., remedy: _Optional[str] = ...) -> None: ...

class RuleCount(_message.Message):
    __slots__ = ["count", "rule"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    count: int
    rule: str
    def __init__(self, rule: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class StoredRecord(_message.Message):
    __slots__ = ["appended_ms", "offset", "record"]
    APPENDED_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    appended_ms: int
    offset: int
    record: bytes
    def __init__(self, offset: _Optional[int] = ..., appended_ms: _Optional[int] = ..., record: _Optional[bytes] = ...) -> None: ...
