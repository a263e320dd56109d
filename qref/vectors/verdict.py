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


def fails(case: Case, answer: Sequence[Tensor]) -> bool:
    """Whether an answer with outputs fails the case: neither valid nor acceptable."""
    if case.expect.kind in ("error", "open"):
        return case.expect.kind == "error"
    if not fits(answer, case.outputs):
        return True
    if case.expect.kind == "any-of" and case.expect.match == "whole":
        ways = [case.outputs, *(way.outputs for way in case.expect.alternatives)]
        return not any(_all_right(case, equal_all(answer, way, case.expect.signed_zero)) for way in ways)
    return not _all_right(case, right(case, answer))


def fits(answer: Sequence[Tensor], outputs: Outputs) -> bool:
    """Whether number, types and shapes of the outputs are the expected ones."""
    return [(y.dtype, y.shape) for y in answer] == [(y.dtype, y.shape) for y in outputs]


def right(case: Case, answer: Sequence[Tensor]) -> list[Mask]:
    """Element by element, whether an answer of the right types and shapes is valid or acceptable."""
    expect = case.expect
    if expect.kind == "bound":
        tolerances = [expect.tolerance, *(way.tolerance for way in expect.wider)]
        inside = [
            [within(y, true, t) for y, true, t in zip(answer, case.outputs, ts, strict=True)] for ts in tolerances
        ]
    else:
        ways = [case.outputs, *(way.outputs for way in expect.alternatives)]
        inside = [equal_all(answer, way, expect.signed_zero) for way in ways]
    return [np.logical_or.reduce(masks) for masks in zip(*inside, strict=True)]


def equal_all(answer: Sequence[Tensor], outputs: Sequence[Tensor], signed_zero: bool) -> list[Mask]:
    """`equal`, output by output."""
    return [equal(y, other, signed_zero) for y, other in zip(answer, outputs, strict=True)]


def same_answer(some: Sequence[Tensor], others: Sequence[Tensor], signed_zero: bool = False) -> bool:
    """Whether two answers of the same types and shapes are equal in every element."""
    return all(bool(mask.all()) for mask in equal_all(some, others, signed_zero))


def equal(y: Tensor, other: Tensor, signed_zero: bool = False) -> Mask:
    """Integers bit for bit; floats by value, any NaN equal to any NaN, +0 and −0 apart only where `signed_zero`."""
    if isinstance(y.format, Integer) or y.dtype == "bool":
        return np.asarray(y.data == other.data)
    a, b = decode(y), decode(other)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.asarray(same & (np.signbit(a) == np.signbit(b)) if signed_zero else same)


def within(y: Tensor, true: Tensor, tolerance: Tensor) -> Mask:
    """|y − y*| ≤ tolerance; infinities and NaN only where the golden value is the same."""
    a, b = decode(y), decode(true)
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance.data
    return np.asarray(near | equal(y, true))


def _all_right(case: Case, masks: Sequence[NDArray[Any]]) -> bool:
    if case.expect.unspecified:
        masks = [mask | free.data for mask, free in zip(masks, case.expect.unspecified, strict=True)]
    return all(bool(mask.all()) for mask in masks)
