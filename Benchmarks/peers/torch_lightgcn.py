"""Seconds of a LightGCN epoch in PyTorch: three layers, d = 64, BPR, batches of 2,048, Adam.

    torch_lightgcn.py --data FOLDER --threads 2 --batches 5

Some batches are timed; an epoch is as many of them as the interactions fill. Prints one JSON object.
"""

import argparse
import json
import statistics
import time
import warnings

import numpy
import torch

from user_item_graph import interactions, normalized_adjacency

LAYERS, DIMENSION, BATCH = 3, 64, 2_048

options = argparse.ArgumentParser()
options.add_argument("--data", required=True)
options.add_argument("--threads", type=int, default=2)
options.add_argument("--batches", type=int, default=5)
options = options.parse_args()

warnings.filterwarnings("ignore")
torch.set_num_threads(options.threads)
torch.manual_seed(0)
r = interactions(options.data)
pairs = r.tocoo()
users = torch.from_numpy(pairs.row.astype(numpy.int64))
items = torch.from_numpy(pairs.col.astype(numpy.int64))
adjacency = normalized_adjacency(r)
# Symmetric, so that the gradient is the same product. COO: the layout that LightGCN's authors and
# its ports train with, since gradients flow through it.
coo = adjacency.tocoo()
matrix = torch.sparse_coo_tensor(
    torch.from_numpy(numpy.stack([coo.row, coo.col]).astype(numpy.int64)),
    torch.from_numpy(coo.data), coo.shape).coalesce()


class Propagation(torch.autograd.Function):
    """A·E through CSR, which is faster than COO: the gradient of E is A·(gradient of A·E)."""

    csr = matrix.to_sparse_csr()

    @staticmethod
    def forward(_, embeddings):
        return torch.sparse.mm(Propagation.csr, embeddings)

    @staticmethod
    def backward(_, gradient):
        return torch.sparse.mm(Propagation.csr, gradient.contiguous())


embeddings = torch.nn.Parameter(torch.randn(adjacency.shape[0], DIMENSION) * 0.1)
adam = torch.optim.Adam([embeddings], lr=1e-3)


def step(product):
    """One batch of BPR over embeddings that are propagated anew."""
    layer = total = embeddings
    for _ in range(LAYERS):
        layer = product(layer)
        total = total + layer
    total = total / (LAYERS + 1)
    chosen = torch.randint(0, len(users), (BATCH,))
    user, positive = users[chosen], items[chosen] + r.shape[0]
    negative = torch.randint(0, r.shape[1], (BATCH,)) + r.shape[0]
    margin = (total[user] * (total[negative] - total[positive])).sum(1)
    loss = torch.nn.functional.softplus(margin).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()


def seconds(product):
    """The median of some batches, after one to warm up."""
    step(product)
    times = []
    for _ in range(options.batches):
        start = time.perf_counter()
        step(product)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


batches = -(-len(users) // BATCH)
coo_seconds = seconds(lambda layer: torch.sparse.mm(matrix, layer))
csr_seconds = seconds(Propagation.apply)
print(json.dumps({
    "peer": f"torch {torch.__version__}, LightGCN", "samples": len(users), "steps": batches,
    "threads": options.threads,
    "step_seconds": coo_seconds, "epoch_seconds": coo_seconds * batches,
    "csr_step_seconds": csr_seconds, "csr_seconds": csr_seconds * batches,
}))
