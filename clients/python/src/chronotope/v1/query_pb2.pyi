from chronotope.v1 import alerts_pb2 as _alerts_pb2
from chronotope.v1 import common_pb2 as _common_pb2
from chronotope.v1 import model_pb2 as _model_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Pattern(_message.Message):
    __slots__ = ["adjusted_p_value", "antecedent", "confidence", "consequent", "lift", "support"]
    ADJUSTED_P_VALUE_FIELD_NUMBER: _ClassVar[int]
    ANTECEDENT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONSEQUENT_FIELD_NUMBER: _ClassVar[int]
    LIFT_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    adjusted_p_value: float
    antecedent: _containers.RepeatedScalarFieldContainer[str]
    confidence: float
    consequent: str
    lift: float
    support: float
    def __init__(self, antecedent: _Optional[_Iterable[str]] = ..., consequent: _Optional[str] = ..., support: _Optional[float] = ..., confidence: _Optional[float] = ..., lift: _Optional[float] = ..., adjusted_p_value: _Optional[float] = ...) -> None: ...

class PatternsReply(_message.Message):
    __slots__ = ["patterns", "provenance"]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    patterns: _containers.RepeatedCompositeFieldContainer[Pattern]
    provenance: _common_pb2.Provenance
    def __init__(self, patterns: _Optional[_Iterable[_Union[Pattern, _Mapping]]] = ..., provenance: _Optional[_Union[_common_pb2.Provenance, _Mapping]] = ...) -> None: ...

class PatternsRequest(_message.Message):
    __slots__ = ["alias", "categories", "k", "slots", "user"]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    alias: str
    categories: _containers.RepeatedScalarFieldContainer[str]
    k: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    user: str
    def __init__(self, user: _Optional[str] = ..., categories: _Optional[_Iterable[str]] = ..., slots: _Optional[_Iterable[int]] = ..., k: _Optional[int] = ..., alias: _Optional[str] = ...) -> None: ...
