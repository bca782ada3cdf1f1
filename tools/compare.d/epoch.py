"""A pass of LightGCN training over gowalla-cf, two threads.

Both: three layers, d = 64, BPR with one uniform negative, Adam over all embeddings, and about 396 steps
of 2,048 samples, each with a propagation forward and one back. PyTorch is timed over some steps, as
published implementations train (COO) and, which is faster, with products of CSR both ways; ours over
the whole pass. Ours starts users at zero, so that a layer is a product with half of the matrix, and
steps over the items of whole users.
"""

TITLE = "LightGCN epoch, gowalla-cf, 2 threads: ours and PyTorch"
GOALS = {"ratio_epoch": 15}
RATIOS = {
    "ratio_epoch": ("seconds", "epoch_seconds", "time"),
    "ratio_epoch_csr": ("seconds", "csr_seconds", "time"),
}


def OURS(place):
    return ["{program}", "bench", "epoch", "--data", "{data}/gowalla-cf", "--threads", "2",
            "--steps", "2" if place.smoke else "0", "-o", "json"]


def PEER(place):
    return ["{python}", "{peers}/torch_lightgcn.py", "--data", "{data}/gowalla-cf", "--threads", "2",
            "--batches", "1" if place.smoke else "7"]
