#!/usr/bin/env python3
"""Writes testdata/golden/gcn/vectors.json: the reference graph convolution in float64.

Forward pass, loss, every gradient and three steps of gradient descent and of Adam, written with
dense matrices from the equations alone (docs/METHOD.md), apart from the Swift code:

    H0 = X W0 + b0,  Hl = ReLU(A^ H(l-1) Wl + bl),  logits = HL W(L+1) + b(L+1)
    A^ = D^(-1/2) A D^(-1/2)
    loss = mean over the labelled nodes of the sum over outputs of
           -(a y log s + (1 - y) log(1 - s)),  s = sigmoid(logit)

and the per-layer form h_v = sigmoid(theta ReLU(sum over u in N(v) of W_uv x_u)), W_uv = A^_vu W.
Every gradient is compared with central differences before it is written. Needs NumPy.
"""

import json
import pathlib

import numpy as np

RATE = {"gradient-descent": 0.5, "adam": 0.05}
STEPS = 3


def to_float32(values):
    """What the Swift side reads exactly, as float64."""
    return np.float64(np.float32(values))


def normalized(adjacency, has_self_loops):
    if has_self_loops:
        adjacency = adjacency + np.eye(len(adjacency))
    degree = np.abs(adjacency).sum(axis=1)
    scale = np.array([d ** -0.5 if d > 0 else 0.0 for d in degree])
    return scale[:, None] * adjacency * scale[None, :]


def forward(case, parameters):
    """The states H0…HL, and the logits of all nodes."""
    hat, features = case["hat"], case["features"]
    if case["form"] == "per-layer":
        summed = hat @ features @ parameters["W0"]
        states = [features @ parameters["W0"], np.maximum(summed, 0)]
        return states, states[-1] @ parameters["W2"]
    states = [features @ parameters["W0"] + parameters["b0"]]
    for layer in range(1, case["layers"] + 1):
        pre = hat @ states[-1] @ parameters[f"W{layer}"] + parameters[f"b{layer}"]
        states.append(np.maximum(pre, 0))
    last = case["layers"] + 1
    return states, states[-1] @ parameters[f"W{last}"] + parameters[f"b{last}"]


def loss(case, parameters):
    logits = forward(case, parameters)[1][case["nodes"]]
    probability = 1 / (1 + np.exp(-logits))
    y = case["labels"]
    terms = case["positive_weight"] * y * np.log(probability) + (1 - y) * np.log(1 - probability)
    return -terms.sum() / len(case["nodes"])


def gradient(case, parameters):
    states, logits = forward(case, parameters)
    y, weight = case["labels"], case["positive_weight"]
    probability = 1 / (1 + np.exp(-logits[case["nodes"]]))
    slope = np.zeros_like(logits)
    slope[case["nodes"]] = (1 - y) * probability - weight * y * (1 - probability)
    slope /= len(case["nodes"])
    hat, features, found = case["hat"], case["features"], {}
    if case["form"] == "per-layer":
        found["W2"] = states[-1].T @ slope
        inner = (slope @ parameters["W2"].T) * (states[-1] > 0)
        found["W0"] = (hat @ features).T @ inner
        return found
    last = case["layers"] + 1
    found[f"W{last}"] = states[-1].T @ slope
    found[f"b{last}"] = slope.sum(axis=0)
    slope = slope @ parameters[f"W{last}"].T
    for layer in range(case["layers"], 0, -1):
        inner = slope * (states[layer] > 0)
        found[f"W{layer}"] = (hat @ states[layer - 1]).T @ inner
        found[f"b{layer}"] = inner.sum(axis=0)
        slope = hat.T @ inner @ parameters[f"W{layer}"].T
    found["W0"] = features.T @ slope
    found["b0"] = slope.sum(axis=0)
    return found


def check_gradient(case, parameters, found):
    step = 1e-6
    for name, values in parameters.items():
        numeric = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            moved = {key: value.copy() for key, value in parameters.items()}
            moved[name][index] += step
            above = loss(case, moved)
            moved[name][index] -= 2 * step
            numeric[index] = (above - loss(case, moved)) / (2 * step)
        assert np.abs(numeric - found[name]).max() < 1e-7, name


def is_well_conditioned(case, parameters, found):
    """No activation at the kink of ReLU, and no gradient whose sign rounding could decide."""
    states, _ = forward(case, parameters)
    hidden = np.concatenate([state.ravel() for state in states[1:]])
    positive = hidden[hidden > 0]
    slopes = [np.abs(value[value != 0]) for value in found.values()]
    return positive.min() > 1e-3 and all(
        slope.min() > 1e-4 * slope.max() for slope in slopes if slope.size
    )


