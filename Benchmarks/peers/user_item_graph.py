"""The user-item graph of a data set of lists: train.txt[.xz], a line a user, `user item item ...`."""

import lzma
import pathlib

import numpy
import scipy.sparse


def lines(path):
    """The numbers of each line."""
    compressed = path.with_name(path.name + ".xz")
    opened = lzma.open(compressed, "rt") if compressed.exists() else path.open()
    with opened as file:
        for line in file:
            yield [int(word) for word in line.split()]


def interactions(folder):
    """Matrix R, shape [users, items], 1 where a user met an item."""
    users, items = [], []
    for user, *met in lines(pathlib.Path(folder) / "train.txt"):
        users += [user] * len(met)
        items += met
    ones = numpy.ones(len(users), numpy.float32)
    return scipy.sparse.csr_matrix((ones, (users, items)))


def normalized_adjacency(r):
    """D^(-1/2) A D^(-1/2) with A = [[0, R], [R^T, 0]], shape [users + items, users + items]."""
    a = scipy.sparse.bmat([[None, r], [r.T, None]]).tocsr()
    degrees = numpy.asarray(a.sum(1)).ravel()
    scale = scipy.sparse.diags(1 / numpy.sqrt(numpy.maximum(degrees, 1)))
    return (scale @ a @ scale).tocsr().astype(numpy.float32)
