"""Error correction in float64, any step of which an engine may do otherwise."""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ErrorCorrectedCodebook",)
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Correction:
    """An engine's way.

    outputs: whether inputs count, or errors of weights alone. fresh: whether each sub-space sees what those before it
    have become in this sweep. residual: whether others are taken from the outputs. solves: whether codewords move.
    codes_first: codes before codewords. last: the last of equal codewords. pairs: whether taps of one kernel that have
    the same codeword see each other. empty_to_zero: whether a codeword without sub-vectors moves to the origin. ridge:
    whether errors of weights count beside those of outputs. ends: whether a sweep that changes no code is the last.
    """

    outputs: bool = True
    fresh: bool = True
    residual: bool = True
    solves: bool = True
    codes_first: bool = False
    last: bool = False
    pairs: bool = True
    empty_to_zero: bool = False
    ridge: bool = True
    ends: bool = True

    def run(self, request: Request) -> list[Tensor]:
        """Codes and codebooks as this engine finds them."""
        check(request, OPERATORS)
        state = _State.of(request, self)
        for _ in range(request.attributes.get("sweeps", 10)):
            before = state.codes.copy()
            seen = state.decoded()
            for s in range(state.codes.shape[1]):
                for step in (state.choose, state.solve) if self.codes_first else (state.solve, state.choose):
                    step(s, seen)
            if self.ends and np.array_equal(before, state.codes):
                break
        return [Tensor("uint8", state.codes), Tensor("float32", state.D)]


@dataclass(frozen=True, eq=False)
class _State:
    """W [M, K], G of each group, codes [M·taps, S] and D [V, C] as they become; d: length of a sub-vector."""

    way: Correction
    W: Array
    G: list[Array]
    taps: int
    d: int
    codes: NDArray[np.uint8]
    D: NDArray[np.float32]

    @classmethod
    def of(cls, request: Request, way: Correction) -> "_State":
        W, X, codes, codebooks = request.inputs
        assert W is not None and X is not None and codes is not None and codebooks is not None
        w = W.data.astype(np.float64).reshape(W.shape[0], prod(W.shape[1:]))
        x = X.data.astype(np.float64).reshape(-1, *X.shape[-2:]) if X.data.size else np.zeros((1, 0, w.shape[1]))
        G = [one.T @ one if way.outputs else np.eye(w.shape[1]) for one in x]
        for one in G if way.ridge else ():
            one += request.attributes.get("ridge", 0.0) * np.trace(one) / max(len(one), 1) * np.eye(len(one))
        d = request.attributes.get("length", 4)
        return cls(way, w, G, prod(W.shape[2:]), d, codes.data.copy(), codebooks.data.copy())

    def columns(self, s: int) -> slice:
        C = self.D.shape[1]
        return slice(s * self.d, min(s * self.d + self.d, C))

    def places(self, row: int, s: int) -> NDArray[np.int64]:
        return np.arange(self.D.shape[1])[self.columns(s)] * self.taps + row % self.taps

    def decoded(self) -> Array:
        found = np.empty(self.W.shape)
        for row, own in enumerate(self.codes):
            for s, v in enumerate(own):
                found[row // self.taps, self.places(row, s)] = self.D[v, self.columns(s)]
        return found

    def gradient(self, m: int, s: int, seen: Array) -> tuple[Array, Array]:
        """h = G(w − w') of output m with all sub-spaces but s as this engine sees them, and G."""
        now = self.decoded()[m]
        other = now if self.way.fresh else seen[m]
        if not self.way.residual:
            other = np.zeros_like(now)
        other = other.copy()
        for tap in range(self.taps):
            J = self.places(tap, s)
            other[J] = now[J]
        G = self.G[m * len(self.G) // len(self.W)]
        return G @ (self.W[m] - other), G

    def solve(self, s: int, seen: Array) -> None:
        if not self.way.solves:
            return
        for v in range(len(self.D)):
            rows = np.flatnonzero(self.codes[:, s] == v)
            if not rows.size:
                if self.way.empty_to_zero:
                    self.D[v, self.columns(s)] = 0
                continue
            width = self.columns(s).stop - self.columns(s).start
            A, right = np.zeros((width, width)), np.zeros(width)
            for row in rows.tolist():
                h, G = self.gradient(row // self.taps, s, seen)
                J = self.places(row, s)
                right += h[J]
                for other in rows.tolist():
                    if other == row or (self.way.pairs and other // self.taps == row // self.taps):
                        A += G[np.ix_(J, self.places(other, s))]
            self.D[v, self.columns(s)] += np.linalg.lstsq(A, right, rcond=1e-9)[0].astype(np.float32)

    def choose(self, s: int, seen: Array) -> None:
        for row in range(len(self.codes)):
            h, G = self.gradient(row // self.taps, s, seen)
            J = self.places(row, s)
            steps = self.D[:, self.columns(s)].astype(np.float64) - self.D[self.codes[row, s], self.columns(s)]
            costs = np.einsum("vi,ij,vj->v", steps, G[np.ix_(J, J)], steps) - 2 * steps @ h[J]
            least = np.flatnonzero(costs <= costs.min() + 1e-12 * np.abs(costs).max())
            self.codes[row, s] = least[-1 if self.way.last else 0]
