#!/usr/bin/env python3
"""Writes testdata/golden/cleaning: column rules, hashing, PCA and LDA of small cases, in float64.

Written from the definitions, apart from the Swift code, and by other ways where there are any:
quantiles by NumPy, PCA by the singular values of the centred matrix, LDA by the eigenvectors of
the unsymmetric Sw^-1 Sb. Needs NumPy; the seed is fixed.
"""

import json
import pathlib

import numpy

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/cleaning"


def write(name, capability, tolerance, reason, cases):
    vectors = {
        "capability": capability,
        "source": "tools/generate-golden/cleaning.py, NumPy float64",
        "tolerance": tolerance,
        "tolerance_reason": reason,
        "cases": cases,
    }
    (FOLDER / name).write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n")


def centre_and_scale(values, measure):
    if measure == "z-score":
        return numpy.mean(values), numpy.std(values)
    middle = numpy.median(values)
    if measure == "mad-z":
        deviation = numpy.median(numpy.abs(values - middle)) / 0.6744897501960817
        if deviation == 0:
            deviation = numpy.mean(numpy.abs(values - middle)) * numpy.sqrt(numpy.pi / 2)
        return middle, deviation
    low, high = numpy.percentile(values, [25, 75])
    return middle, (high - low) / (2 * 0.6744897501960817)


def is_outlier(values, measure, threshold):
    centre, scale = centre_and_scale(values, measure)
    if scale == 0:
        return numpy.zeros(len(values), bool)
    if measure == "iqr":
        low, high = numpy.percentile(values, [25, 75])
        reach = threshold * (high - low)
        return (values < low - reach) | (values > high + reach)
    return numpy.abs(values - centre) / scale > threshold


def column_case(generator, measure, treatment):
    count = int(generator.integers(5, 30))
    values = generator.normal(10, 3, count)
    if generator.random() < 0.3:
        values = numpy.round(values / 6)  # many equal numbers: MAD or IQR may be 0
    values[generator.integers(count)] = 10 + generator.choice([-1, 1]) * generator.uniform(20, 90)
    threshold = {"z-score": 2.0, "mad-z": 3.5, "iqr": 1.5}[measure]
    outliers = is_outlier(values, measure, threshold)
    inside = values[~outliers]
    centre, scale = centre_and_scale(values, measure)
    if treatment == "standardize":
        inside = values
        after = (values - centre) / (scale if scale > 0 else 1)
    elif treatment == "drop":
        after = inside
    else:  # clamp: to the fences
        if measure == "iqr":
            low, high = numpy.percentile(values, [25, 75])
            fences = low - threshold * (high - low), high + threshold * (high - low)
        else:
            fences = centre - threshold * scale, centre + threshold * scale
        after = numpy.where(outliers, numpy.clip(values, *fences), values)
        inside = after
    fill = {"mean": float(numpy.mean(inside)), "median": float(numpy.median(inside))}
    if treatment == "standardize":
        fill = {name: float((x - centre) / (scale if scale > 0 else 1)) for name, x in fill.items()}
    return {
        "values": values.tolist(),
        "rule": f"{measure}:{threshold}:{treatment}",
        "outliers": numpy.flatnonzero(outliers).tolist(),
        "after": numpy.asarray(after).tolist(),
        "fill": fill,
    }


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def fmix64(value):
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) % 2**64
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) % 2**64
    return value ^ (value >> 33)


def hashing_case(salt, width, words):
    # The published vectors of FNV-1a: the empty string, and "foobar".
    assert fnv1a(b"") == 0xCBF29CE484222325 and fnv1a(b"foobar") == 0x85944171F73967E8
    row = [0] * width
    hashes = [fmix64(fnv1a(salt.encode() + b"\0" + word.encode())) for word in words]
    for value in hashes:
        row[value % width] += -1 if value >= 2**63 else 1
    texts = [f"{value:016x}" for value in hashes]
    return {"salt": salt, "width": width, "words": words, "hashes": texts, "row": row}


def oriented(vector):
    # The first of the components that are largest up to rounding decides.
    sizes = numpy.abs(vector)
    leading = vector[numpy.flatnonzero(sizes >= sizes.max() * (1 - 1e-9))[0]]
    return vector if leading > 0 else -vector


def matrix(generator, rows, columns, rank=None):
    mixing = generator.normal(size=(rank or columns, columns))
    scales = 2.0 ** -numpy.arange(rank or columns)
    return generator.normal(size=(rows, rank or columns)) * scales @ mixing + generator.normal(size=columns)


