"""The generated code against testdata/golden/messages, which an independent run of protoc made."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format

from chronotope.v1 import (
    alerts_pb2, common_pb2, health_pb2, ingest_pb2, model_pb2, pattern_pb2, release_pb2, rpc_pb2, training_pb2,
)

FOLDER = Path(__file__).parents[3] / "testdata/golden/messages"
CASES = [row.split("\t") for row in (FOLDER / "cases.tsv").read_text().splitlines()]
MODULES = [
    alerts_pb2, common_pb2, health_pb2, ingest_pb2, model_pb2, pattern_pb2, release_pb2, rpc_pb2, training_pb2,
]


def message_type(full_name: str):
    name = full_name.rsplit(".", 1)[-1]
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def test_vectors_are_there():
    assert len(CASES) >= 40


@pytest.mark.parametrize(("case", "name"), CASES)
def test_same_bytes(case: str, name: str):
    wire = (FOLDER / f"{case}.bin").read_bytes()
    message = message_type(name).FromString(wire)
    assert message.DESCRIPTOR.full_name == name
    assert message.SerializeToString(deterministic=True) == wire


@pytest.mark.parametrize(("case", "name"), CASES)
def test_same_json(case: str, name: str):
    message = message_type(name).FromString((FOLDER / f"{case}.bin").read_bytes())
    golden = json.loads((FOLDER / f"{case}.json").read_text())
    assert json_format.MessageToDict(message) == golden
