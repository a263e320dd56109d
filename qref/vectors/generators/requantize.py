"""Suite `requantize`: accumulators that tell requantization rules apart, alone in qref:Requantize."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from qref.numerics.fixed_point import (
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from qref.numerics.formats import integer
from qref.numerics.tensor import tensor
from qref.vectors.case import Case, Suite
from qref.vectors.generators.builder import ask, assemble, judged, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.scales import (
    EXTREME,
    POWERS,
    Scales,
    around,
    band,
    decimal,
    drawn,
    near_ties,
    separating,
    ties,
)

SUITE = "requantize"
BASIC = ("QREF-RQ-001", "QREF-RQ-003", "QREF-RQ-007")
INT32_ENDS = (-(2**31), -(2**31) + 1, -(2**31) + 127, 2**31 - 128, 2**31 - 2, 2**31 - 1)
ZERO_POINTS = {"int8": (0, 3, -128, 127), "uint8": (0, 128, 255, 113), "int16": (0, -7), "uint16": (32768, 1)}


def suite() -> Suite:
    """The suite `requantize`."""
    return assemble(
        SUITE,
        (
            *exact_ties(),
            *next_to_ties(),
            *fixed_point(),
            *saturation(),
            *large_accumulators(),
            *extreme_scales(),
            *every_value(),
            *per_channel(),
            *classes_by_channel(),
            *multiplier_ends(),
            *next_to_half(),
            *long_rows(),
            *shapes(),
            *errors(),
        ),
    )


def case(
    slug: str,
    accumulators: list[int],
    scales: Scales,
    zero_point: int,
    dtype: str,
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
) -> Case:
    """A case of a row of accumulators under one triple of scales."""
    inputs = (
        tensor(accumulators, "int32"),
        tensor(scales.x, "float32"),
        tensor(scales.w, "float32"),
        tensor(scales.y, "float32"),
        tensor(zero_point, dtype),
    )
    carried = dict.fromkeys((*flags, *scales.flags, *(("zero-point",) if zero_point else ())))
    request = ask("Requantize", 1, inputs, domain="qref")
    return judged(SUITE, slug, request, (*BASIC, *requirements), tuple(carried), comment)


def exact_ties() -> Iterator[Case]:
    """Quotients exactly between two integers, both parities, both signs, under every zero point."""
    for scales in POWERS:
        for dtype, zero_points in ZERO_POINTS.items():
            for zero_point in zero_points:
                lowest, highest = band(dtype, zero_point)
                found = ties(scales, max(lowest, -13), min(highest, 12))
                if dtype in ("int16", "uint16") and scales.name not in ("half", "quarter", "2^-8"):
                    continue
                if found:
                    yield case(
                        "tie-half-even",
                        found,
                        scales,
                        zero_point,
                        dtype,
                        ("QREF-RQ-004", "QREF-RD-001"),
                        ("tie", "negative-tie"),
                        f"acc · {scales.name} is k + 1/2: half to even, and then the zero point {zero_point}",
                    )
                if found and zero_point == 0 and dtype == "int8":
                    yield case(
                        "tie-beside",
                        sorted({v for a in found for v in around(a)}),
                        scales,
                        zero_point,
                        dtype,
                        ("QREF-RQ-004",),
                        ("tie", "negative-tie"),
                        "each tie with its two neighbours: only the tie may move",
                    )


def next_to_ties() -> Iterator[Case]:
    """Accumulators next to ties of scales that no format holds exactly: the rules and orders part here."""
    for scales in (*drawn(48), *decimal()):
        for dtype, zero_point in (("int8", 0), ("int8", 5), ("uint8", 128)):
            lowest, highest = band(dtype, zero_point)
            found = separating(scales, near_ties(scales, lowest, highest), zero_point, dtype, 24)
            if found:
                yield case(
                    "near-tie",
                    found,
                    scales,
                    zero_point,
                    dtype,
                    ("QREF-RQ-008", "QREF-RQ-013"),
                    ("near-tie",),
                    "next to ties, where two rules or evaluation orders give different integers",
                )


def fixed_point() -> Iterator[Case]:
    """Where gemmlowp's two roundings, one rounding, and the exact quotient part: first rounding lands on a tie."""
    draw = Draw("fixed-point")
    for shift in (1, 2, 3, 5, 7, 11, 15, 20, 23):
        scales = Scales(f"right shift {shift}", 1.0, float(draw.float32(-1, -1)), 2.0**shift, ("double-rounding",))
        for dtype, zero_point in (("int8", 0), ("uint8", 128), ("int8", -3)):
            lowest, highest = band(dtype, zero_point)
            found = separating(scales, near_ties(scales, lowest, highest), zero_point, dtype, 16)
            requirements = ("QREF-RQ-009", "QREF-RQ-010", "QREF-RQ-011", "QREF-RQ-012", "QREF-RD-002", "QREF-RD-003")
            comment = (
                f"a multiplier of 31 bits and {shift} to shift: rounding twice moves some, and so does a tie upward"
            )
            if found:
                yield case("double-rounding", found, scales, zero_point, dtype, requirements, (), comment)
    for fraction in (3, 5, 7, 9, 11):
        scales = Scales(f"{fraction}/2^k", 1.0, fraction / 16, 4.0, ("double-rounding",))
        found = ties(scales, -60, 60)
        requirements = ("QREF-RQ-009", "QREF-RQ-010", "QREF-RQ-011", "QREF-RQ-012", "QREF-RD-002", "QREF-RD-003")
        comment = "ties of a multiplier with few bits: away from zero, upward or to even"
        yield case("fixed-point-tie", found, scales, 0, "int8", requirements, ("tie", "negative-tie"), comment)
        beside = sorted({v for a in found for v in around(a)})
        yield case("fixed-point-tie", beside, scales, 1, "uint8", requirements, ("tie",), comment)


