"""The parts of a descriptor set that the writers need, checked against the contract's own rules."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto

SCALARS = {
    Field.TYPE_DOUBLE: "Double",
    Field.TYPE_FLOAT: "Float",
    Field.TYPE_INT32: "Int32",
    Field.TYPE_SINT32: "Int32",
    Field.TYPE_SFIXED32: "Int32",
    Field.TYPE_INT64: "Int64",
    Field.TYPE_SINT64: "Int64",
    Field.TYPE_SFIXED64: "Int64",
    Field.TYPE_UINT32: "UInt32",
    Field.TYPE_FIXED32: "UInt32",
    Field.TYPE_UINT64: "UInt64",
    Field.TYPE_FIXED64: "UInt64",
    Field.TYPE_BOOL: "Bool",
    Field.TYPE_STRING: "String",
    Field.TYPE_BYTES: "[UInt8]",
}
SWIFT_KEYWORDS = set(
    "as break case catch class continue default defer do else enum extension false for func guard if "
    "import in init inout internal is let nil operator private protocol public repeat return self "
    "static struct subscript super switch throw throws true try typealias var where while".split()
)


def camel(snake: str) -> str:
    """instant_ms -> instantMs, backquoted where Swift reserves the word."""
    head, *tail = snake.lower().split("_")
    word = head + "".join(part[:1].upper() + part[1:] for part in tail)
    return f"`{word}`" if word in SWIFT_KEYWORDS else word


def snake(name: str) -> str:
    """PutEventsRequest -> put_events_request, as protoc-c names its functions."""
    return re.sub(r"(?<=[^A-Z])(?=[A-Z])", "_", name).lower()


@dataclass
class FieldModel:
    name: str  # as in the .proto file
    kind: int
    type_name: str  # of a message or an enum, without its package; else empty
    is_repeated: bool
    comment: list[str]

    @property
    def swift_name(self) -> str:
        return camel(self.name)

    @property
    def is_message(self) -> bool:
        return self.kind == Field.TYPE_MESSAGE

    @property
    def is_enum(self) -> bool:
        return self.kind == Field.TYPE_ENUM

    @property
    def element_type(self) -> str:
        return f"Wire.{self.type_name}" if self.type_name else SCALARS[self.kind]


@dataclass
class OneofModel:
    name: str
    members: list[FieldModel]
    comment: list[str]


@dataclass
class MessageModel:
    name: str
    full_name: str
    c_type: str  # Chronotope__V1__Event
    c_getter: str  # chronotope_v1_event
    members: list[FieldModel | OneofModel]
    comment: list[str]


@dataclass
class EnumModel:
    name: str
    cases: list[tuple[str, int, list[str]]]
    comment: list[str]


@dataclass
class MethodModel:
    name: str
    request: str
    reply: str
    comment: list[str]


@dataclass
class ServiceModel:
    name: str
    full_name: str
    methods: list[MethodModel]
    comment: list[str]


@dataclass
class FileModel:
    stem: str  # ingest
    path: str  # chronotope/v1/ingest.proto
    messages: list[MessageModel]
    enums: list[EnumModel]
    services: list[ServiceModel]


def refuse(text: str) -> None:
    sys.exit(f"generate-messages: {text}")


class Reader:
    """Reads one file of the set; `comments` maps a source path to the comment above it."""

    def __init__(self, file: descriptor_pb2.FileDescriptorProto):
        self.file = file
        self.comments = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
        }

    def comment(self, *path: int) -> list[str]:
        return [line.strip() for line in self.comments.get(path, "").strip().splitlines()]

    def local(self, type_name: str) -> str:
        prefix = f".{self.file.package}."
        if not type_name.startswith(prefix) or "." in type_name[len(prefix):]:
            refuse(f"{type_name}: only top-level types of {self.file.package} are supported")
        return type_name[len(prefix):]

    def field(self, field: Field, path: tuple[int, ...]) -> FieldModel:
        if field.proto3_optional:
            refuse(f"{field.name}: `optional` is not for protobuf-c; use a sub-message")
        is_named = field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM)
        if not is_named and field.type not in SCALARS:
            refuse(f"{field.name}: field type {field.type} is not supported")
        return FieldModel(
            name=field.name,
            kind=field.type,
            type_name=self.local(field.type_name) if is_named else "",
            is_repeated=field.label == Field.LABEL_REPEATED,
            comment=self.comment(*path),
        )

    def message(self, index: int) -> MessageModel:
        message = self.file.message_type[index]
        if message.nested_type or message.enum_type:
            refuse(f"{message.name}: nested types and maps are not supported")
        oneofs: dict[int, OneofModel] = {}
        members: list[FieldModel | OneofModel] = []
        for number, field in enumerate(message.field):
            model = self.field(field, (4, index, 2, number))
            if not field.HasField("oneof_index"):
                members.append(model)
            elif field.oneof_index in oneofs:
                oneofs[field.oneof_index].members.append(model)
            else:
                name = message.oneof_decl[field.oneof_index].name
                comment = self.comment(4, index, 8, field.oneof_index)
                oneofs[field.oneof_index] = OneofModel(name, [model], comment)
                members.append(oneofs[field.oneof_index])
        package = self.file.package
        return MessageModel(
            name=message.name,
            full_name=f"{package}.{message.name}",
            c_type="__".join([part.capitalize() for part in package.split(".")] + [message.name]),
            c_getter="_".join(package.split(".") + [snake(message.name)]),
            members=members,
            comment=self.comment(4, index),
        )

    def enum(self, index: int) -> EnumModel:
        enum = self.file.enum_type[index]
        prefix = snake(enum.name).upper() + "_"
        cases = []
        for number, value in enumerate(enum.value):
            comment = self.comment(5, index, 2, number)
            cases.append((camel(value.name.removeprefix(prefix)), value.number, comment))
        return EnumModel(enum.name, cases, self.comment(5, index))

    def service(self, index: int) -> ServiceModel:
        service = self.file.service[index]
        methods = [
            MethodModel(
                method.name,
                self.local(method.input_type),
                self.local(method.output_type),
                self.comment(6, index, 2, number),
            )
            for number, method in enumerate(service.method)
        ]
        full_name = f"{self.file.package}.{service.name}"
        return ServiceModel(service.name, full_name, methods, self.comment(6, index))

    def model(self) -> FileModel:
        file = self.file
        return FileModel(
            stem=file.name.rsplit("/", 1)[-1].removesuffix(".proto"),
            path=file.name,
            messages=[self.message(index) for index in range(len(file.message_type))],
            enums=[self.enum(index) for index in range(len(file.enum_type))],
            services=[self.service(index) for index in range(len(file.service))],
        )


def check_not_recursive(files: list[FileModel]) -> None:
    """protobuf-c has no depth limit, so a message may not hold itself, however indirectly."""
    children: dict[str, set[str]] = {}
    for message in (message for file in files for message in file.messages):
        flat = [m for part in message.members for m in getattr(part, "members", [part])]
        children[message.name] = {field.type_name for field in flat if field.is_message}

    def walk(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            refuse(f"{name} holds itself: {' > '.join(above + (name,))}")
        for child in sorted(children.get(name, set())):
            walk(child, above + (name,))

    for name in children:
        walk(name, ())


def read(descriptor_set: bytes) -> list[FileModel]:
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file
    models = sorted((Reader(file).model() for file in files), key=lambda model: model.path)
    check_not_recursive(models)
    return models
