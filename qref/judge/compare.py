"""One verdict from a case and what an engine made of it (contract: what is expected, verdicts)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qref.engines.protocol import Reply
from qref.judge import values
from qref.numerics.formats import Float, PowerOfTwo
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case, Expect, Outputs
from qref.vectors.verdict import Mask, equal_all, fits, inside

RESULTS = ("pass", "acceptable", "fail", "unsupported", "open", "crash", "timeout", "fault")
BROKEN = ("crash", "timeout", "fault")
SHARED = "; "  # between the reasons of alternatives that have the same outputs


@dataclass(frozen=True, eq=False)
class Verdict:
    """What an answer is worth.

    `result` is one of RESULTS, `detail` says what is wrong or what an open case gave, `reason` why an answer is
    acceptable. `wrong` marks the wrong elements of each output, empty where number, types or shapes already differ.
    `max_ulp` is the largest distance of a float from the golden one, in units of the output's format.
    """

    result: str
    detail: str = ""
    reason: str = ""
    wrong: tuple[Mask, ...] = ()
    max_ulp: int | None = None


def under(case: Case, profile: str | None) -> Case | str:
    """The case as `profile` judges it, or why it lies outside the profile's domain.

    A case that does not requantize, and every case where `profile` is None, is judged as it stands.
    """
    if profile is None or case.profiles is None:
        return case
    if profile not in case.profiles:
        return f"profile {profile} does not apply to {case.request.op}"
    result = case.profiles[profile]
    if result.outside is not None:
        return f"outside profile {profile}: {result.outside}"
    expect = Expect("exact", unspecified=case.expect.unspecified, signed_zero=case.expect.signed_zero)
    outputs = case.outputs if result.outputs is None else result.outputs
    return replace(case, outputs=outputs, expect=expect, request=replace(case.request, profile=profile))


def judge(case: Case, reply: Reply) -> Verdict:
    """The verdict on `reply`. With a profile judging, `case` is what `under` made of it."""
    if reply.kind in BROKEN:
        return Verdict(reply.kind, reply.words)
    if reply.kind == "unsupported":
        return Verdict("unsupported", reply.words)
    if reply.kind == "error":
        # a rejection is what an engine does with an open case; elsewhere it does not do what the text asks
        result = {"error": "pass", "open": "open"}.get(case.expect.kind, "unsupported")
        return Verdict(result, reply.words)
    if case.expect.kind == "error":
        return Verdict("fail", f"expected an error, got {values.several(reply.outputs)}")
    if case.expect.kind == "open":
        return Verdict("open", values.several(reply.outputs))
    if not fits(reply.outputs, case.outputs):
        return Verdict("fail", f"expected {values.kinds(case.outputs)}, got {values.kinds(reply.outputs)}")
    return replace(_elements(case, reply.outputs), max_ulp=max_ulp(case, reply.outputs))


def max_ulp(case: Case, answer: Sequence[Tensor]) -> int | None:
    """The largest distance of a specified float from the golden one; None without floats, or where one is NaN."""
    found = [
        distance(y, true, free)
        for y, true, free in zip(answer, case.outputs, _free(case))
        if isinstance(y.format, Float | PowerOfTwo)
    ]
    numbers = [ulp for ulp in found if ulp is not None]
    return max(numbers) if numbers and len(numbers) == len(found) else None


def distance(y: Tensor, true: Tensor, free: Mask) -> int | None:
    """Steps between the numbers of a float format, the largest over all elements but `free` ones."""
    a, a_nan = _steps(y)
    b, b_nan = _steps(true)
    if ((a_nan != b_nan) & ~free).any():
        return None
    steps = np.where(free | a_nan, 0, np.maximum(a, b) - np.minimum(a, b))
    return int(steps.max()) if steps.size else 0


def _steps(x: Tensor) -> tuple[NDArray[np.uint64], Mask]:
    """The number of each element in the order of the format's numbers, both zeros one number; and which are NaN."""
    format = x.format
    code = x.data.view(f"u{x.data.dtype.itemsize}").astype(np.uint64)
    if not isinstance(format, Float):
        return code, np.asarray(code == 0xFF)
    half = np.uint64(1) << np.uint64(format.bits - 1)
    magnitude = code & (half - np.uint64(1))
    return np.where(code & half != 0, half - magnitude, half + magnitude), values.is_nan(x)


def _elements(case: Case, answer: Outputs) -> Verdict:
    """The verdict on outputs of the right number, types and shapes."""
    if case.expect.kind == "bound":
        return _bound(case, answer)
    valid = _specified(case, equal_all(case, answer, case.outputs))
    if _all(valid):
        return Verdict("pass", _held(case, answer))
    ways = [(_specified(case, equal_all(case, answer, way.outputs)), way.reason) for way in case.expect.alternatives]
    whole = [reason for masks, reason in ways if _all(masks)]
    if whole:
        return Verdict("acceptable", _held(case, answer), whole[0])
    if case.expect.match == "whole" or not ways:
        return _fail(case, answer, [~mask for mask in valid])
    return _mixed(case, answer, valid, ways)


def _mixed(case: Case, answer: Outputs, valid: list[Mask], ways: list[tuple[list[Mask], str]]) -> Verdict:
    """Element by element: valid, or like some alternative. Names as few reasons as cover what is not valid."""
    left = [~mask for mask in valid]
    reasons = []
    while any(mask.any() for mask in left):
        gains = [sum(int((l & mask).sum()) for l, mask in zip(left, masks)) for masks, _ in ways]
        best = int(np.argmax(gains))
        if gains[best] == 0:
            return _fail(case, answer, left)
        left = [l & ~mask for l, mask in zip(left, ways[best][0])]
        reasons.append(ways[best][1].split(SHARED)[0])
    return Verdict("acceptable", _held(case, answer), " and ".join(dict.fromkeys(reasons)))


def _bound(case: Case, answer: Outputs) -> Verdict:
    valid = _within(case, answer, case.expect.tolerance)
    if _all(valid):
        return Verdict("pass", _held(case, answer))
    for way in case.expect.wider:
        if _all(_within(case, answer, way.tolerance)):
            return Verdict("acceptable", _held(case, answer), way.reason)
    return _fail(case, answer, [~mask for mask in valid])


def _within(case: Case, answer: Outputs, tolerance: Outputs) -> list[Mask]:
    return _specified(case, inside(case, answer, tolerance))


def _fail(case: Case, answer: Outputs, wrong: list[Mask]) -> Verdict:
    return Verdict("fail", values.difference(answer, case.outputs, wrong), wrong=tuple(wrong))


def _free(case: Case) -> list[Mask]:
    """The unspecified elements of each output."""
    if case.expect.unspecified:
        return [free.data for free in case.expect.unspecified]
    return [np.zeros(y.shape, np.bool_) for y in case.outputs]


def _specified(case: Case, masks: Iterable[Mask]) -> list[Mask]:
    """Masks of right elements, unspecified ones counted as right."""
    return [np.asarray(mask | free) for mask, free in zip(masks, _free(case))]


def _held(case: Case, answer: Outputs) -> str:
    """What the unspecified elements held, "" where there are none."""
    if not case.expect.unspecified:
        return ""
    return f"unspecified elements hold {values.chosen(answer, _free(case))}"


def _all(masks: Iterable[Mask]) -> bool:
    return all(bool(mask.all()) for mask in masks)
