"""From a request and the reason it exists to a case: outputs, alternatives, accumulator, profiles and key."""

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import BadVectors, InvalidInput, OutsideDomain
from qref.mistakes import MISTAKES
from qref.numerics.profiles import PROFILES, TFLITE_DOUBLE, TFLITE_SINGLE, Derived
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS, Bound, alternatives, bounds, margin, requantization, run
from qref.ops.requantization import Requantization
from qref.ops.request import Request
from qref.vectors import suite_json
from qref.vectors.case import Alternative, Case, Expect, Note, Outputs, ProfileResult, Suite, Wider
from qref.vectors.generators.notes import EFFECTS
from qref.vectors.verdict import same_answer

VERSION = "1.0"
LEAST_MARGIN = 2.0**-16  # so that float32 sums of a small tensor take every decision as exact ones do


def ask(
    op: str,
    opset: int,
    inputs: Sequence[Tensor | None],
    attributes: Mapping[str, Any] | None = None,
    domain: str = "",
    outputs: int = 0,
) -> Request:
    """A request for the first `outputs` outputs of an operator (0: all), attributes equal to their default left out."""
    operator = OPERATORS[domain, op]
    values = dict(attributes or {})
    for name, value in values.items():
        if name in operator.attributes and operator.attributes[name].takes(value):
            values[name] = operator.attributes[name].read(value)
    request = Request(op, domain, opset, values, tuple(inputs), outputs or operator.outputs)
    return replace(request, attributes=suite_json.attributes_without_defaults(request))


def judged(
    suite: str,
    slug: str,
    request: Request,
    requirements: Sequence[str],
    flags: Sequence[str],
    comment: str,
    signed_zero: bool = False,
) -> Case:
    """A case whose answer the text gives.

    It is exact; any-of where the text leaves answers open beside the golden one; or, for operators whose float results
    depend on the order of evaluation, within a bound. `signed_zero`: +0 and −0 are told apart.
    """
    outputs = tuple(run(request))
    ways = _alternatives(request, outputs)
    limits = bounds(request)
    if limits is not None:
        expect = _bounded(request, limits, flags)
    else:
        expect = Expect("any-of", ways) if ways else Expect("exact")
    expect = replace(expect, signed_zero=signed_zero)
    distance = margin(request)
    if distance is not None and distance < LEAST_MARGIN:
        raise BadVectors(f"{request.op}/{slug}: margin {distance:g}: draw other numbers, at least {LEAST_MARGIN:g}")
    found = requantization(request)
    return Case(
        _id(request, slug),
        suite,
        request,
        outputs,
        expect,
        tuple(dict.fromkeys(requirements)),
        tuple(flag for flag in flags if found is None or _holds(flag, found, ways)),
        comment,
        None if found is None else _accumulator(found),
        None if found is None else _profiles(found, outputs),
        None if distance is None or math.isinf(distance) else float(f"{distance:.3g}"),
    )


def refused(
    suite: str, slug: str, request: Request, requirements: Sequence[str], flags: Sequence[str], comment: str
) -> Case:
    """A case that the text rules out: an engine answers `error`."""
    try:
        run(request)
    except InvalidInput:
        return Case(
            _id(request, slug),
            suite,
            request,
            (),
            Expect("error"),
            tuple(dict.fromkeys(requirements)),
            tuple(flags),
            comment,
        )
    raise BadVectors(f"{request.op}/{slug}: the reference answers what should be an error")


def left_open(suite: str, slug: str, request: Request, flags: Sequence[str], comment: str) -> Case:
    """A case whose answer no text fixes."""
    return Case(_id(request, slug), suite, request, (), Expect("open"), (), tuple(flags), comment)


def assemble(name: str, cases: Iterable[Case]) -> Suite:
    """A suite of the cases in their order, each request once, with the notes of the flags they carry."""
    once: dict[str, Case] = {}
    for case in cases:
        once.setdefault(case.key, case)
    flags = sorted({flag for case in once.values() for flag in case.flags})
    return Suite(name, VERSION, {flag: _note(flag) for flag in flags}, tuple(once.values()))