def saturation() -> Iterator[Case]:
    """Results at and beyond both ends of the output, up to the ends of int32."""
    for scales in (POWERS[1], POWERS[2], POWERS[4], *drawn(4), *decimal()[:2]):
        for dtype, zero_points in ZERO_POINTS.items():
            for zero_point in zero_points:
                format = integer(dtype)
                found: set[int] = set()
                for end in (format.lowest - zero_point, format.highest - zero_point, -127 - zero_point):
                    a = int(end / scales.exact)
                    found |= {v for d in (-1, 0, 1) for v in around(a + int(d / scales.exact))}
                # a float whose bits are read as an integer, or a 16-bit intermediate, goes wrong far from the ends
                for far in (2**15, 2**16, 2**22, 2**23, 20_000_000, 2**25, 10**8, 3 * 10**8):
                    found |= {int(far / scales.exact), -int(far / scales.exact)}
                inside = sorted(v for v in found if abs(v) < 2**31)
                ends = [v for v in INT32_ENDS if abs(v * scales.exact) < 2**31 - 2**17]
                yield case(
                    "saturation",
                    [*inside, *ends],
                    scales,
                    zero_point,
                    dtype,
                    ("QREF-RD-006", "QREF-RQ-014", "QREF-RQ-015"),
                    ("saturation", *(("zero-point-ends",) if zero_point in (format.lowest, format.highest) else ())),
                    f"around {format.lowest} and {format.highest}, and far beyond",
                )


def large_accumulators() -> Iterator[Case]:
    """Accumulators above 2^24, which float32 rounds before it multiplies."""
    draw = Draw("large")
    for i in range(16):
        scales = Scales(
            f"large-{i}", float(draw.float32(-9, -9)), float(draw.float32(-12, -10)), float(draw.float32(0, 1)), ()
        )
        for dtype, zero_point in (("int8", 0), ("uint8", 127)):
            lowest, highest = band(dtype, zero_point)
            large = [a for a in near_ties(scales, lowest, highest) if abs(a) > 2**24]
            found = separating(scales, large, zero_point, dtype, 24)
            comment = "accumulators beyond 24 bits next to ties: float32 loses their low bits"
            if found:
                yield case(
                    "above-2-24",
                    found,
                    scales,
                    zero_point,
                    dtype,
                    ("QREF-RQ-008",),
                    ("above-2^24", "near-tie"),
                    comment,
                )
    odd = [s * (2**k + d) for k in (24, 25, 27, 30) for d in (-1, 1, 3) for s in (1, -1)]
    for scales in (POWERS[6], POWERS[7]):
        tie = sorted({v for a in ties(scales, -60, 60) for v in around(a)})
        comment = "a tie that float32 makes of its neighbour: 2^24 + 1 becomes 2^24"
        yield case("above-2-24", [*odd, *tie], scales, 0, "int8", ("QREF-RQ-004",), ("above-2^24", "tie"), comment)


