"""Serves chronotope.v1.Query/Recommend of a version of the model store by Python, grpcio and NumPy.

    numpy_server.py --version STORE/versions/vN --port PORT [--processes 2]

One process a core behind one port; each answers on one thread, since Python runs one at a time.
Needs the messages that tools/peers generates.

    numpy_server.py --version … --questions FILE --ids-out FILE
        answers the questions of a file (4 bytes length, message) and writes the ids: the check that it
        serves the same model.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import struct
import sys

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / ".peers/generated"))
sys.dont_write_bytecode = True

import grpc  # noqa: E402
from chronotope.v1 import common_pb2  # noqa: E402
from chronotope_numpy import Model  # noqa: E402


def answer(model, request):
    place = (request.place.latitude, request.place.longitude) \
        if request.HasField("place") else None
    scores = model.scores(request.user, request.at.instant_ms, request.at.utc_offset_minutes, place)
    if not request.filter.include_seen:
        scores[model.histories[request.user].items] = -1e30
    reply = common_pb2.ListReply()
    for item in model.top(scores, request.k):
        entry = reply.items.add()
        entry.id = entry.name = model.ids[item]
        category = model.category[item]
        if category < model.no_category:
            entry.category = model.categories[category]
        if model.placed[item]:
            entry.place.latitude, entry.place.longitude = model.degrees[item]
        entry.score = scores[item]
    reply.provenance.path = "chronotope"
    return reply


def serve(model, port):
    handler = grpc.unary_unary_rpc_method_handler(
        lambda request, context: answer(model, request),
        request_deserializer=common_pb2.ListRequest.FromString,
        response_serializer=common_pb2.ListReply.SerializeToString)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1),
                         options=[("grpc.so_reuseport", 1)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "chronotope.v1.Query", {"Recommend": handler}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


def questions(path):
    bytes_, at = pathlib.Path(path).read_bytes(), 0
    while at < len(bytes_):
        length = struct.unpack_from("<I", bytes_, at)[0]
        yield common_pb2.ListRequest.FromString(bytes_[at + 4:at + 4 + length])
        at += 4 + length


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--questions")
    parser.add_argument("--ids-out")
    options = parser.parse_args()
    model = Model(options.version)
    if options.questions:
        ids = [[{"id": item.id, "score": item.score} for item in answer(model, question).items]
               for question in questions(options.questions)]
        pathlib.Path(options.ids_out).write_text(json.dumps(ids))
        return
    children = []
    for _ in range(options.processes):
        child = os.fork()
        if child == 0:
            serve(model, options.port)
            return
        children.append(child)

    def end(*_):
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
