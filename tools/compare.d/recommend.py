"""Recommend end to end: the model of foursquare-nyc, 16 callers in a closed loop."""

import json
import lzma
import subprocess

TITLE = ("answers a second, foursquare-nyc, chronotope model, 16 callers: ours, and the same model "
         "behind Python + grpcio + NumPy")
GOALS = {"ratio_answers": 20}
RATIOS = {
    "ratio_answers": ("answers_per_second", "calls_per_second", "rate"),
}
MAPPING = {
    "columns": {"user": "user_id", "item": "POI_id", "category": "POI_catname",
                "latitude": "latitude", "longitude": "longitude",
                "utc_offset_minutes": "timezone", "time": "UTC_time"},
    "constants": {"action": "checkin"}, "time_format": "iso8601", "coordinates": "both",
}


def seconds(place):
    return "0.5" if place.smoke else "6"


def OURS(place):
    return ["{program}", "bench", "recommend", "--server", address(place), "--seconds",
            seconds(place), "--in-flight", "16", "-o", "json"]


def PEER(place):
    return [place.peer_program("grpc_load"), "127.0.0.1:53717",
            "/chronotope.v1.Query/Recommend", "{folder}/questions", "16", seconds(place), "16"]


def address(place):
    return f"ipc://{place.folder}/s"


def prepare(place):
    """Serves the check-ins by both, and compares what they answer to the same questions."""
    (place.folder / "mapping.json").write_text(json.dumps(MAPPING))
    rows = place.folder / "checkins.csv"
    with lzma.open(f"{place.data}/foursquare-nyc/checkins_min10.csv.xz", "rt") as source:
        lines = source.readlines()
    rows.write_text("".join(lines[:20_000] if place.smoke else lines))
    place.ours = place.start([place.program.with_name("chronotoped"), "all", "--data-folder",
                              "{folder}/data", "--listen", address(place), "--admin-listen", "off"],
                             stderr=open(place.folder / "log", "w"))
    run = lambda *words: subprocess.run(place.words(["{program}", *words]), check=True,
                                        stdout=subprocess.DEVNULL)
    run("health", "--wait", "30", "--address", address(place))
    run("import", rows, "--mapping", "{folder}/mapping.json", "--state", "{folder}/state",
        "--address", address(place))
    run("train", "--no-patterns", "--address", address(place), "--set", "pass-count=1",
        *(["--set", "max-targets=500"] if place.smoke else []), "--publish-below-baseline")
    run("bench", "recommend", "--server", address(place), "--seconds", "0.2", "--questions-out",
        "{folder}/questions", "--ids-out", "{folder}/ours.json")
    version = sorted((place.folder / "data/default/store/versions").iterdir())[-1]
    server = ["{python}", "{peers}/numpy_server.py", "--version", version]
    subprocess.run(place.words(server + ["--questions", "{folder}/questions", "--ids-out",
                                         "{folder}/peer.json"]), check=True)
    place.start(server + ["--port", "53717"])


# Two such scores are a tie: log2 is a polynomial within 1e-4, and jumps by as much at powers of two.
TIE = 2e-4


def agree(ours, peer):
    """Whether two answers hold the same items, but for those tied with the last."""
    last = min(ours[-1]["score"], peer[-1]["score"]) + TIE
    sure = [{item["id"] for item in answer if item["score"] > last} for answer in (ours, peer)]
    either = [{item["id"] for item in answer} for answer in (ours, peer)]
    return sure[0] <= either[1] and sure[1] <= either[0] and all(
        abs(a["score"] - b["score"]) <= TIE for a, b in zip(ours, peer))


def check(place, ours, peer):
    """Whether both answered every question alike."""
    lists = [json.loads((place.folder / name).read_text()) for name in ("ours.json", "peer.json")]
    return {"identical_ids": int(all(map(agree, *lists))),
            "same_order_share": sum([a["id"] for a in one] == [b["id"] for b in two]
                                    for one, two in zip(*lists)) / len(lists[0])}
