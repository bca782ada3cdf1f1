from chronotope.v1 import common_pb2 as _common_pb2
from chronotope.v1 import pattern_pb2 as _pattern_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

ABSENCE_CATEGORY: Absence
ABSENCE_EXPIRED: Absence
ABSENCE_HIDDEN: Absence
ABSENCE_LISTED: Absence
ABSENCE_NONE: Absence
ABSENCE_NO_PLACE: Absence
ABSENCE_OUTSIDE_POLYGON: Absence
ABSENCE_OUTSIDE_RADIUS: Absence
ABSENCE_RANK: Absence
ABSENCE_SEEN: Absence
ABSENCE_TAGS: Absence
ABSENCE_UNKNOWN: Absence
DESCRIPTOR: _descriptor.FileDescriptor

class ActivityPrediction(_message.Message):
    __slots__ = ["probability", "provenance"]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    probability: float
    provenance: _common_pb2.Provenance
    def __init__(self, probability: _Optional[float] = ..., provenance: _Optional[_Union[_common_pb2.Provenance, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ["item", "request"]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    item: str
    request: _common_pb2.ListRequest
    def __init__(self, request: _Optional[_Union[_common_pb2.ListRequest, _Mapping]] = ..., item: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ["absence", "eligible_items", "excluded_because", "item", "least_score", "provenance", "rank", "remedy"]
    ABSENCE_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_ITEMS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    LEAST_SCORE_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    absence: Absence
    eligible_items: int
    excluded_because: str
    item: _common_pb2.Recommendation
    least_score: float
    provenance: _common_pb2.Provenance
    rank: int
    remedy: str
    def __init__(self, item: _Optional[_Union[_common_pb2.Recommendation, _Mapping]] = ..., rank: _Optional[int] = ..., excluded_because: _Optional[str] = ..., provenance: _Optional[_Union[_common_pb2.Provenance, _Mapping]] = ..., absence: _Optional[_Union[Absence, str]] = ..., remedy: _Optional[str] = ..., eligible_items: _Optional[int] = ..., least_score: _Optional[float] = ...) -> None: ...

class LoadedVersion(_message.Message):
    __slots__ = ["aliases", "family", "mapped_bytes", "number", "warming_queries"]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    MAPPED_BYTES_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    WARMING_QUERIES_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    family: str
    mapped_bytes: int
    number: int
    warming_queries: int
    def __init__(self, number: _Optional[int] = ..., family: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., mapped_bytes: _Optional[int] = ..., warming_queries: _Optional[int] = ...) -> None: ...

class ModelStatus(_message.Message):
    __slots__ = ["applied_offset", "end_offset", "key_fingerprint", "live_users", "problems", "shards", "versions"]
    APPLIED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    KEY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    LIVE_USERS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    SHARDS_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    applied_offset: int
    end_offset: int
    key_fingerprint: str
    live_users: int
    problems: _containers.RepeatedScalarFieldContainer[str]
    shards: _containers.RepeatedScalarFieldContainer[int]
    versions: _containers.RepeatedCompositeFieldContainer[LoadedVersion]
    def __init__(self, versions: _Optional[_Iterable[_Union[LoadedVersion, _Mapping]]] = ..., shards: _Optional[_Iterable[int]] = ..., applied_offset: _Optional[int] = ..., end_offset: _Optional[int] = ..., live_users: _Optional[int] = ..., problems: _Optional[_Iterable[str]] = ..., key_fingerprint: _Optional[str] = ...) -> None: ...

class ModelStatusRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PredictActivityRequest(_message.Message):
    __slots__ = ["alias", "at", "item", "place", "user"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    alias: str
    at: _common_pb2.At
    item: str
    place: _common_pb2.Place
    user: str
    def __init__(self, user: _Optional[str] = ..., item: _Optional[str] = ..., at: _Optional[_Union[_common_pb2.At, _Mapping]] = ..., place: _Optional[_Union[_common_pb2.Place, _Mapping]] = ..., alias: _Optional[str] = ...) -> None: ...

class SimilarUsersRequest(_message.Message):
    __slots__ = ["model_version", "request", "vector"]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    VECTOR_FIELD_NUMBER: _ClassVar[int]
    model_version: int
    request: _common_pb2.ListRequest
    vector: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, request: _Optional[_Union[_common_pb2.ListRequest, _Mapping]] = ..., vector: _Optional[_Iterable[float]] = ..., model_version: _Optional[int] = ...) -> None: ...

class UserVectorReply(_message.Message):
    __slots__ = ["model_version", "vector"]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    VECTOR_FIELD_NUMBER: _ClassVar[int]
    model_version: int
    vector: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, vector: _Optional[_Iterable[float]] = ..., model_version: _Optional[int] = ...) -> None: ...

class UserVectorRequest(_message.Message):
    __slots__ = ["alias", "user"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    alias: str
    user: str
    def __init__(self, user: _Optional[str] = ..., alias: _Optional[str] = ...) -> None: ...

class Absence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
