"""Writes the generated files that protoc's own generators do not: main.py DESCRIPTOR_SET ROOT."""

from __future__ import annotations

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import c_code  # noqa: E402
import client_table  # noqa: E402
import schema  # noqa: E402
import swift_values  # noqa: E402


def main(descriptor_set_path: str, root: str) -> None:
    descriptor_set = Path(descriptor_set_path).read_bytes()
    files = schema.read(descriptor_set)

    c_folder = Path(root, "Sources/C/CMessages/Generated")
    (c_folder / "descriptors.h").write_text(c_code.descriptor_getters(files))
    (c_folder / "descriptor_set.h").write_text(c_code.DESCRIPTOR_SET_HEADER)
    (c_folder / "descriptor_set.c").write_text(c_code.descriptor_set_source(descriptor_set))

    swift_folder = Path(root, "Sources/Edges/Messages/Generated")
    for file in files:
        name = f"Wire+{file.stem.capitalize()}.swift"
        (swift_folder / name).write_text(swift_values.file(file))
    (swift_folder / "Methods.swift").write_text(swift_values.methods(files))

    client_folder = Path(root, "Sources/Services/Client/Generated")
    (client_folder / "MethodTable.swift").write_text(client_table.table(files))


main(*sys.argv[1:])
