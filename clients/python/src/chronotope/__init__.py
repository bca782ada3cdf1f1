"""The Python client of Chronotope: recommend from where, when and how people act.

    import chronotope

    with chronotope.Client("tcp://127.0.0.1:7300") as client:
        client.put_events([chronotope.event("ada", "checkin", item="cafe-7", place=(52.5, 13.4))])
        for item in client.recommend("ada", k=5).items:
            print(item.name, item.score)

Messages are those of the contract, in `chronotope.v1`.
"""

from .client import Client, event, item
from .errors import ErrorDetail, StatusCode, StatusError
from .retry import RetryPolicy

__all__ = [
    "Client",
    "ErrorDetail",
    "RetryPolicy",
    "StatusCode",
    "StatusError",
    "event",
    "item",
]
