"""K-means and codebooks of vectors in float64, any part of which an engine may do otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import number_of_values
from qref.codebooks.subvectors import as_matrix
from qref.numerics.philox import Stream, uniform
from qref.numerics.tensor import Tensor
from qref.ops import find
from qref.ops.request import Request

Array = NDArray[np.float64]
Places = NDArray[np.int64]
CODEBOOKS = ("VectorCodebook", "ProductCodebook")


def squared(X: Array, C: Array) -> Array:
    """‖x − c‖² of all pairs, [R, V]."""
    found: Array = ((X[:, np.newaxis] - C[np.newaxis]) ** 2).sum(axis=2)
    return found


def by_squares(X: Array, chosen: list[int]) -> Array:
    """The weights of a draw: D², or all alike."""
    D2 = squared(X, X[chosen]).min(axis=1) if chosen else np.zeros(len(X))
    return D2 if D2.any() else np.ones(len(X))


def first(distances: Array) -> Places:
    """The nearest centroid, the first of several."""
    return distances.argmin(axis=1)


def farthest(codes: Places, far: Array, V: int) -> Places:
    """Empty cells filled."""
    codes, far = codes.copy(), far.copy()
    for v in range(V):
        sizes = np.bincount(codes, minlength=V)
        free = (sizes[codes] > 1) & (far > 0)
        if not sizes[v] and free.any():
            i = int(np.where(free, far, 0.0).argmax())
            codes[i], far[i] = v, 0.0
    return codes


def unfilled(codes: Places, far: Array, V: int) -> Places:
    """Empty cells left so."""
    return codes


@dataclass(frozen=True)
class Engine:
    """An engine's way.

    Weights of a draw; nearest centroids by their distances; what empty cells take, and what becomes of the centroid
    where they take nothing; the most steps; whether codes are made anew at the end, and what empty cells take then;
    the words of the sub-matrices; the columns whose vectors are clustered for the columns of a sub-matrix.
    """

    weights: Callable[[Array, list[int]], Array] = by_squares
    distances: Callable[[Array, Array], Array] = squared
    nearest: Callable[[Array], Places] = first
    fill: Callable[[Places, Array, int], Places] = farthest
    empty: Callable[[Array], Array] = lambda old: old
    most: int | None = None
    renewed: bool = True
    fill_at_the_end: Callable[[Places, Array, int], Places] = unfilled
    words: Callable[[NDArray[np.uint32]], NDArray[np.uint32]] = lambda words: words
    columns: Callable[[slice, int], slice] = lambda columns, d: columns

    def run(self, request: Request) -> list[Tensor]:
        """The outputs as this engine finds them."""
        defaults = {name: one.default_at(1) for name, one in find(request).attributes.items()}
        given: dict[str, Any] = {**defaults, **request.attributes}
        x = request.inputs[0]
        assert x is not None
        if request.op == "KMeansStart":
            words = Stream(given["seed"], given["tensor"]).words(number_of_values(given["bits"], len(x.data)))
            return [Tensor("int64", np.array(self.start(x.data.astype(np.float64), words), np.int64))]
        if request.op == "KMeansStep":
            c = request.inputs[1]
            assert c is not None
            cells, C = self.step(x.data.astype(np.float64), c.data.astype(np.float64))
            return [Tensor("uint8", cells.astype(np.uint8)), Tensor("float32", C.astype(np.float32))]
        return self.codebooks(as_matrix(x.data, given["layout"]), given)

    def codebooks(self, rows: NDArray[np.float32], given: dict[str, Any]) -> list[Tensor]:
        """Codes and codebooks of a matrix."""
        R, L = rows.shape
        d = given.get("length", max(L, 1))
        V, S = number_of_values(given["bits"], R), -(-L // d)
        words = self.words(Stream(given["seed"], given["tensor"]).words(S * V).reshape(S, V))
        codes, books = np.zeros((R, S), np.uint8), np.zeros((V, L), np.float32)
        for s in range(S):
            columns = slice(s * d, min(s * d + d, L))
            wide = self.columns(columns, d)
            found, C = self.clustered(rows[:, wide].astype(np.float64), words[s], given["iterations"])
            codes[:, s], books[:, columns] = found, C[:, columns.start - wide.start :]
        return [Tensor("uint8", codes), Tensor("float32", books)]

    def clustered(self, X: Array, words: NDArray[np.uint32], iterations: int) -> tuple[Places, Array]:
        """Codes and centroids."""
        C, cells = X[self.start(X, words)], np.zeros(0, np.int64)
        for _ in range(iterations if self.most is None else min(iterations, self.most)):
            before = cells
            cells, moved = self.step(X, C)
            if np.array_equal(cells, before):
                break
            C = moved
        if (self.renewed or not cells.size) and len(X):
            distances = self.distances(X, C)
            cells = self.nearest(distances)
            cells = self.fill_at_the_end(cells, distances[np.arange(len(X)), cells], len(C))
        return cells, C

    def start(self, X: Array, words: NDArray[np.uint32]) -> list[int]:
        """The vectors drawn."""
        chosen: list[int] = []
        for u in uniform(words):
            ends = np.cumsum(self.weights(X, chosen))
            chosen.append(int(np.argmax(u * ends[-1] < ends)))
        return chosen

    def step(self, X: Array, C: Array) -> tuple[Places, Array]:
        """Cells and their means."""
        if not len(X):
            return np.zeros(0, np.int64), np.array([self.empty(c) for c in C]).reshape(C.shape)
        distances = self.distances(X, C)
        cells = self.nearest(distances)
        cells = self.fill(cells, distances[np.arange(len(X)), cells], len(C))
        means = [X[cells == v].mean(axis=0) if (cells == v).any() else self.empty(c) for v, c in enumerate(C)]
        return cells, np.array(means).astype(np.float32).astype(np.float64).reshape(C.shape)