def descend(case, parameters, optimizer):
    parameters = {name: value.copy() for name, value in parameters.items()}
    first = {name: np.zeros_like(value) for name, value in parameters.items()}
    second = {name: np.zeros_like(value) for name, value in parameters.items()}
    for step in range(1, STEPS + 1):
        found = gradient(case, parameters)
        if not is_well_conditioned(case, parameters, found):
            return None
        for name, slope in found.items():
            if optimizer == "adam":
                first[name] = 0.9 * first[name] + 0.1 * slope
                second[name] = 0.999 * second[name] + 0.001 * slope**2
                mean = first[name] / (1 - 0.9**step)
                spread = second[name] / (1 - 0.999**step)
                slope = mean / (np.sqrt(spread) + 1e-8)
            parameters[name] -= RATE[optimizer] * slope
    return parameters


def shapes(form, layers, features, dimension, outputs):
    if form == "per-layer":
        return {"W0": (features, dimension), "W2": (dimension, outputs)}
    found = {"W0": (features, dimension), "b0": (dimension,)}
    for layer in range(1, layers + 1):
        found |= {f"W{layer}": (dimension, dimension), f"b{layer}": (dimension,)}
    return found | {f"W{layers + 1}": (dimension, outputs), f"b{layers + 1}": (outputs,)}


def make_case(name, seed, nodes, features, dimension, outputs, layers=1, form="reference",
              has_self_loops=False, positive_weight=1.0, share=1.0, degree=3.0):
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.random((nodes, nodes)) < degree / nodes, 1)
    weights = to_float32(generator.uniform(0.25, 3, (nodes, nodes))) * upper
    weights[2, :] = weights[:, 2] = 0  # an isolated node
    adjacency = weights + weights.T
    x = to_float32(generator.normal(size=(nodes, features)))
    x *= generator.random((nodes, features)) < 0.7
    labelled = np.sort(generator.permutation(nodes)[: max(1, round(share * nodes))])
    labels = generator.choice([0, 0, 0.25, 1], size=(len(labelled), outputs))
    case = {
        "name": name,
        "form": form,
        "layers": layers,
        "hasSelfLoops": has_self_loops,
        "positive_weight": positive_weight,
        "hat": normalized(adjacency, has_self_loops),
        "features": x,
        "nodes": labelled,
        "labels": labels,
    }
    parameters = {
        key: to_float32(generator.normal(size=shape) * 0.6)
        for key, shape in shapes(form, layers, features, dimension, outputs).items()
    }
    return case, adjacency, parameters


def flat(values):
    return [float(value) for value in np.ravel(values)]


def vector(**arguments):
    """The case of the first seed at which every step is well conditioned."""
    for seed in range(1, 20_000):
        case, adjacency, parameters = make_case(seed=seed, **arguments)
        stepped = {key: descend(case, parameters, key) for key in RATE}
        if all(stepped.values()):
            break
    found = gradient(case, parameters)
    check_gradient(case, parameters, found)
    states, logits = forward(case, parameters)
    rows, columns = np.nonzero(adjacency)
    return {
        "name": case["name"],
        "seed": seed,
        "form": case["form"],
        "layers": case["layers"],
        "nodeCount": len(adjacency),
        "featureCount": case["features"].shape[1],
        "dimension": parameters["W0"].shape[1],
        "outputCount": logits.shape[1],
        "hasSelfLoops": case["hasSelfLoops"],
        "positiveWeight": case["positive_weight"],
        "edges": [[int(r), int(c), float(adjacency[r, c])] for r, c in zip(rows, columns)],
        "features": flat(case["features"]),
        "nodes": [int(node) for node in case["nodes"]],
        "labels": flat(case["labels"]),
        "parameters": {key: flat(value) for key, value in parameters.items()},
        "expected": {
            "normalized": flat(case["hat"][np.nonzero(case["hat"])]),
            "states": [flat(state) for state in states],
            "logits": flat(logits),
            "probabilities": flat(1 / (1 + np.exp(-logits))),
            "loss": float(loss(case, parameters)),
            "gradient": {key: flat(value) for key, value in found.items()},
            "stepped": {
                optimizer: {key: flat(value) for key, value in after.items()}
                for optimizer, after in stepped.items()
            },
        },
    }


def main():
    cases = [
        vector(name="one layer", nodes=6, features=4, dimension=3, outputs=2),
        vector(name="two layers, some nodes labelled", nodes=9, features=4, dimension=4,
               outputs=3, layers=2, share=0.6, positive_weight=3.0),
        vector(name="self-loops", nodes=7, features=3, dimension=3, outputs=2,
               has_self_loops=True, positive_weight=0.5),
        vector(name="per-layer form", nodes=8, features=5, dimension=4, outputs=2,
               form="per-layer"),
        vector(name="more than one block of rows", nodes=270, features=3, dimension=2,
               outputs=2, share=0.5, degree=4.0),
    ]
    vectors = {
        "capability": "graph convolution: forward, loss, gradients, three optimizer steps",
        "source": "tools/generate-golden/gcn.py, NumPy float64",
        "tolerance": 1e-5,
        "toleranceReason": "of the largest magnitude in the tensor; float32 has 6e-8 a number",
        "rates": RATE,
        "steps": STEPS,
        "cases": cases,
    }
    folder = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/gcn"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vectors.json").write_text(json.dumps(vectors) + "\n")


if __name__ == "__main__":
    main()
