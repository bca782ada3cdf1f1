"""Unary calls of 64 bytes, 64 in flight, over a unix socket, two processes each."""

TITLE = "calls a second, 64 B, 64 in flight, unix socket: ours and the gRPC C++ callback API"
GOALS = {"ratio_calls": 1.5}
LIMITS = {"share_p99": 1.2}
RATIOS = {
    "ratio_calls": ("calls_per_second", "calls_per_second", "rate"),
    "share_p99": ("p99_us", "p99_us", "share"),
}


def seconds(place):
    return "0.3" if place.smoke else "4"


def ours(place, size):
    return ["{program}", "bench", "rpc", "--payload", size, "--in-flight", "64", "--rounds", "1",
            "--seconds", seconds(place), "-o", "json"]


def peer(place, size):
    return [place.peer_program("grpc_load"), f"unix:{place.folder}/echo", "echo", size, "64",
            seconds(place), "1"]


def OURS(place):
    return ours(place, 64)


def PEER(place):
    return peer(place, 64)


def prepare(place):
    place.start([place.peer_program("grpc_server"), f"unix:{place.folder}/echo"])
