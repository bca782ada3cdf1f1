"""The calls of rpc.py with 64 KiB instead of 64 bytes."""

import rpc
from rpc import GOALS, LIMITS, RATIOS, prepare

TITLE = rpc.TITLE.replace("64 B", "64 KiB")


def OURS(place):
    return rpc.ours(place, 64 << 10)


def PEER(place):
    return rpc.peer(place, 64 << 10)