def extreme_scales() -> Iterator[Case]:
    """Combined scales at the ends of the rules' domains, and multipliers at the ends of theirs."""
    small = [0, 1, -1, 2, -2, 3, -3, 5, -5, 63, -64]
    for scales in EXTREME:
        for dtype, zero_point in (("int8", 0), ("uint8", 7), ("int8", -1)):
            reach = [v for v in (*INT32_ENDS, 2**30, -(2**30), 2**30 - 1, 3 * 2**29) if scales.exact < 1]
            bounded = [v for v in small if abs(v) * max(scales.exact, Fraction(1)) < 2**31 - 2**9]
            yield case(
                "extreme-scale",
                [*bounded, *reach],
                scales,
                zero_point,
                dtype,
                ("QREF-RQ-009", "QREF-RQ-012", "QREF-RQ-013"),
                (),
                f"combined scale {scales.name}: flush to zero, left shift, renormalization",
            )
            if scales.exact > 1:
                yield case(
                    "left-shift-overflows",
                    [*bounded, 2**24, -(2**24), 2**30, -(2**31)],
                    scales,
                    zero_point,
                    dtype,
                    ("QREF-RQ-003",),
                    ("saturation",),
                    "large accumulators times a large scale: the result saturates, whatever the shift does to 32 bits",
                )


def every_value() -> Iterator[Case]:
    """Every rounded result of an 8-bit output once: a run of accumulators through the whole range."""
    for scales in (POWERS[1], POWERS[3], decimal()[0]):
        for dtype, zero_point in (("int8", 0), ("uint8", 0), ("uint8", 255), ("int8", -128)):
            lowest, highest = band(dtype, zero_point)
            run = sorted({round(k / scales.exact) for k in range(lowest - 2, highest + 4)})
            comment = "every output value once, and both ends passed"
            yield case("whole-range", run, scales, zero_point, dtype, ("QREF-RD-006",), ("saturation",), comment)


def per_channel() -> Iterator[Case]:
    """One weight scale a channel, along every axis."""
    draw = Draw("per-channel")
    for axis, shape in (
        (1, (2, 5, 3)),
        (0, (4, 6)),
        (-1, (3, 4)),
        (2, (1, 2, 6)),
        (-2, (2, 3, 4)),
        (-1, (3, 3)),
        (-2, (2, 3, 3)),
        (0, (3, 3)),
    ):
        channels = shape[axis]
        w = draw.float32(-9, -2, (channels,))
        ends = [(0.5, 0.25, "int8", 3), (float(draw.float32(-3, -2)), float(draw.float32(-4, -3)), "uint8", 130)]
        for x, y, dtype, zero_point in ends:
            weights = w if dtype == "uint8" else np.ldexp(1.0, -draw.integers(1, 5, (channels,))).astype(np.float32)
            accumulators = draw.integers(-700, 700, shape)
            inputs = (
                tensor(accumulators, "int32"),
                tensor(x, "float32"),
                tensor(weights, "float32"),
                tensor(y, "float32"),
                tensor(zero_point, dtype),
            )
            request = ask("Requantize", 1, inputs, {"axis": axis}, domain="qref")
            flags = ("per-channel", "zero-point", *(("negative-axis",) if axis < 0 else ()))
            comment = f"w_scale differs along axis {axis}"
            yield judged(SUITE, "per-channel", request, (*BASIC, "QREF-RQ-005"), flags, comment)


def classes_by_channel() -> Iterator[Case]:
    """A scale of another class in each channel: left shift, none, right shift, tiny, ties and near ties side by side.

    A kernel that takes shift, multiplier or rounding of one channel for its neighbours, or that treats the lanes of
    a register alike, shows here under every profile; the first and the last channel have classes of their own.
    """
    draw = Draw("classes-by-channel")
    small = [Scales(f"weight {k}", 1.0, 2.0**-k, 1.0, ()) for k in (1, 3, 0, 4, 9, 14, 20)]
    other = [
        Scales("weight", 1.0, float(draw.float32(e, e)), 1.0, ()) for e in (-3, -1, 0, 2, -7, -10, -14, -18, -22, -25)
    ]
    classes = [one for pair in zip(other, (*small, *small), strict=False) for one in pair]
    rows = (("int8", 0, 1), ("int8", 5, 0), ("uint8", 131, 1), ("int16", -7, 1), ("uint16", 32769, -1), ("int8", 0, -1))
    for i, (dtype, zero_point, axis) in enumerate(rows):
        chosen = [classes[(j + 3 * i) % len(classes)] for j in range(19)]
        columns = []
        for scales in chosen:
            lowest, highest = band(dtype, zero_point)
            reach = max(lowest, -130), min(highest, 130)
            found = ties(scales, *reach)[::9][:9]
            beside = near_ties(scales, *reach)
            found += separating(scales, [v for v in beside if abs(v) * scales.exact < 2**15][:90], zero_point, dtype, 9)
            found += [int((highest + 3) / scales.exact), int((lowest - 3) / scales.exact)]
            inside = [v for v in found if abs(v) * max(scales.exact * 2, Fraction(1)) < 2**31 - 2**17]
            columns.append([inside[j % len(inside)] for j in range(21)])
        weights = np.array([scales.w for scales in chosen])
        accumulators = np.array(columns)
        shaped = accumulators.T if axis == -1 else accumulators if axis == 0 else accumulators.reshape(1, 19, 3, 7)
        inputs = (
            tensor(shaped, "int32"),
            tensor(1.0, "float32"),
            tensor(weights, "float32"),
            tensor(1.0, "float32"),
            tensor(zero_point, dtype),
        )
        request = ask("Requantize", 1, inputs, {"axis": axis}, domain="qref")
        flags = ("per-channel", "tie", "near-tie", "saturation", *(("zero-point",) if zero_point else ()))
        flags += ("negative-axis",) if axis < 0 else ()
        comment = f"19 channels along axis {axis}, each with a scale of another class"
        requirements = (*BASIC, "QREF-RQ-005", "QREF-RQ-009", "QREF-RQ-011", "QREF-RQ-012", "QREF-RQ-013")
        yield judged(SUITE, "classes-by-channel", request, requirements, flags, comment)


