"""When and how soon a call is repeated."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import StatusCode, StatusError

REPEATABLE = frozenset({StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED})


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with jitter. Eight attempts outlast a server's restart of two seconds.

    Only calls that are harmless to repeat are repeated: reads, and writes with an idempotency key or a
    producer.
    """

    max_attempts: int = 8
    first_delay: float = 0.02
    max_delay: float = 0.5

    def delay(self, error: StatusError, attempt: int, time_left: float) -> float | None:
        """Seconds to wait after the `attempt`-th failure (from 1 on); None to give up."""
        if error.code not in REPEATABLE or attempt >= self.max_attempts:
            return None
        backoff: float = min(self.first_delay * 2 ** (attempt - 1), self.max_delay)
        wait = max(backoff * random.uniform(0.5, 1.0), error.retry_after or 0.0)
        return wait if wait < time_left else None


NO_RETRY = RetryPolicy(max_attempts=1)
