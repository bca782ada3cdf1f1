from chronotope.v1 import alerts_pb2 as _alerts_pb2
from chronotope.v1 import common_pb2 as _common_pb2
from chronotope.v1 import model_pb2 as _model_pb2
from chronotope.v1 import pattern_pb2 as _pattern_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
