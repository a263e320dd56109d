"""The arithmetic behind one float element: what it is a sum of, how far an answer may lie from it, how far one does."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qref import ops
from qref.errors import QrefError
from qref.judge.arithmetic import Index, Step
from qref.judge.compare import distance
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case
from qref.vectors.verdict import fits

# sums of products of their first two inputs, to which the third is added
DOT_PRODUCTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def steps(case: Case, output: int, index: Index, y: Tensor | None = None) -> list[Step]:
    """The steps for an element of a float output, with what an engine's output `y` makes of it; empty for integers."""
    golden = case.outputs[output]
    if not isinstance(golden.format, Float):
        return []
    found = [*_sum(case, golden, index), *_tolerance(case, output, index)]
    if y is not None and fits([y], (golden,)):
        found += _difference(case, output, index, y)
    return [*found, *_wider(case, output, index, y)]


def farthest(case: Case, answer: Sequence[Tensor]) -> tuple[int, Index] | None:
    """The element of an answer to a bound case that lies most tolerances away; None where all are the golden ones."""
    found, most = None, 0.0
    for output, (y, golden) in enumerate(zip(answer, case.outputs)):
        if not isinstance(golden.format, Float) or not fits([y], (golden,)) or y.data.size == 0:
            continue
        away = _tolerances(y, golden, case.expect.tolerance[output])
        if case.expect.unspecified:
            away = np.where(case.expect.unspecified[output].data, 0.0, away)
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(away)), away.shape))
        if away[place] > most:
            found, most = (output, place), float(away[place])
    return found


def number(value: float) -> str:
    """Three digits and a sign."""
    return f"{'−' if value < 0 else '+'}{abs(value):.3g}"


def ulp(value: float, format: Float) -> float:
    """The distance from |value| to the next number of the format, away from zero."""
    exponent = int(np.frexp(value)[1]) - 1 if value else format.lowest_exponent
    return float(2.0 ** (max(exponent, format.lowest_exponent) - format.mantissa_bits))


def _sum(case: Case, golden: Tensor, index: Index) -> list[Step]:
    """How many products the element sums, and M, what their magnitudes and the addend's add up to."""
    found = _counted(case, index)
    if found is None:
        return []
    products, M, addend = found
    many = "" if products == 1 else "s"
    terms = Step("sum of", f"{products} product{many}", "and an addend" if addend else "")
    if not np.isfinite(M):
        return [terms]
    value = abs(float(decode(golden)[index]))
    return [terms, Step("of magnitudes", f"{M:.6g}", f"{M / value:.3g} times the result" if 0 < value < M else "")]


def _counted(case: Case, index: Index) -> tuple[int, float, bool] | None:
    """Products, M and whether something is added, by the operator itself: on ones, and on the magnitudes."""
    request = case.request
    if request.domain != "" or request.op not in DOT_PRODUCTS:
        return None
    inputs = [None if x is None else np.abs(decode(x)) for x in request.inputs]
    addend = len(inputs) > 2 and inputs[2] is not None
    ones = [None if x is None else np.full(x.shape, float(k < 2)) for k, x in enumerate(inputs)]
    factors = {name: abs(v) for name, v in request.attributes.items() if name in ("alpha", "beta")}
    plain = {name: value for name, value in request.attributes.items() if name not in factors}
    try:
        (count,) = ops.run(replace(request, inputs=_float32(ones), attributes=plain))
        (M,) = ops.run(replace(request, inputs=_float32(inputs), attributes=plain | factors))
    except QrefError:
        return None
    return int(count.data[index]), float(M.data[index]), addend


def _float32(inputs: Sequence[NDArray[np.float64] | None]) -> tuple[Tensor | None, ...]:
    return tuple(None if x is None else encode(x, "float32") for x in inputs)


def _tolerance(case: Case, output: int, index: Index) -> list[Step]:
    if case.expect.kind != "bound":
        return []
    tolerance, golden = float(case.expect.tolerance[output].data[index]), case.outputs[output]
    value, format = float(decode(golden)[index]), golden.format
    assert isinstance(format, Float)
    if not np.isfinite(value):
        remark = "this value and no other"
    elif tolerance == 0:
        remark = "the correctly rounded result and no other"
    else:
        remark = f"{tolerance / ulp(value, format):.3g} ULP" if value else ""
    found = [Step("tolerance", f"{tolerance:.3g}", remark)]
    if "overflow" in case.flags:
        found.append(Step("overflow", "allowed", "the sum may pass the largest number: ±inf and NaN are right as well"))
    return found


def _difference(case: Case, output: int, index: Index, y: Tensor) -> list[Step]:
    golden = case.outputs[output]
    mine, true = (Tensor(x.dtype, np.asarray(x.data[index])) for x in (y, golden))
    if mine.same(true):
        return [Step("difference", "0")]
    a, b = float(decode(mine)), float(decode(true))
    if a == b or (np.isnan(a) and np.isnan(b)):
        return [Step("bits", _bits(true), f"yours {_bits(mine)}")]
    if not (np.isfinite(a) and np.isfinite(b)):
        return []
    words = f"{distance(mine, true, np.zeros((), np.bool_)):,} ULP"
    if case.expect.kind == "bound" and case.expect.tolerance[output].data[index] > 0:
        words += f", {float(_tolerances(y, golden, case.expect.tolerance[output])[index]):.3g} tolerances"
    return [Step("difference", number(a - b), words)]


def _wider(case: Case, output: int, index: Index, y: Tensor | None) -> list[Step]:
    """The wider tolerances of an element, and which of them hold an answer that the tolerance does not."""
    if case.expect.kind != "bound":
        return []
    golden, tolerance = case.outputs[output], case.expect.tolerance[output]
    outside = y is not None and fits([y], (golden,)) and _tolerances(y, golden, tolerance)[index] > 1
    found = []
    for way in case.expect.wider:
        wide = way.tolerance[output]
        if wide.data[index] > tolerance.data[index]:
            inside = outside and y is not None and _tolerances(y, golden, wide)[index] <= 1
            mark = " ← yours" if inside else ""
            found.append(Step("acceptable within", f"{float(wide.data[index]):.3g}", f"{way.reason}{mark}"))
    return found


def _tolerances(y: Tensor, golden: Tensor, tolerance: Tensor) -> NDArray[np.float64]:
    """|y − y*| in tolerances: 0 where they are the same, infinite where there is no tolerance or no finite number."""
    a, b = decode(y), decode(golden)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        away = np.abs(a - b) / tolerance.data
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.asarray(np.where(same, 0.0, np.where(np.isnan(away), np.inf, away)))


def _bits(x: Tensor) -> str:
    size = x.data.dtype.itemsize
    return f"0x{int(np.asarray(x.data).view(f'u{size}')):0{2 * size}X}"
