"""Exact top-k by inner product with faiss IndexFlatIP: one query at a time, and all in one call.

    faiss_topk.py --vectors ROWS --queries QUERIES --ids-out IDS --threads 1

Files hold raw little-endian numbers, f32 for rows and int64 for ids. Prints one JSON object; times are
medians in milliseconds a query.
"""

import argparse
import json
import statistics
import time

import faiss
import numpy

options = argparse.ArgumentParser()
options.add_argument("--vectors", required=True)
options.add_argument("--queries", required=True)
options.add_argument("--ids-out")
options.add_argument("--dimension", type=int, default=64)
options.add_argument("--k", type=int, default=20)
options.add_argument("--threads", type=int, default=1)
options.add_argument("--rounds", type=int, default=5)
options = options.parse_args()

faiss.omp_set_num_threads(options.threads)
rows = numpy.fromfile(options.vectors, "<f4").reshape(-1, options.dimension)
queries = numpy.fromfile(options.queries, "<f4").reshape(-1, options.dimension)
index = faiss.IndexFlatIP(options.dimension)
index.add(rows)
index.search(queries[:1], options.k)

single, batch = [], []
for _ in range(options.rounds):
    start = time.perf_counter()
    for query in range(len(queries)):
        index.search(queries[query:query + 1], options.k)
    single.append((time.perf_counter() - start) / len(queries) * 1e3)
    start = time.perf_counter()
    _, ids = index.search(queries, options.k)
    batch.append((time.perf_counter() - start) / len(queries) * 1e3)
if options.ids_out:
    ids.astype("<i8").tofile(options.ids_out)
print(json.dumps({
    "peer": f"faiss {faiss.__version__} IndexFlatIP", "items": len(rows),
    "dimension": options.dimension, "k": options.k, "threads": options.threads,
    "single_query_ms": statistics.median(single), "batch64_per_query_ms": statistics.median(batch),
    "batch_size": len(queries),
}))
