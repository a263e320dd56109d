"""Semidiscrete decompositions in float64, any step of which an engine may do otherwise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Array = NDArray[np.float64]


def nonzeros(s: Array) -> int:
    """J: how many of the largest |s| serve best, the fewest of several."""
    if not s.any():
        return 0
    sums = np.cumsum(np.sort(np.abs(s))[::-1])
    return int(np.argmax(sums**2 / np.arange(1, s.size + 1))) + 1


def ones_or_first_column(R: Array, y: Array, _: int) -> Array:
    """y, all ones, or the first column that is not zero: the first with Ry ≠ 0."""
    first, columns = np.zeros(y.size), np.flatnonzero(R.any(axis=0))
    first[columns[:1]] = 1
    return next((given for given in (y, np.ones_like(y)) if (R @ given).any()), first)


def mean(R: Array, x: Array, y: Array) -> float:
    """d = xᵀRy / (xᵀx·yᵀy)."""
    ones = np.abs(x).sum() * np.abs(y).sum()
    return float(x @ R @ y / ones) if ones else 0.0


@dataclass(frozen=True)
class Decomposition:
    """An engine's way: J for s, the start of a term for R, its old y and its number, d for R, x and y, the residual.

    growth: a term ends where (xᵀRy)² / (xᵀx·yᵀy) grows by less than this part of itself.
    """

    nonzeros: Callable[[Array], int] = nonzeros
    start: Callable[[Array, Array, int], Array] = ones_or_first_column
    scale: Callable[[Array, Array, Array], float] = mean
    updates: bool = True
    epochs: int = 0
    growth: float = 0.0

    def best(self, s: Array) -> Array:
        """The ternary vector for s."""
        J = self.nonzeros(s)
        x = np.zeros(s.size)
        largest = np.argsort(-np.abs(s), kind="stable")[:J]
        x[largest] = np.where(s[largest] < 0, -1, 1)
        return x

    def run(self, request: Request) -> list[Tensor]:
        """X, D and Y as this engine finds them."""
        [W] = request.inputs
        assert W is not None
        w = W.data.astype(np.float64).reshape(W.shape[0], int(np.prod(W.shape[1:])))
        (M, K), given = w.shape, request.attributes
        k = given.get("terms", 0) or min(M, K)
        X, D, Y = np.zeros((M, k)), np.zeros(k, np.float32), np.zeros((k, K))
        for _ in range(self.epochs or given.get("epochs", 1)):
            for i in range(k):
                D[i] = 0
                R = w - (X * D.astype(np.float64)) @ Y if self.updates else w
                X[:, i], Y[i] = self._term(R, self.start(R, Y[i], i))
                D[i] = self.scale(R, X[:, i], Y[i])
        shaped = Y.astype(np.int8).reshape(k, *W.shape[1:])
        return [Tensor("int8", X.astype(np.int8)), Tensor("float32", D), Tensor("int8", shaped)]

    def _term(self, R: Array, y: Array) -> tuple[Array, Array]:
        before = 0.0
        for _ in range(1000):
            x, last = self.best(R @ y), y
            y = self.best(x @ R)
            reached = float(x @ R @ y) * mean(R, x, y)
            if np.array_equal(y, last) or reached - before < self.growth * before:
                break
            before = reached
        return x, y
