"""The arithmetic behind one element of a golden answer, step by step, in exact numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from qref import ops
from qref.errors import OutsideDomain, QrefError
from qref.numerics.fixed_point import quantize_multiplier
from qref.numerics.floats import decode, round_to
from qref.numerics.formats import Float, Integer, format_of, integer
from qref.numerics.profiles import PROFILES, Profile
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.requantization import Requantization
from qref.vectors.case import Case

Index = tuple[int, ...]
PRECISIONS = {1: "float32", 10: "float16", 16: "bfloat16"}  # the attribute's numbers are ONNX's of the types
DIGITS = 24  # decimals shown before a number is cut


@dataclass(frozen=True)
class Step:
    """A line of the arithmetic: what, its value, a remark."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class RuleResult:
    """What a profile makes of one accumulator: the output, and before zero point and clamp.

    At an end of the type, where a profile does not tell whether it clamped, `rounded` is ≥ or ≤ that end. `outside`
    says why the profile is not defined; `derived` holds the numbers it stores.
    """

    profile: str
    derived: str = ""
    rounded: str = "–"
    y: int | None = None
    outside: str = ""


def steps(case: Case, output: int, index: Index) -> list[Step]:
    """The steps that lead to an element; empty for operators without a written-out arithmetic."""
    request = case.request
    requantization = _requantization(case)
    if requantization is not None:
        return requantizing(case, requantization, index)
    if request.op in ("QuantizeLinear", "DequantizeLinear"):
        return _linear(case, index)
    if request.op in ("ConvInteger", "MatMulInteger"):
        return [Step("accumulator", str(case.outputs[output].data[index]), _products(case, None))]
    return []


def requantizing(case: Case, r: Requantization, index: Index) -> list[Step]:
    """Accumulator, scale, their product, rounded, zero point, clamp."""
    acc, sx, sw, sy = numbers(r, index)
    scale = Fraction(sx) * Fraction(sw) / Fraction(sy)
    real = acc * scale
    rounded = half_even(real.numerator, real.denominator)
    format = integer(r.dtype)
    y = min(max(rounded + r.zero_point, format.lowest), format.highest)
    return [
        Step("accumulator", str(acc), _products(case, _bias(case, index), acc)),
        Step("scale", f"{sx!r}·{sw!r}/{sy!r} = {exact(scale)}", multiplier(sx, sw, sy)),
        Step("acc·scale", exact(real), nearness(real)),
        Step("half to even", str(rounded)),
        Step(f"+ zero point {r.zero_point}", str(y), "" if y == rounded + r.zero_point else f"clamped to {r.dtype}"),
    ]


def numbers(r: Requantization, index: Index) -> tuple[int, float, float, float]:
    """Accumulator, x_scale, w_scale and y_scale of an element."""
    shape = r.accumulator.shape
    x_scale = np.broadcast_to(r.x_scale, shape)[index]
    w_scale = np.broadcast_to(r.w_scale, shape)[index]
    return int(r.accumulator[index]), float(x_scale), float(w_scale), float(r.y_scale)


def rules(acc: int, sx: float, sw: float, sy: float, zero_point: int, dtype: str) -> list[RuleResult]:
    """What every profile makes of an accumulator."""
    return [_rule(profile, acc, sx, sw, sy, zero_point, dtype) for profile in PROFILES.values()]


def rules_of(case: Case, index: Index) -> list[RuleResult]:
    """What every profile makes of an element; empty where the operator does not requantize."""
    r = _requantization(case)
    return [] if r is None else rules(*numbers(r, index), r.zero_point, r.dtype)


def zero_point_of(case: Case) -> int | None:
    """The zero point that a requantizing case adds, None for other cases."""
    r = _requantization(case)
    return None if r is None else r.zero_point


def ties(case: Case) -> list[Index]:
    """The elements whose exact value lies halfway between two integers."""
    r = _requantization(case)
    if r is None:
        return []
    return [index for index in np.ndindex(r.accumulator.shape) if _is_tie(_real(r, index))][:1]


def multiplier(sx: float, sw: float, sy: float) -> str:
    """The fixed-point form of a scale, as TFLite derives it: 31 bits and a shift, positive to the left."""
    try:
        m, shift = quantize_multiplier(sx * sw / sy)
    except (QrefError, ArithmeticError, ValueError):
        return ""
    return f"multiplier {m}, shift {shift}"


def nearness(real: Fraction) -> str:
    """Whether a number is a tie, or how near to one."""
    if _is_tie(real):
        return "a tie"
    if real.denominator == 1:
        return "an integer"
    tie = math.floor(real) + Fraction(1, 2)
    off = abs(real - tie)
    return f"{'above' if real > tie else 'below'} a tie by {float(off):.2g}" if off < Fraction(1, 1000) else ""