def multiplier_ends() -> Iterator[Case]:
    """Combined scales whose 31-bit fraction is a tie, or rounds up to 2^31; accumulators that show the multiplier.

    A multiplier that is one too small or too large moves a result only next to a tie of a large accumulator.
    """
    # odd products of 32 bits: fraction · 2^31 is k + 1/2, k even and odd
    for x, w in ((65537.0, 65535.0), (69997.0, 61001.0), (40001.0, 100003.0), (70001.0, 61001.0), (65521.0, 65521.0)):
        scales = Scales("tied fraction", x * 2.0**-27, w * 2.0**-28, 1.0, ("near-tie",))
        yield from shown_by_multiplier(scales, "multiplier-tie", "the fraction of the multiplier is a tie at 31 bits")
    # (x · w) / y and x · (w / y), (x / y) · w or (x · w) · (1 / y), in float64, give multipliers that differ by one
    for x, w, y in (
        (0x113_6FDC / 2**24, 0x1AF_82C0 / 2**24, 0x17E_F438 / 2**24),
        (0x18F_DE8C / 2**24, 0x143_6AEA / 2**24, 0x14F_0D46 / 2**24),
    ):
        scales = Scales("order of float64 steps", x, w * 2.0**-23, y, ("near-tie",))
        comment = "the order of the steps in float64 decides the last bit of the multiplier"
        yield from shown_by_multiplier(scales, "multiplier-order", comment)
    # x · w / y = 1 − δ with 0 < δ < 2^-32
    for x, w, y in renormalized():
        scales = Scales("rounds up", x, w * 2.0**-23, y, ("multiplier-rounds-up",))
        yield from shown_by_multiplier(
            scales, "multiplier-rounds-up", "the fraction rounds up to 2^31: half, shift + 1"
        )
        near = Scales("rounds up", x, w, y, ("multiplier-rounds-up",))
        for dtype, zero_point in (("int8", 0), ("uint8", 128)):
            found = [-129, -128, -127, -3, -2, -1, 0, 1, 2, 3, 63, 64, 126, 127, 128]
            comment = "a combined scale just below one: its multiplier is 2^30 with a left shift, not 2^31"
            yield case("multiplier-rounds-up", found, near, zero_point, dtype, ("QREF-RQ-009",), (), comment)