def _note(flag: str) -> Note:
    after = [mistake for mistake in MISTAKES.values() if flag in mistake.flags]
    links = sorted({link for mistake in after for link in mistake.seen_in})
    return Note(EFFECTS[flag], tuple(sorted(mistake.name for mistake in after)), tuple(links))


def _id(request: Request, slug: str) -> str:
    return f"{request.op}/{slug}/{suite_json.case_key(request)}"


def _bounded(request: Request, limits: Sequence[Bound], flags: Sequence[str]) -> Expect:
    """The bounds of all outputs as an expectation; a wider tolerance that is nowhere wider is left out."""
    overflow = any(limit.overflow is not None and limit.overflow.any() for limit in limits)
    if overflow != ("overflow" in flags):
        raise BadVectors(f"{request.op}: a sum {'may' if overflow else 'cannot'} overflow: flag it so")
    tolerance = tuple(_float64(limit.tolerance) for limit in limits)
    wider = []
    for reason in dict.fromkeys(reason for limit in limits for reason, _ in limit.wider):
        wide = [dict(limit.wider).get(reason, limit.tolerance) for limit in limits]
        if any((w > limit.tolerance).any() for w, limit in zip(wide, limits, strict=True)):
            wider.append(Wider(tuple(_float64(w) for w in wide), reason))
    return Expect("bound", tolerance=tolerance, wider=tuple(wider))


def _float64(values: NDArray[np.float64]) -> Tensor:
    return Tensor("float64", np.asarray(values, np.float64))


def _alternatives(request: Request, outputs: Outputs) -> tuple[Alternative, ...]:
    """What the text leaves open: answers other than the golden one; equal ones share their reasons."""
    kept: list[Alternative] = []
    for reason, answer in alternatives(request):
        if same_answer(answer, outputs):
            continue
        twin = next((i for i, other in enumerate(kept) if same_answer(other.outputs, answer)), None)
        if twin is None:
            kept.append(Alternative(answer, reason))
        else:
            kept[twin] = Alternative(answer, f"{kept[twin].reason}; {reason}")
    return tuple(kept)


def _holds(flag: str, found: Requantization, ways: Sequence[Alternative]) -> bool:
    """Whether a flag of a requantizing operator that speaks of its numbers is true of them; other flags are."""
    if flag == "above-2^24":
        return bool((np.abs(found.accumulator) > 2**24).any())
    if flag == "scale-order":
        return bool(ways)
    if flag == "double-rounding":
        with contextlib.suppress(OutsideDomain):
            return not same_answer((found.apply(TFLITE_DOUBLE),), (found.apply(TFLITE_SINGLE),))
        return False
    if flag in ("tie", "negative-tie", "near-tie"):
        quotients = list(_quotients(found))
        tied = [q for q in quotients if q.denominator == 2]
        if flag == "near-tie":
            return any(q.denominator > 2 for q in quotients)
        return any(q < 0 for q in tied) if flag == "negative-tie" else bool(tied)
    return True


def _quotients(found: Requantization) -> Iterator[Fraction]:
    """The exact quotient of each accumulator."""
    numbers = np.broadcast(found.accumulator, found.x_scale, found.w_scale)
    for a, x, w in numbers:
        yield int(a) * Fraction(float(x)) * Fraction(float(w)) / Fraction(found.y_scale)


def _accumulator(found: Requantization) -> Tensor:
    exact = found.accumulator
    fits = not exact.size or (exact.min() >= -(2**31) and exact.max() < 2**31)
    return Tensor("int32" if fits else "int64", exact.astype(np.int32 if fits else np.int64))


def _profiles(found: Requantization, outputs: Outputs) -> dict[str, ProfileResult]:
    results = {}
    for name, profile in PROFILES.items():
        try:
            derived = _as_json(found.derived(profile))
            answer = (found.apply(profile),)
        except OutsideDomain as error:
            results[name] = ProfileResult(outside=str(error))
            continue
        results[name] = ProfileResult(derived, None if same_answer(answer, outputs) else answer)
    return results


def _as_json(derived: Sequence[Derived]) -> dict[str, Any]:
    """The derived numbers: one list a name, one entry a pair of scales; a fraction as "n/d"."""
    names = derived[0] if derived else {}
    return {name: [_number(one[name]) for one in derived] for name in names}


def _number(value: int | float | Fraction) -> int | float | str:
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else value
