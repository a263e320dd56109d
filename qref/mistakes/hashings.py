"""Binary Weight Networks via Hashing in float64, any step of which an engine may do otherwise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Array = NDArray[np.float64]


def in_turn(G: Array, v: Array, b: Array, alpha: float, at_tie: Callable[[float], float]) -> None:
    """Every sign once, each seeing those before it as they have become."""
    for j in range(b.size):
        gain = alpha * (v[j] - alpha * (G[j] @ b - G[j, j] * b[j]))
        b[j] = np.sign(gain) or at_tie(b[j])


def without_scale_in_front(G: Array, v: Array, b: Array, alpha: float, at_tie: Callable[[float], float]) -> None:
    """Every sign once, as if α were positive."""
    for j in range(b.size):
        b[j] = np.sign(v[j] - alpha * (G[j] @ b - G[j, j] * b[j])) or at_tie(b[j])


def all_at_once(G: Array, v: Array, b: Array, alpha: float, at_tie: Callable[[float], float]) -> None:
    """Every sign once, all of them as the signs were before."""
    gain = alpha * (v - alpha * (G @ b - np.diag(G) * b))
    b[:] = [np.sign(g) or at_tie(old) for g, old in zip(gain, b)]


@dataclass(frozen=True)
class Hashing:
    """An engine's way: a sweep over the signs, what a sign becomes that makes no difference, and how many sweeps."""

    sweep: Callable[[Array, Array, Array, float, Callable[[float], float]], None] = in_turn
    at_tie: Callable[[float], float] = float
    sweeps: int = 100

    def run(self, request: Request) -> list[Tensor]:
        """B and α as this engine finds them."""
        W, X = request.inputs
        assert W is not None
        assert X is not None
        x = X.data.astype(np.float64)
        w = W.data.astype(np.float64).reshape(W.shape[0], x.shape[1])
        G = x.T @ x
        B, alpha = np.where(w < 0, -1.0, 1.0), np.abs(w).sum(axis=1) / max(w.shape[1], 1)
        for b, row, m in zip(B, w, range(len(w))):
            for _ in range(self.sweeps):
                before = b.copy(), alpha[m]
                self.sweep(G, G @ row, b, alpha[m], self.at_tie)
                energy = b @ G @ b
                alpha[m] = b @ G @ row / energy if energy else alpha[m]
                if np.array_equal(b, before[0]) and alpha[m] == before[1]:
                    break
        return [Tensor("int8", B.astype(np.int8).reshape(W.shape)), Tensor("float32", alpha.astype(np.float32))]
