"""Which elements of an answer are wrong (contract: what is expected).

The same rules judge engines and decide whether a case catches a mistake.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case, Outputs

Mask = NDArray[np.bool_]


# operators that only move data: what they answer is judged bit for bit, NaN's payload and the sign of zero included
BITWISE = ("Concat", "Flatten", "Pad", "Reshape")


def fails(case: Case, answer: Sequence[Tensor]) -> bool:
    """Whether an answer with outputs fails the case: neither valid nor acceptable."""
    expect = case.expect
    if expect.kind in ("error", "open"):
        return expect.kind == "error"
    if not fits(answer, case.outputs):
        return True
    if expect.kind == "bound":
        tolerances = [expect.tolerance, *(way.tolerance for way in expect.wider)]
        return not any(_all_right(case, inside(case, answer, tolerance)) for tolerance in tolerances)
    ways = [equal_all(case, answer, outputs) for outputs in (case.outputs, *(w.outputs for w in expect.alternatives))]
    if expect.match == "whole":
        return not any(_all_right(case, masks) for masks in ways)
    return not _all_right(case, [np.logical_or.reduce(masks) for masks in zip(*ways, strict=True)])


def fits(answer: Sequence[Tensor], outputs: Outputs) -> bool:
    """Whether number, types and shapes of the outputs are the expected ones."""
    return [(y.dtype, y.shape) for y in answer] == [(y.dtype, y.shape) for y in outputs]


def equal_all(case: Case, answer: Sequence[Tensor], outputs: Sequence[Tensor]) -> list[Mask]:
    """Element by element, whether an answer of the right types and shapes equals `outputs`, as the case tells apart."""
    if case.request.op in BITWISE:
        return [same_bits(y, other) for y, other in zip(answer, outputs, strict=True)]
    return [equal(y, other, case.expect.signed_zero) for y, other in zip(answer, outputs, strict=True)]


def inside(case: Case, answer: Sequence[Tensor], tolerance: Sequence[Tensor]) -> list[Mask]:
    """Element by element, whether an answer of the right types and shapes lies within a tolerance of the golden one."""
    masks = [within(*each, case.expect.signed_zero) for each in zip(answer, case.outputs, tolerance, strict=True)]
    if "overflow" in case.flags:
        # sums that may pass the largest number on their way allow what comes of that
        return [mask | ~np.isfinite(decode(y)) for mask, y in zip(masks, answer, strict=True)]
    return masks


def same_answer(some: Sequence[Tensor], others: Sequence[Tensor], signed_zero: bool = False) -> bool:
    """Whether two answers of the same types and shapes are equal in every element."""
    return all(bool(equal(one, other, signed_zero).all()) for one, other in zip(some, others, strict=True))


def equal(y: Tensor, other: Tensor, signed_zero: bool = False) -> Mask:
    """Integers bit for bit; floats by value, any NaN equal to any NaN, +0 and −0 apart only where `signed_zero`."""
    if isinstance(y.format, Integer) or y.dtype == "bool":
        return np.asarray(y.data == other.data)
    a, b = decode(y), decode(other)
    same = ((a == b) & ((np.signbit(a) == np.signbit(b)) | (not signed_zero))) | (np.isnan(a) & np.isnan(b))
    return np.asarray(same)


def same_bits(y: Tensor, other: Tensor) -> Mask:
    """Bit for bit."""
    bits = f"u{y.data.dtype.itemsize}"
    return np.asarray(np.ascontiguousarray(y.data).view(bits) == np.ascontiguousarray(other.data).view(bits))


def within(y: Tensor, true: Tensor, tolerance: Tensor, signed_zero: bool = False) -> Mask:
    """|y − y*| ≤ tolerance; infinities and NaN only where the golden value is the same; zeros as in `equal`."""
    a, b = decode(y), decode(true)
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance.data
    if signed_zero:
        near &= (a != 0) | (b != 0)
    return np.asarray(near | equal(y, true, signed_zero))


def _all_right(case: Case, masks: Sequence[NDArray[Any]]) -> bool:
    if case.expect.unspecified:
        masks = [mask | free.data for mask, free in zip(masks, case.expect.unspecified, strict=True)]
    return all(bool(mask.all()) for mask in masks)
