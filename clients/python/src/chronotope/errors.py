"""How a call ends: the gRPC codes, and the one error that calls raise."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class StatusCode(enum.IntEnum):
    """Numbered as on the wire; docs/WIRE.md says what the caller should do next."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def from_wire(cls, number: int) -> StatusCode:
        """UNKNOWN for a number that this client does not know."""
        try:
            return cls(number)
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True)
class ErrorDetail:
    """What is wrong with which field, and how to mend it."""

    field: str
    reason: str
    remedy: str


class StatusError(Exception):
    """A call that failed, on the server or on the way to it."""

    def __init__(
        self,
        code: StatusCode,
        message: str,
        *,
        details: tuple[ErrorDetail, ...] = (),
        retry_after: float | None = None,
        method: str = "",
        request_id: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        #: Seconds to wait before a retry; None where the server has no opinion.
        self.retry_after = retry_after
        self.method = method
        #: Quote it when reporting a problem: the server's log has it too.
        self.request_id = request_id

    def __str__(self) -> str:
        lines = [f"{self.method}: {self.code.name}: {self.message}"]
        lines += [f"  {d.field or 'request'}: {d.reason}; {d.remedy}" for d in self.details]
        return "\n".join(lines)
