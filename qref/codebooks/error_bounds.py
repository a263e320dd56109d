"""How uncertain error-corrected codebooks are in float32 arithmetic: bounds of codewords, the margin of codes.

A codeword is δ = (Σ A)⁻¹ Σ h away from the one before. Each sum of n products is off by at most n·u of the sum of its
magnitudes, and h carries the errors U of all codewords but the one that is solved for:

    U_v = |(Σ A)⁻¹|·(n·u·|h| + 8d·u·|A|·|D_v| + Σ |G|·U) + u·|D_v|

with |h|, |A| and |G| made of the magnitudes of inputs, weights and codewords; twice that is granted. A choice between
codewords is as far from its boundary as the difference of the errors that they leave, beside the magnitudes in it and
what U does to them. All sums are exact, so that the bounds are the same everywhere.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.error_corrected import Chosen, Layer, Solved, correction, gram, solved
from qref.codebooks.subvectors import Subvectors
from qref.numerics.whole_numbers import STEP, Whole, coarsest, whole

ROUNDOFF = Fraction(1, 1 << 24)
Numbers = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """codewords: how far each may be off, float64 [V, C]. margin: the smallest of all decisions."""

    codewords: NDArray[np.float64]
    margin: float

    @classmethod
    def of(
        cls, start: Subvectors, W: NDArray[np.float32], X: NDArray[np.float32], sweeps: int, ridge: float
    ) -> "Uncertainty":
        """Of a whole correction."""
        x = abs(whole(X))
        absolute = tuple(gram(one, ridge) for one in x // coarsest(x))
        codes, D = start.codes.copy(), whole(start.codebooks)
        seen = _Seen(
            Layer.of(W, X, start.d, ridge),
            absolute,
            X.shape[1] * (X.shape[2] if ridge else 1),
            codes,
            D,
            np.full(D.shape, Fraction(0), object),
        )
        margin = inf
        for step in correction(seen.layer, codes, D, sweeps):
            margin = min(margin, seen.solve(step) if isinstance(step, Solved) else seen.choose(step))
        U = np.array([float(u * STEP) for u in seen.U.reshape(-1)], np.float64).reshape(D.shape)
        return cls(U, margin)


@dataclass(frozen=True, eq=False)
class _Seen:
    """The state of a correction as it goes on: codes and D, and U beside them. absolute: |X|ᵀ|X| of each group.

    samples: terms of the longest sum of inputs.
    """

    layer: Layer
    absolute: tuple[Whole, ...]
    samples: int
    codes: NDArray[np.uint8]
    D: Whole
    U: Numbers

    def gram(self, m: int) -> Whole:
        """|X|ᵀ|X| of the inputs that output m sees."""
        return self.absolute[m * len(self.absolute) // len(self.layer.W)]

    def of_kernel(self, m: int, numbers: Numbers) -> Numbers:
        """Numbers of codewords [V, C] in their places in the kernel of output m."""
        layer, found = self.layer, np.full(self.layer.W.shape[1], 0, object)
        for tap in range(layer.taps):
            for s, channels in enumerate(layer.subspaces):
                found[layer.places(tap, channels)] = numbers[self.codes[m * layer.taps + tap, s], channels]
        return found

    def solve(self, step: Solved) -> float:
        """U of a codeword; the margin of its pivots."""
        layer, channels = self.layer, self.layer.subspaces[step.s]
        d, old = len(step.h), abs(self.D[step.v, channels])
        h, carried, A = np.zeros(d, object), np.full(d, Fraction(0), object), np.zeros((d, d), object)
        for m in np.unique(step.rows // layer.taps):
            size = abs(layer.W[m]) + self.of_kernel(m, abs(self.D))
            others = self.of_kernel(m, self.U)
            inside = [layer.places(row % layer.taps, channels) for row in step.rows if row // layer.taps == m]
            others[np.concatenate(inside)] = 0
            for J in inside:
                h, carried = h + self.gram(m)[J] @ size, carried + self.gram(m)[J] @ others
                for other in inside:
                    A = A + self.gram(m)[np.ix_(J, other)]
        kept = [i for i in range(d) if step.pivots[i]]
        if any(step.A[i, i] for i in range(d) if i not in kept):
            return 0.0  # an input that follows from others: no float arithmetic is sure to find a pivot of 0
        products = self.samples + layer.W.shape[1] + len(step.rows) + 4
        doubt = ROUNDOFF * (products * h + 8 * d * (A @ old)) + carried
        change, _ = solved(step.A, step.h)
        for i in kept:
            unit = np.array([int(j == i) for j in range(d)], object)
            row, _ = solved(step.A, unit)  # a row of the inverse, as A is symmetric
            new = old[i] + abs(change[i])
            found = 2 * (sum(abs(r) * q for r, q in zip(row, doubt)) + ROUNDOFF * new)
            self.U[step.v, channels.start + i] = Fraction(float(found * STEP)) / STEP
        return min((float(step.pivots[i] / step.A[i, i]) for i in kept), default=inf)

    def choose(self, step: Chosen) -> float:
        """How much less error the chosen codeword leaves than any other."""
        layer, channels = self.layer, self.layer.subspaces[step.s]
        m, tap = divmod(step.row, layer.taps)
        J, own = layer.places(tap, channels), self.codes[step.row, step.s]
        size = abs(layer.W[m]) + self.of_kernel(m, abs(self.D))
        h, A = self.gram(m)[J] @ size, self.gram(m)[np.ix_(J, J)]
        carried = self.gram(m)[J] @ self.of_kernel(m, self.U)
        best, found = min(range(len(self.D)), key=step.changes.__getitem__), inf
        for v in range(len(self.D)):
            if v == best:
                continue
            a = abs(self.D[v, channels]) + abs(self.D[best, channels]) + abs(self.D[own, channels])
            U = self.U[v, channels] + self.U[best, channels] + self.U[own, channels]
            magnitude = a @ A @ a + 2 * (a @ h)
            doubt = 2 * (a @ carried) + 2 * (U @ h) + 2 * (U @ A @ a)
            apart = step.changes[v] - step.changes[best]
            alike = not U.any() and np.array_equal(self.D[v, channels], self.D[best, channels])
            if magnitude and not alike:
                found = min(found, float(apart / (magnitude + doubt / ROUNDOFF)))
        return found
