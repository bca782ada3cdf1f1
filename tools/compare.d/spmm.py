"""One propagation step over the gowalla-cf graph, d = 64, two threads."""

TITLE = "A times E, gowalla-cf, d = 64, 2 threads: ours (f32 and f16 rows) and PyTorch's CSR (MKL)"
GOALS = {"ratio_f32": 2.5, "ratio_f16": 3.5}
RATIOS = {
    "ratio_f32": ("f32_ms", "torch_csr_ms", "time"),
    "ratio_f16": ("f16_ms", "torch_csr_ms", "time"),
}


def rounds(place):
    return "2" if place.smoke else "25"


def OURS(place):
    return ["{program}", "bench", "spmm", "--data", "{data}/gowalla-cf", "--threads", "2",
            "--rounds", rounds(place), "-o", "json"]


def PEER(place):
    return ["{python}", "{peers}/torch_spmm.py", "--data", "{data}/gowalla-cf", "--threads", "2",
            "--rounds", rounds(place)]