def pca_case(generator, rows, columns, count, rank=None):
    train, later = matrix(generator, rows, columns, rank), generator.normal(size=(3, columns))
    mean = train.mean(axis=0)
    _, singular, right = numpy.linalg.svd(train - mean, full_matrices=False)
    kept = [k for k in range(min(count, len(singular))) if singular[k] > 1e-6 * singular[0]]
    components = numpy.array([oriented(right[k]) for k in kept])
    variance = singular**2 / (rows - 1)
    return {
        "rows": train.tolist(),
        "later": later.tolist(),
        "count": count,
        "mean": mean.tolist(),
        "components": components.tolist(),
        "variance": variance[kept].tolist(),
        "ratio": (variance[kept] / variance.sum()).tolist(),
        "projected": ((later - mean) @ components.T).tolist(),
    }


def lda_case(generator, rows, columns, classes, count, shrinkage, constant=False):
    labels = generator.integers(-1, classes, rows)
    labels[: 2 * classes] = numpy.tile(numpy.arange(classes), 2)
    train = matrix(generator, rows, columns)
    train += generator.normal(size=(classes + 1, columns))[labels] * 1.5
    if constant:
        train[:, 0] = 4.0  # tells nothing
        train[:, 1] = labels  # tells all, and has no variance within a class
    later = generator.normal(size=(3, columns))
    known = labels >= 0
    x, y = train[known], labels[known]
    mean = x.mean(axis=0)
    within = numpy.zeros((columns, columns))
    between = numpy.zeros((columns, columns))
    for label in range(classes):
        part = x[y == label]
        deviations = part - part.mean(axis=0)
        within += deviations.T @ deviations / len(x)
        gap = part.mean(axis=0) - mean
        between += len(part) / len(x) * numpy.outer(gap, gap)
    sphere = numpy.trace(within + between) / columns
    within = (1 - shrinkage) * within + shrinkage * sphere * numpy.eye(columns)
    values, vectors = numpy.linalg.eig(numpy.linalg.solve(within, between))
    order = numpy.argsort(-values.real)[: min(count, classes - 1)]
    components = []
    for k in order:
        vector = vectors[:, k].real
        components.append(oriented(vector / numpy.sqrt(vector @ within @ vector)))
    separations = values.real[order]
    return {
        "rows": train.tolist(),
        "classes": labels.tolist(),
        "later": later.tolist(),
        "count": count,
        "shrinkage": shrinkage,
        "components": numpy.array(components).tolist(),
        "separations": separations.tolist(),
        "ratio": (separations / separations.sum()).tolist(),
        "projected": ((later - mean) @ numpy.array(components).T).tolist(),
    }


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(20)
    measures = ["z-score", "mad-z", "iqr"]
    treatments = ["drop", "clamp", "standardize"]
    write(
        "columns.json",
        "outlier rules and fills of one column of numbers",
        1e-12,
        "relative to the largest magnitude of a column: sums of at most 30 terms in float64",
        [column_case(generator, m, t) for m in measures for t in treatments for _ in range(4)],
    )
    write(
        "hashing.json",
        "signed feature hashing",
        0,
        "integers match exactly",
        [
            hashing_case("tags", 8, ["coffee", "coffee", "wifi", "open late", ""]),
            hashing_case("category", 7, ["Bar", "Caf\u00e9", "\u9ece\u660e", "Bar"]),
            hashing_case("", 1, ["a", "b", "c"]),
            hashing_case("tags", 64, [f"word {number}" for number in range(200)]),
        ],
    )
    write(
        "pca.json",
        "principal components",
        1e-9,
        "relative to the largest of a tensor: squaring in XtX and gaps of a tenth between neighbours "
        "cost three digits, variances of a thousandth of the first three more",
        [
            pca_case(generator, 30, 5, 5),
            pca_case(generator, 6, 8, 3),
            pca_case(generator, 40, 7, 7, rank=3),
            pca_case(generator, 200, 12, 4),
        ],
    )
    write(
        "lda.json",
        "linear discriminants",
        1e-7,
        "relative to the largest of a tensor: whitening by a within-class covariance of condition "
        "up to 1e6 costs as many digits",
        [
            lda_case(generator, 60, 4, 3, 2, 1e-4),
            lda_case(generator, 80, 6, 5, 4, 0.1),
            lda_case(generator, 50, 5, 2, 3, 1e-4),
            lda_case(generator, 60, 5, 4, 2, 1e-3, constant=True),
        ],
    )


if __name__ == "__main__":
    main()
