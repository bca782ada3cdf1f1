"""One propagation step, normalized adjacency times embeddings, in PyTorch's CSR (MKL) and in SciPy.

    torch_spmm.py --data FOLDER --threads 2

Prints one JSON object; times are medians in milliseconds.
"""

import argparse
import json
import statistics
import time
import warnings

import numpy
import torch

from user_item_graph import interactions, normalized_adjacency


def milliseconds(rounds, work):
    """One round to warm up, then the median of the others."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


options = argparse.ArgumentParser()
options.add_argument("--data", required=True)
options.add_argument("--dimension", type=int, default=64)
options.add_argument("--threads", type=int, default=1)
options.add_argument("--rounds", type=int, default=15)
options = options.parse_args()

warnings.filterwarnings("ignore", message="Sparse")
torch.set_num_threads(options.threads)
adjacency = normalized_adjacency(interactions(options.data))
embeddings = numpy.random.default_rng(0).standard_normal(
    (adjacency.shape[0], options.dimension), dtype=numpy.float32)
csr = torch.sparse_csr_tensor(
    torch.from_numpy(adjacency.indptr.astype(numpy.int64)),
    torch.from_numpy(adjacency.indices.astype(numpy.int64)),
    torch.from_numpy(adjacency.data), adjacency.shape)
dense = torch.from_numpy(embeddings)
with torch.no_grad():
    torch_ms = milliseconds(options.rounds, lambda: torch.sparse.mm(csr, dense))
print(json.dumps({
    "peer": f"torch {torch.__version__}, CSR", "nodes": adjacency.shape[0],
    "non_zeros": adjacency.nnz, "dimension": options.dimension, "threads": options.threads,
    "torch_csr_ms": torch_ms,
    "scipy_ms": milliseconds(options.rounds, lambda: adjacency @ embeddings),
}))
