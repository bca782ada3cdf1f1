#!/usr/bin/env python3
"""Writes testdata/golden/lightgcn/vectors.json: LightGCN with softmax over all items in float64.

Propagation, loss and gradient, written with dense matrices from the equations alone
(docs/METHOD.md), apart from the Swift code:

    P = sum over k of a_k A^^k E,  A^ = D^(-1/2) A D^(-1/2),  A = [[0, R], [R', 0]]
    s_ui = p_u . p_i / t, or the cosine of p_u and p_i over t
    loss = mean over users of w_u (log sum over j of exp s_uj - mean over i met of s_ui)
    w_u = n_u^activity over its mean

Users start at zero, and items alone are learned.

Every gradient is compared with central differences before it is written. Needs NumPy.
"""

import json
import pathlib

import numpy as np


def to_float32(values):
    """What the Swift side reads exactly, as float64."""
    return np.float64(np.float32(values))


def propagate(case, embeddings):
    met = case["met"]
    users, items = met.shape
    adjacency = np.zeros((users + items, users + items))
    adjacency[:users, users:] = met
    adjacency[users:, :users] = met.T
    degree = adjacency.sum(axis=1)
    scale = np.array([d ** -0.5 if d > 0 else 0.0 for d in degree])
    hat = scale[:, None] * adjacency * scale[None, :]
    power, total = embeddings, case["weights"][0] * embeddings
    for weight in case["weights"][1:]:
        power = hat @ power
        total = total + weight * power
    return total, hat


def activity(case):
    counts = case["met"].sum(axis=1)
    powers = counts ** case["activity"]
    return powers / powers.mean()


def forward(case, embeddings):
    outputs, _ = propagate(case, embeddings)
    vectors = outputs
    if case["cosine"]:
        lengths = np.linalg.norm(outputs, axis=1, keepdims=True)
        vectors = outputs / np.where(lengths > 0, lengths, 1)
    users = case["met"].shape[0]
    return vectors[:users] @ vectors[users:].T / case["temperature"], vectors, outputs


def loss(case, embeddings):
    logits, _, _ = forward(case, embeddings)
    met = case["met"]
    mean = (logits * met).sum(axis=1) / met.sum(axis=1)
    return float((activity(case) * (np.log(np.exp(logits).sum(axis=1)) - mean)).mean())


def gradient(case, embeddings):
    logits, vectors, outputs = forward(case, embeddings)
    met = case["met"]
    users = met.shape[0]
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    slope = share - met / met.sum(axis=1, keepdims=True)
    slope *= activity(case)[:, None] / users / case["temperature"]
    found = np.concatenate([slope @ vectors[users:], slope.T @ vectors[:users]])
    if case["cosine"]:
        lengths = np.linalg.norm(outputs, axis=1, keepdims=True)
        along = (found * vectors).sum(axis=1, keepdims=True)
        found = (found - vectors * along) / np.where(lengths > 0, lengths, np.inf)
    _, hat = propagate(case, embeddings)
    power, total = found, case["weights"][0] * found
    for weight in case["weights"][1:]:
        power = hat @ power
        total = total + weight * power
    return total[users:]


def check_gradient(case, embeddings, found):
    step = 1e-6
    users = case["met"].shape[0]
    for item, column in np.ndindex(found.shape):
        index = (users + item, column)
        moved = embeddings.copy()
        moved[index] += step
        above = loss(case, moved)
        moved[index] -= 2 * step
        numeric = (above - loss(case, moved)) / (2 * step)
        assert abs(numeric - found[item, column]) < 1e-7, index


def flat(values):
    return [float(value) for value in np.ravel(values)]


def vector(name, seed, users, items, dimension, weights, cosine, temperature, activity_exponent):
    generator = np.random.default_rng(seed)
    met = (generator.random((users, items)) < 0.4).astype(float)
    met[np.arange(users), generator.integers(0, items, users)] = 1  # nobody met nothing
    case = {"met": met, "weights": weights, "cosine": cosine, "temperature": temperature,
            "activity": activity_exponent}
    embeddings = to_float32(generator.normal(size=(users + items, dimension)) * 0.5)
    embeddings[:users] = 0
    found = gradient(case, embeddings)
    check_gradient(case, embeddings, found)
    return {
        "name": name,
        "userCount": users,
        "itemCount": items,
        "dimension": dimension,
        "met": [[int(u), int(i)] for u, i in zip(*np.nonzero(met))],
        "weights": weights,
        "isCosine": cosine,
        "temperature": temperature,
        "activityExponent": activity_exponent,
        "embeddings": flat(embeddings[users:]),
        "expected": {
            "outputs": flat(propagate(case, embeddings)[0]),
            "loss": loss(case, embeddings),
            "gradient": flat(found),
        },
    }


def main():
    cases = [
        vector("two layers, inner products", 1, 4, 6, 3, [1 / 3] * 3, False, 1.0, 0.0),
        vector("three layers, cosines", 2, 5, 7, 4, [0.25] * 4, True, 0.25, 0.5),
        vector("own weights", 3, 6, 5, 2, [0.0, 0.5, 2.0], True, 0.5, 1.0),
        vector("no layer", 4, 3, 4, 3, [1.0], False, 0.5, -0.5),
    ]
    document = {
        "capability": "LightGCN: propagation, softmax over all items, gradient",
        "source": "tools/generate-golden/lightgcn.py, NumPy float64",
        "tolerance": 1e-5,
        "toleranceReason": "of the largest magnitude in the tensor; float32 has 6e-8 a number",
        "cases": cases,
    }
    folder = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/lightgcn"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vectors.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