def renormalized() -> Iterator[tuple[float, float, float]]:
    """Triples x, w, y of 24-bit integers, as floats of [1, 2), with x · w just below y."""
    modulus = 2**23
    found = 0
    for y in range(2**23 + 1, 2**24, 2**17 + 6):
        # x · w = y · 2^23 − 1 has few factors; take the divisor pair by the inverse of x modulo 2^23
        for x in range(2**23 + 3, 2**23 + 3000, 2):
            w = -(-y * modulus // x)
            short = y * modulus - x * (w - 1)
            if 2**23 <= w - 1 < 2**24 and 0 < short * 2**32 < y * modulus:
                yield x / modulus, (w - 1) / modulus, y / modulus
                found += 1
                break
        if found == 3:
            return


def shown_by_multiplier(scales: Scales, slug: str, comment: str) -> Iterator[Case]:
    """Accumulators for which a multiplier of one less or one more gives another result by fixed point."""
    multiplier, shift = quantize_multiplier(scales.x * scales.w / scales.y)
    for dtype, zero_point in (("uint8", 128), ("int16", 0)):
        lowest, highest = band(dtype, zero_point)
        found = []
        for k in range(max(lowest, -900), min(highest, 900) + 1):
            middle = int(Fraction(2 * k + 1, 2) / scales.exact)
            for a in range(middle - 1, middle + 3):
                if abs(a) >= 2**31:
                    continue
                answers = {by_fixed_point(a, multiplier + d, shift) for d in (-1, 0, 1)}
                if len(answers) > 1:
                    found.append(a)
        if found:
            picked = found[:: max(len(found) // 24, 1)][:24]
            yield case(slug, picked, scales, zero_point, dtype, ("QREF-RQ-009",), ("above-2^24",), comment)


def by_fixed_point(accumulator: int, multiplier: int, shift: int) -> tuple[int, int]:
    """The scaled value by two roundings and by one."""
    high = saturating_rounding_doubling_high_mul(accumulator, multiplier)
    total = 31 - shift
    return rounding_divide_by_pot(high, max(-shift, 0)), (accumulator * multiplier + (1 << (total - 1))) >> total


def next_to_half() -> Iterator[Case]:
    """Products that are the float32 number just below one half: adding one half in float32 gives one."""
    below = float(np.float32(0.5) - np.float32(2.0**-25))
    rows = (
        Scales("below one half", below, 1.0, 1.0, ("near-tie", "shift-zero")),
        Scales("below one half", 1.0, below * 2.0**-6, 1.0, ("near-tie",)),
        Scales("below one half", below, 2.0**-20, 1.0, ("near-tie",)),
    )
    for scales, unit in zip(rows, (1, 2**6, 2**20), strict=True):
        for dtype, zero_point in (("int8", 0), ("uint8", 3)):
            found = [s * unit * k for k in (1, 2, 3, 5, 7, 9, 127) for s in (1, -1)]
            comment = "acc · scale is 0.49999997, and odd multiples of it: adding 0.5 in float32 rounds up to 1"
            yield case(
                "below-half",
                found,
                scales,
                zero_point,
                dtype,
                ("QREF-RQ-004", "QREF-RQ-014", "QREF-RQ-015"),
                (),
                comment,
            )


def long_rows() -> Iterator[Case]:
    """Rows longer than any vector register, ties and near ties all along: a vector body and its tail must agree."""
    for scales in (POWERS[1], POWERS[3], *drawn(8)[5:], decimal()[0]):
        for dtype, zero_point in (("int8", 0), ("uint8", 128), ("int16", 0)):
            lowest, highest = band(dtype, zero_point)
            k_range = max(lowest, -300), min(highest, 300)
            found = ties(scales, *k_range) or sorted(near_ties(scales, *k_range)[:150])
            ends = [int((end + beyond) / scales.exact) for end, beyond in ((lowest, -9), (highest, 9))]
            row = [ends[i % 2] if i % 10 in (5, 8) else found[i % len(found)] for i in range(131)]
            comment = "131 accumulators, ties, next to ties and beyond the ends: whole vectors and a tail of three"
            yield case("long-row", row, scales, zero_point, dtype, ("QREF-RQ-004",), ("tie", "near-tie"), comment)


def shapes() -> Iterator[Case]:
    """A scalar accumulator, and none at all."""
    scales = POWERS[1]
    for shape in ((), (0,), (2, 0, 3), (1, 1, 1, 1)):
        inputs = (
            tensor(np.full(shape, 5), "int32"),
            tensor(scales.x, "float32"),
            tensor(scales.w, "float32"),
            tensor(scales.y, "float32"),
            tensor(3, "int8"),
        )
        flags = ("tie", "zero-size") if 0 in shape else ("tie",)
        request = ask("Requantize", 1, inputs, domain="qref")
        yield judged(SUITE, "shape", request, BASIC, flags, f"an accumulator of shape {list(shape)}")


def errors() -> Iterator[Case]:
    """Scales whose number is not the channels'."""
    inputs = (
        tensor(np.zeros((2, 3)), "int32"),
        tensor(1.0, "float32"),
        tensor([1.0, 0.5], "float32"),
        tensor(1.0, "float32"),
        tensor(0, "int8"),
    )
    request = ask("Requantize", 1, inputs, domain="qref")
    yield refused(SUITE, "error", request, ("QREF-RQ-007",), ("error",), "two weight scales for three channels")
    square = (tensor(np.zeros((2, 2)), "int32"), *inputs[1:])
    for axis in (2, -3):
        request = ask("Requantize", 1, square, {"axis": axis}, domain="qref")
        comment = f"axis {axis} of rank 2, its lengths the same"
        yield refused(SUITE, "error", request, ("QREF-RQ-007",), ("error",), comment)
