"""Scales for requantization, by what they are after, and the accumulators that each makes interesting."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from qref.errors import OutsideDomain
from qref.numerics.formats import integer
from qref.numerics.profiles import ONNX, PROFILES, Derived, Profile
from qref.ops.onnx.evaluation_orders import EVALUATION_ORDERS
from qref.vectors.generators.draw import Draw


@dataclass(frozen=True)
class Scales:
    """Three float32 scales; `flags` say what they are after."""

    name: str
    x: float
    w: float
    y: float
    flags: tuple[str, ...]

    @property
    def exact(self) -> Fraction:
        """x · w / y."""
        return Fraction(self.x) * Fraction(self.w) / Fraction(self.y)


def f32(value: float) -> float:
    """The float32 number nearest to `value`."""
    return float(np.float32(value))


POWERS = (
    Scales("one", 1.0, 1.0, 1.0, ("power-of-two-scale", "left-shift")),
    Scales("half", 0.5, 0.5, 0.5, ("power-of-two-scale", "shift-zero")),
    Scales("quarter", 0.5, 0.5, 1.0, ("power-of-two-scale",)),
    Scales("sixteenth", 0.25, 0.125, 0.5, ("power-of-two-scale",)),
    Scales("2^-8", 2.0**-4, 2.0**-5, 0.5, ("power-of-two-scale",)),
    Scales("2^-16", 2.0**-7, 2.0**-8, 2.0, ("power-of-two-scale",)),
    Scales("2^-23", 2.0**-11, 2.0**-12, 1.0, ("power-of-two-scale", "above-2^24")),
    Scales("2^-24", 2.0**-12, 2.0**-12, 1.0, ("power-of-two-scale", "above-2^24")),
    Scales("2", 2.0, 2.0, 2.0, ("power-of-two-scale", "large-scale", "left-shift")),
    Scales("8", 4.0, 4.0, 2.0, ("power-of-two-scale", "large-scale", "left-shift")),
    Scales("three-quarters", 1.5, 0.5, 1.0, ("shift-zero",)),
    Scales("three-eighths", 1.5, 0.25, 1.0, ()),
    Scales("five-sixteenths", 1.25, 0.25, 1.0, ()),
    Scales("three-halves", 1.5, 1.0, 1.0, ("large-scale", "left-shift")),
)

EXTREME = (
    Scales("2^-29", 2.0**-14, 2.0**-15, 1.0, ("tiny-multiplier",)),
    Scales("2^-31", 2.0**-15, 2.0**-16, 1.0, ("tiny-multiplier",)),
    Scales("2^-32", 2.0**-16, 2.0**-16, 1.0, ("tiny-multiplier",)),
    Scales("1.5·2^-32", 2.0**-16, 1.5 * 2.0**-16, 1.0, ("tiny-multiplier",)),
    Scales("1.9·2^-31", 2.0**-16, f32(1.9) * 2.0**-15, 1.0, ("tiny-multiplier",)),
    Scales("2^-33", 2.0**-16, 2.0**-17, 1.0, ("tiny-multiplier",)),
    Scales("1-2^-24", f32(1 - 2.0**-24), 1.0, 1.0, ("shift-zero",)),
    # 1 − 2⁻³²: its fraction rounds to 2³¹
    Scales("1-2^-32", 1 + 2.0**-16, 1 - 2.0**-16, 1.0, ("multiplier-rounds-up",)),
    Scales("2^-5-2^-37", 1 + 2.0**-16, 1 - 2.0**-16, 32.0, ("multiplier-rounds-up",)),
    Scales("100", 10.0, 10.0, 1.0, ("large-scale", "left-shift")),
    Scales("2^20", 2.0**10, 2.0**10, 1.0, ("large-scale", "left-shift")),
    Scales("2^29", 2.0**15, 2.0**14, 1.0, ("large-scale", "left-shift")),
    Scales("2^30", 2.0**15, 2.0**15, 1.0, ("large-scale", "left-shift")),
    Scales("2^31", 2.0**16, 2.0**15, 1.0, ("large-scale", "left-shift")),
    Scales("1.5·2^33", 2.0**17, 2.0**16, f32(2 / 3), ("large-scale", "left-shift")),
)


def drawn(count: int) -> list[Scales]:
    """Scales as networks have them: combined scales from about 2^0 down to 2^-22, random mantissas."""
    draw = Draw("scales")
    found = []
    for i in range(count):
        down = i % 12
        x, w = draw.float32(-6, -4), draw.float32(-4 - down, -3 - down)
        y = draw.float32(-5, -3)
        found.append(Scales(f"network-{i}", float(x), float(w), float(y), ("scale-order",)))
    return found


def decimal() -> list[Scales]:
    """Scales that people write: decimal fractions, none of them exact in binary."""
    rows = [(0.1, 0.2, 0.3), (0.02, 0.005, 0.1), (0.7, 0.01, 0.07), (0.003, 0.003, 0.05), (1e-3, 1e-3, 0.1)]
    return [Scales(f"decimal-{i}", f32(x), f32(w), f32(y), ("scale-order",)) for i, (x, w, y) in enumerate(rows)]


def ties(scales: Scales, lowest: int, highest: int, limit: int = 2**31 - 1) -> list[int]:
    """Accumulators whose quotient is exactly k + 1/2 for a k of [lowest, highest], ascending."""
    found = []
    for k in range(lowest, highest + 1):
        a = Fraction(2 * k + 1, 2) / scales.exact
        if a.denominator == 1 and abs(a) <= limit:
            found.append(int(a))
    return found


def near_ties(scales: Scales, lowest: int, highest: int) -> list[int]:
    """The two accumulators around each tie of [lowest, highest], nearest to the tie first."""
    found: list[tuple[Fraction, int]] = []
    for k in range(lowest, highest + 1):
        at = Fraction(2 * k + 1, 2) / scales.exact
        below = at.numerator // at.denominator
        for a in (below, below + 1):
            if -(2**31) <= a < 2**31 and a != at:
                found.append((abs(a - at), a))
    return [a for _, a in sorted(found)]


def around(a: int) -> list[int]:
    """a and its neighbours, within int32."""
    return [v for v in (a - 1, a, a + 1) if -(2**31) <= v < 2**31]


def separating(scales: Scales, candidates: list[int], zero_point: int, dtype: str, most: int) -> list[int]:
    """Of the candidates those that tell rules apart, those that make the most different partitions first.

    Every profile and evaluation order answers each candidate; candidates with the same partition of the rules into
    equal answers say the same, so one of each partition is taken before a second of any.
    """
    rules = [(rule, _derived(rule, scales)) for rule in (*PROFILES.values(), *EVALUATION_ORDERS)]
    standard = ONNX.derive(scales.x, scales.w, scales.y)
    by_pattern: dict[tuple[int, ...], list[int]] = {}
    for a in candidates:
        exact = _answer(ONNX, standard, a, zero_point, dtype)
        pattern = tuple(_difference(_answer(rule, one, a, zero_point, dtype), exact) for rule, one in rules)
        if any(pattern):
            by_pattern.setdefault(pattern, []).append(a)
    chosen: list[int] = []
    depth = 0
    while len(chosen) < most and any(len(group) > depth for group in by_pattern.values()):
        chosen += [group[depth] for group in by_pattern.values() if len(group) > depth]
        depth += 1
    return chosen[:most]


def _derived(rule: Profile, scales: Scales) -> Derived | None:
    try:
        return rule.derive(scales.x, scales.w, scales.y)
    except OutsideDomain:
        return None


def _answer(rule: Profile, derived: Derived | None, a: int, zero_point: int, dtype: str) -> int | None:
    try:
        return None if derived is None else rule.apply(a, derived, zero_point, dtype)
    except OutsideDomain:
        return None


def _difference(answer: int | None, exact: int | None) -> int:
    return 0 if answer is None or exact is None else answer - exact


def band(dtype: str, zero_point: int) -> tuple[int, int]:
    """The rounded quotients that saturate neither way: [lowest − zero_point, highest − zero_point − 1]."""
    format = integer(dtype)
    return format.lowest - zero_point, format.highest - zero_point - 1


TIED = (
    Scales("half", 0.5, 0.5, 0.5, ()),
    Scales("quarter", 0.25, 0.5, 0.5, ()),
    Scales("2^-8", 2.0**-4, 2.0**-5, 0.5, ()),
    Scales("three-eighths", 1.5, 0.25, 1.0, ()),
)
"""Scales whose ties are accumulators."""

REACH = (-600, -257, -256, -255, -129, -128, -127, -1, 0, 1, 126, 127, 128, 254, 255, 256, 300)
"""Quotients at and beyond both ends of either 8-bit type."""


def chosen(scales: Scales, zero_point: int, dtype: str) -> tuple[str, list[int], tuple[str, ...], str]:
    """Slug, accumulators, flags and comment: the ties of TIED scales, and what tells the rules apart under others."""
    lowest, highest = band(dtype, zero_point)
    if scales in TIED:
        flags = ("tie", "negative-tie", "power-of-two-scale")
        return "tie-half-even", ties(scales, max(lowest, -16), min(highest, 15)), flags, "every accumulator a tie"
    found = separating(scales, near_ties(scales, lowest, highest), zero_point, dtype, 16)
    comment = "next to ties, where two rules or evaluation orders give different integers"
    return "near-tie", found, ("near-tie", "scale-order"), comment
