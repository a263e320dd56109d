"""Quantized-CNN's error correction (Wu 2016, section 3.2) by the objective itself, which is quadratic in a codeword.

Its value at 0, at unit steps and at pairs of them gives gradient and Hessian exactly; codes are tried one by one.
"""

from fractions import Fraction
from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import numbers, whole
from independent.tensors import Tensor, rounded

Row = list[Fraction]
LARGEST = Fraction(2**24 - 1) * 2**104  # of float32


class Problem:
    """Weights, inputs of each group, codes and codewords, which change."""

    def __init__(self, d: int, ridge: Fraction, W: Tensor, X: Tensor, B: Tensor, C: Tensor) -> None:
        self.M, self.K, self.taps = (W.shape or (1,))[0], prod(W.shape[1:]), prod(W.shape[2:])
        refuse_unless(X.rank in (2, 3) and X.shape[-1] == self.K, "inputs are [samples, weights of a channel]")
        self.groups, self.samples = X.shape[0] if X.rank == 3 else 1, X.shape[-2]
        refuse_unless(self.groups > 0 and self.M % self.groups == 0, "groups of output channels")
        self.w, self.x = numbers(W), numbers(X)
        self.V, self.L, self.d = C.shape[0], self.K // max(self.taps, 1), d
        self.S = -(-self.L // d)
        refuse_unless(B.rank == 2 and B.shape == (self.M * self.taps, self.S), "a code a sub-vector")
        refuse_unless(C.rank == 2 and C.shape[1] == self.L, "a column an input channel")
        self.codes, flat = whole(B, "uint8"), numbers(C)
        refuse_unless(all(code < self.V for code in self.codes), "a code beyond the codebook")
        self.ridge = [ridge * self.energy(g) for g in range(self.groups)]
        self.D = [flat[v * self.L : (v + 1) * self.L] for v in range(self.V)]

    def energy(self, group: int) -> Fraction:
        """The mean over inputs of the sum over samples of x^2."""
        size = self.samples * self.K
        of_group = self.x[group * size : (group + 1) * size]
        return sum((value**2 for value in of_group), Fraction(0)) / max(self.K, 1)

    def error(self, outputs: set[int]) -> Fraction:
        """Sum over samples and some outputs of (T - what the codewords give)^2, and of the weights' own errors."""
        total = Fraction(0)
        for m in outputs:
            off = [self.w[m * self.K + k] - self.weight(m, *divmod(k, self.taps)) for k in range(self.K)]
            group = m // (self.M // self.groups)
            first = group * self.samples
            total += self.ridge[group] * sum((value**2 for value in off), Fraction(0))
            for n in range(first, first + self.samples):
                row = self.x[n * self.K : (n + 1) * self.K]
                total += sum((a * b for a, b in zip(off, row)), Fraction(0)) ** 2
        return total

    def weight(self, m: int, channel: int, tap: int) -> Fraction:
        return self.D[self.codes[(m * self.taps + tap) * self.S + channel // self.d]][channel]

    def solve(self, s: int, v: int) -> None:
        rows = [r for r in range(self.M * self.taps) if self.codes[r * self.S + s] == v]
        if not rows:
            return
        outputs = {r // self.taps for r in rows}
        columns = range(s * self.d, min(s * self.d + self.d, self.L))
        at = {key: self.moved(v, key, outputs) for key in [(), *((i,) for i in columns)]}
        pairs = {(i, j): self.moved(v, (i, j), outputs) for i in columns for j in columns}
        equations = []
        for i in columns:
            hessian = [pairs[i, j] - at[(i,)] - at[(j,)] + at[()] for j in columns]
            own = hessian[i - columns[0]] / 2
            equations.append([*hessian, -(at[(i,)] - at[()] - own)])
        for i, step in zip(columns, eliminated(equations)):
            new = max(-LARGEST, min(self.D[v][i] + step, LARGEST))
            self.D[v][i] = Fraction(rounded("float32", (), [new]).values[0])  # type: ignore[arg-type]

    def moved(self, v: int, places: tuple[int, ...], outputs: set[int]) -> Fraction:
        """The error with 1 added to some elements of a codeword."""
        before = list(self.D[v])
        for i in places:
            self.D[v][i] += 1
        found = self.error(outputs)
        self.D[v] = before
        return found

    def choose(self, s: int) -> None:
        for r in range(self.M * self.taps):
            costs = []
            for v in range(self.V):
                self.codes[r * self.S + s] = v
                costs.append(self.error({r // self.taps}))
            self.codes[r * self.S + s] = costs.index(min(costs))


def eliminated(equations: list[Row]) -> Row:
    """The solution of symmetric equations, elements without a pivot 0."""
    n = len(equations)
    for i in range(n):
        if equations[i][i]:
            for j in range(i + 1, n):
                q = equations[j][i] / equations[i][i]
                equations[j] = [b - q * a for a, b in zip(equations[i], equations[j])]
    found = [Fraction(0)] * n
    for i in reversed(range(n)):
        if equations[i][i]:
            known = sum((equations[i][j] * found[j] for j in range(i + 1, n)), Fraction(0))
            found[i] = (equations[i][n] - known) / equations[i][i]
    return found


def error_corrected_codebook(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W, X, B, C = inputs
    assert W is not None and X is not None and B is not None and C is not None
    d, sweeps = attributes.get("length", 4), attributes.get("sweeps", 10)
    ridge = Fraction(attributes.get("ridge", 0.0))
    refuse_unless(d >= 1 and sweeps >= 0 and ridge >= 0, "a length, a number of sweeps, a ridge")
    problem = Problem(d, ridge, W, X, B, C)
    for _ in range(sweeps):
        before = list(problem.codes)
        for s in range(problem.S):
            for v in range(problem.V):
                problem.solve(s, v)
            problem.choose(s)
        if problem.codes == before:
            break
    flat = [value for row in problem.D for value in row]
    return [Tensor("uint8", B.shape, problem.codes), rounded("float32", C.shape, flat)]
