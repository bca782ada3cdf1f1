from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
NOT_SERVING: ServingStatus
SERVING: ServingStatus
SERVING_STATUS_UNKNOWN: ServingStatus

class HealthCheckReply(_message.Message):
    __slots__ = ["reasons", "status"]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    status: ServingStatus
    def __init__(self, status: _Optional[_Union[ServingStatus, str]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class HealthCheckRequest(_message.Message):
    __slots__ = ["service"]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    service: str
    def __init__(self, service: _Optional[str] = ...) -> None: ...

class HealthWatchRequest(_message.Message):
    __slots__ = ["known", "service", "wait_ms"]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    known: ServingStatus
    service: str
    wait_ms: int
    def __init__(self, service: _Optional[str] = ..., known: _Optional[_Union[ServingStatus, str]] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ["deduplication_days", "deduplication_events", "max_deadline_ms", "max_events_per_batch", "max_excluded_items", "max_in_flight", "max_ingest_frame_bytes", "max_instant_ms", "max_k", "max_message_depth", "max_query_frame_bytes", "max_query_text_bytes", "max_string_bytes", "max_tags", "min_instant_ms"]
    DEDUPLICATION_DAYS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_EVENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_EVENTS_PER_BATCH_FIELD_NUMBER: _ClassVar[int]
    MAX_EXCLUDED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_INGEST_FRAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_K_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    MAX_QUERY_FRAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_QUERY_TEXT_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_STRING_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_TAGS_FIELD_NUMBER: _ClassVar[int]
    MIN_INSTANT_MS_FIELD_NUMBER: _ClassVar[int]
    deduplication_days: int
    deduplication_events: int
    max_deadline_ms: int
    max_events_per_batch: int
    max_excluded_items: int
    max_in_flight: int
    max_ingest_frame_bytes: int
    max_instant_ms: int
    max_k: int
    max_message_depth: int
    max_query_frame_bytes: int
    max_query_text_bytes: int
    max_string_bytes: int
    max_tags: int
    min_instant_ms: int
    def __init__(self, max_k: _Optional[int] = ..., max_events_per_batch: _Optional[int] = ..., max_query_frame_bytes: _Optional[int] = ..., max_ingest_frame_bytes: _Optional[int] = ..., max_string_bytes: _Optional[int] = ..., max_query_text_bytes: _Optional[int] = ..., max_deadline_ms: _Optional[int] = ..., min_instant_ms: _Optional[int] = ..., max_instant_ms: _Optional[int] = ..., max_excluded_items: _Optional[int] = ..., max_tags: _Optional[int] = ..., max_message_depth: _Optional[int] = ..., max_in_flight: _Optional[int] = ..., deduplication_events: _Optional[int] = ..., deduplication_days: _Optional[int] = ...) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ["blas_core", "features", "kernel_variant", "limits", "program_version", "protocol_version", "services", "started_ms", "tenant"]
    BLAS_CORE_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    KERNEL_VARIANT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    STARTED_MS_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    blas_core: str
    features: _containers.RepeatedScalarFieldContainer[str]
    kernel_variant: str
    limits: Limits
    program_version: str
    protocol_version: int
    services: _containers.RepeatedScalarFieldContainer[str]
    started_ms: int
    tenant: str
    def __init__(self, program_version: _Optional[str] = ..., protocol_version: _Optional[int] = ..., services: _Optional[_Iterable[str]] = ..., features: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., kernel_variant: _Optional[str] = ..., blas_core: _Optional[str] = ..., tenant: _Optional[str] = ..., started_ms: _Optional[int] = ...) -> None: ...

class ServerInfoRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ServingStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
