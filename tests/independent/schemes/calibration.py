"""Ranges of activations from all batches at once, and scale and zero point of a range."""

from fractions import Fraction
from math import floor
from typing import Any

from mpmath import mp, mpf

from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor

Inputs = list[Tensor | None]
HALF = Fraction(1, 2)
DIGITS = 60


def single(value: float) -> Fraction:
    """A float attribute, as the float32 it is."""
    return Fraction(float32((), [Fraction(value)]).values[0])  # type: ignore[arg-type]


def ends(low: Fraction, high: Fraction) -> list[Tensor]:
    return [float32((), [min(low, Fraction(0))]), float32((), [max(high, Fraction(0))])]


def min_max(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    x = [v for batch in inputs for v in numbers(batch)] or [Fraction(0)]
    return ends(min(x), max(x))


def moving_average(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    """The average written out: the first batch weighs (1-c)^(n-1), batch k > 1 c(1-c)^(n-k)."""
    c = single(attributes.get("constant", 0.01))
    refuse_unless(0 < c <= 1, "a constant above 0, at most 1")
    batches = [x for x in map(numbers, inputs) if x]
    n = len(batches)
    weights = [(1 - c) ** (n - 1 - k) * (c if k else 1) for k in range(n)]
    low = sum((w * min(x) for w, x in zip(weights, batches)), Fraction(0))
    return ends(low, sum((w * max(x) for w, x in zip(weights, batches)), Fraction(0)))


class Counted:
    """All numbers, and how many magnitudes each of `bins` bins holds below the next power of two."""

    def __init__(self, inputs: Inputs, bins: int) -> None:
        refuse_unless(2 <= bins <= 2**20 and bins % 2 == 0, "an even number of bins")
        self.x = [v for batch in inputs for v in numbers(batch)]
        largest = max(map(abs, self.x), default=Fraction(0))
        top = Fraction(1)
        while largest and top <= largest:
            top *= 2
        while largest and top / 2 > largest:
            top /= 2
        self.width = top / bins if largest else Fraction(0)
        self.counts = [0] * bins
        for v in self.x:
            self.counts[floor(abs(v) / self.width) if largest else 0] += 1

    def outputs(self, threshold_in_bins: Fraction) -> list[Tensor]:
        T = threshold_in_bins * self.width
        x = [*self.x, Fraction(0)]
        return [*ends(max(-T, min(x)), min(T, max(x))), integers("int64", (len(self.counts),), self.counts)]


def percentile(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    p = single(attributes.get("percentile", 99.99))
    refuse_unless(0 < p <= 100, "a percentile")
    found = Counted(inputs, attributes.get("bins", 2048))
    n = found.counts
    m = next(m for m in range(1, len(n) + 1) if sum(n[:m]) >= p / 100 * sum(n))
    return found.outputs(Fraction(m))


def squared_error(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    K = attributes.get("highest", 127)
    refuse_unless(1 <= K <= 255, "a largest code")
    found = Counted(inputs, attributes.get("bins", 2048))

    def cost(T: int) -> Fraction:
        step = Fraction(T, K)
        rounded = ((i + HALF, min(floor((i + HALF) / step + HALF), K) * step) for i in range(len(found.counts)))
        return sum((n * (c - q) ** 2 for n, (c, q) in zip(found.counts, rounded)), Fraction(0))

    costs = [cost(T) for T in range(1, len(found.counts) + 1)]
    return found.outputs(Fraction(max(T for T, c in enumerate(costs, 1) if c == min(costs))))


def divergence(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    """Migacz' pseudocode, bin b of i in level floor(b levels / i)."""
    levels = attributes.get("levels", 128)
    found = Counted(inputs, attributes.get("bins", 2048))
    n = found.counts
    refuse_unless(1 <= levels <= len(n), "no more levels than bins")
    if not any(n):
        return found.outputs(Fraction(0))
    least, m = mpf("inf"), 0
    with mp.workdps(DIGITS):
        for i in range(levels, len(n) + 1):
            D = lost(n[:i], sum(n[i:]), levels)
            if D is not None and least - mpf(10) ** (10 - DIGITS) > D:
                least, m = D, i
    return found.outputs(m + HALF)


def lost(inside: list[int], outside: int, levels: int) -> Any:
    """The divergence of Q from P, None where it is infinite."""
    i = len(inside)
    P = [*inside[:-1], inside[-1] + outside]
    members = [[b for b in range(i) if b * levels // i == level] for level in range(levels)]
    Q = [Fraction(0)] * i
    for bins in members:
        used = [b for b in bins if P[b]]
        for b in used:
            Q[b] = Fraction(sum(inside[b] for b in bins), len(used))
    if any(p and not q for p, q in zip(P, Q)):
        return None
    total, mass = sum(P), sum(Q)
    ratios = [(p, Fraction(p, total) / (q / mass)) for p, q in zip(P, Q) if p]
    return sum((mpf(p) * mp.log(mpf(r.numerator) / r.denominator) / total for p, r in ratios), mpf(0))


def scale_of_range(attributes: dict[str, Any], inputs: Inputs) -> list[Tensor]:
    dtype, symmetric = attributes.get("type", "uint8"), attributes.get("symmetric", 0)
    refuse_unless(dtype in ("uint8", "int8") and symmetric in (0, 1), "uint8 or int8, symmetric or not")
    [low], [high] = numbers(inputs[0]), numbers(inputs[1])
    refuse_unless(low <= high, "lowest before highest")
    low, high = min(low, Fraction(0)), max(high, Fraction(0))
    scale = float32((), [max(-low, high) / 127 if symmetric else (high - low) / 255])
    S = Fraction(scale.values[0])  # type: ignore[arg-type]
    if Fraction(1, 2**126) > S:
        scale, Z = float32((), [Fraction(1)]), 128 if symmetric and dtype == "uint8" else 0
    elif symmetric:
        Z = 128 if dtype == "uint8" else 0
    else:
        q_min = 0 if dtype == "uint8" else -128
        Z = min(max(round(q_min - low / S), q_min), q_min + 255)
    return [scale, integers(dtype, (), [Z])]