def exact(number: Fraction) -> str:
    """An exact decimal, or a fraction with its first digits where the decimal is long or endless."""
    denominator = number.denominator
    two = (denominator & -denominator).bit_length() - 1
    rest, five = denominator >> two, 0
    while rest % 5 == 0:
        rest, five = rest // 5, five + 1
    places = max(two, five)
    if rest == 1 and places <= DIGITS:
        digits = str(abs(number.numerator) * 10**places // denominator).rjust(places + 1, "0")
        whole, tail = (digits[:-places], digits[-places:]) if places else (digits, "")
        text = f"{whole}.{tail}" if tail else whole
        return f"-{text}" if number < 0 else text
    if len(str(number.numerator)) + len(str(denominator)) <= DIGITS:
        return f"{number.numerator}/{denominator} ≈ {float(number)!r}"
    return f"≈ {float(number)!r}"


def derived_words(derived: Mapping[str, Any]) -> str:
    """The numbers that a profile stores, on one line."""
    return ", ".join(
        f"{name} {exact(value) if isinstance(value, Fraction) else _plain(value)}" for name, value in derived.items()
    )


def _plain(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _rule(profile: Profile, acc: int, sx: float, sw: float, sy: float, zero_point: int, dtype: str) -> RuleResult:
    words = ""
    try:
        derived = profile.derive(sx, sw, sy)
        words = derived_words(derived)
        y = profile.apply(acc, derived, zero_point, dtype)
    except OutsideDomain as error:
        return RuleResult(profile.name, words, outside=str(error))
    format = integer(dtype)
    end = "≥" if y == format.highest else "≤" if y == format.lowest else ""
    rounded = f"{end}{y - zero_point}"
    return RuleResult(profile.name, words, rounded, y)


def _linear(case: Case, index: Index) -> list[Step]:
    """QuantizeLinear and DequantizeLinear, whose scale and zero point may differ by axis or block."""
    x, scale, zero_point = (*case.request.inputs, None)[:3]
    assert x is not None
    assert scale is not None
    where = _scale_index(case, x, scale, index)
    value, s = float(decode(x)[index]), float(decode(scale)[where])
    zp = 0 if zero_point is None else decode(zero_point)[where]
    y = case.outputs[0]
    if not (math.isfinite(value) and math.isfinite(s) and s > 0):
        return [Step("x", repr(value)), Step("scale", repr(s))]
    if case.request.op == "DequantizeLinear":
        product = (Fraction(value) - Fraction(float(zp))) * Fraction(s)
        return [
            Step("x − zero point", exact(Fraction(value) - Fraction(float(zp)))),
            Step("scale", repr(s)),
            Step("product", exact(product), f"before its one rounding to {y.dtype}"),
        ]
    quotient = Fraction(value) / Fraction(s)
    lines = [
        Step("x", repr(value)),
        Step("scale", repr(s)),
        Step("x / scale", exact(quotient), nearness(quotient) if isinstance(y.format, Integer) else ""),
    ]
    lines += _narrow_quotient(case, scale, quotient)
    return [*lines, Step("zero point", f"{zp:g}")] if isinstance(y.format, Integer) else lines


def _narrow_quotient(case: Case, scale: Tensor, quotient: Fraction) -> list[Step]:
    """The quotient rounded to the type of the division, where that is not the exact one."""
    dtype = PRECISIONS.get(case.request.attributes.get("precision", 0), scale.dtype)
    format = format_of(dtype)
    if not isinstance(format, Float):
        return []
    rounded = float(round_to(np.array(float(quotient)), format))
    same = math.isfinite(rounded) and Fraction(rounded) == quotient
    remark = nearness(Fraction(rounded)) if math.isfinite(rounded) else ""
    return [] if same else [Step(f"in {dtype}", repr(rounded), remark)]


def _scale_index(case: Case, x: Tensor, scale: Tensor, index: Index) -> Index:
    if scale.shape == ():
        return ()
    axis = case.request.attributes.get("axis", 1)
    axis += x.data.ndim if axis < 0 else 0
    block = case.request.attributes.get("block_size", 0)
    if len(scale.shape) == 1 and not block:
        return (index[axis] if scale.shape[0] > 1 or x.shape[axis] == 1 else 0,)
    return tuple(i // block if k == axis and block else i for k, i in enumerate(index))


def _requantization(case: Case) -> Requantization | None:
    try:
        return ops.requantization(case.request)
    except QrefError:
        return None


def _real(r: Requantization, index: Index) -> Fraction:
    acc, sx, sw, sy = numbers(r, index)
    return acc * Fraction(sx) * Fraction(sw) / Fraction(sy)


def _is_tie(real: Fraction) -> bool:
    return real.denominator == 2


def _bias(case: Case, index: Index) -> int | None:
    inputs = case.request.inputs
    if case.request.op != "QLinearConv" or len(inputs) < 9 or inputs[8] is None:
        return None
    return int(inputs[8].data[index[1]])


def _products(case: Case, bias: int | None, acc: int | None = None) -> str:
    """How many products a sum has, and what they and the bias add up to."""
    request = case.request
    weight = {"ConvInteger": 1, "QLinearConv": 3, "MatMulInteger": 0, "QLinearMatMul": 0}.get(request.op)
    x = request.inputs[weight] if weight is not None else None
    if x is None:
        return ""
    count = math.prod(x.shape[1:]) if "Conv" in request.op else (x.shape[-1] if x.shape else 1)
    if acc is None:
        return f"{count} products"
    sum_of = acc - (bias or 0)
    tail = "" if bias is None else f", bias {_signed(bias)}"
    return f"{count} product{'' if count == 1 else 's'} {_signed(sum_of)}{tail}"


def _signed(n: int) -> str:
    return f"+{n}" if n > 0 else f"−{-n}" if n < 0 else "0"
