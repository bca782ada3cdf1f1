"""One nng request socket: frames out, frames back, errors as statuses."""

from __future__ import annotations

import threading
import time

import pynng
from pynng import ffi, lib

from .errors import StatusCode, StatusError

#: Larger replies close the connection; pages of the log are the largest.
MAX_REPLY_BYTES = 8 << 20


class Channel:
    """Calls on one address. Safe to use from many threads: each call has an nng context of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._lock = threading.Lock()
        # No resend by nng (-1): repeating is our decision, since a write may have happened.
        self._socket = pynng.Req0(
            resend_time=-1,
            recv_max_size=MAX_REPLY_BYTES,
            reconnect_time_min=50,
            reconnect_time_max=500,
        )
        self._socket.dial(address, block=False)

    def round_trip(self, frame: bytes, timeout: float) -> bytes:
        """Sends one frame and waits for its reply, for at most `timeout` seconds in all.

        Raises StatusError: UNAVAILABLE where the request was not sent or the connection broke,
        DEADLINE_EXCEEDED where it was sent and nothing came back.
        """
        is_sent = False
        deadline = time.monotonic() + timeout
        context = self._context(timeout)
        try:
            context.send(frame)
            is_sent = True
            _limit_receive(context, deadline - time.monotonic())
            reply: bytes = context.recv()
            return reply
        except pynng.Timeout as error:
            if is_sent:
                raise StatusError(
                    StatusCode.DEADLINE_EXCEEDED, f"no reply within {timeout:.3f} s"
                ) from error
            raise StatusError(StatusCode.UNAVAILABLE, f"{self.address} is not reached") from error
        except pynng.NNGException as error:
            raise StatusError(
                StatusCode.UNAVAILABLE, f"{self.address}: the connection broke"
            ) from error
        finally:
            context.close()

    def _context(self, timeout: float) -> pynng.Context:
        with self._lock:  # a context takes over the socket's timeout when it is opened
            self._socket.send_timeout = _milliseconds(timeout)
            return self._socket.new_context()

    def close(self) -> None:
        self._socket.close()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _limit_receive(context: pynng.Context, seconds: float) -> None:
    """Gives the reply what the sending left over; pynng itself sets no timeouts on contexts."""
    name = ffi.new("char[]", b"recv-timeout")
    pynng.check_err(lib.nng_ctx_set_ms(context.context, name, _milliseconds(seconds)))
