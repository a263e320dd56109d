"""Why cases fail: the known mistake that gives the very same wrong numbers, else the requirement; nearest profiles."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qref.errors import QrefError
from qref.judge import compare
from qref.judge.compare import SHARED
from qref.judge.run import Outcome
from qref.mistakes import MISTAKES
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case, Outputs
from qref.vectors.requirements import basis
from qref.vectors.verdict import Mask, fits, within

TRIED = 12  # failing cases of an operator on which all its mistakes are tried at a time


@dataclass(frozen=True, eq=False)
class Cause:
    """Failures that belong together: `kind` is mistake, requirement, crash, timeout or fault; `name` says which one."""

    kind: str
    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def smallest(self) -> Outcome:
        """The case with the smallest inputs."""
        return min(self.outcomes, key=lambda outcome: (_size(outcome.case), outcome.case.id))


@dataclass(frozen=True)
class Nearness:
    """How many of the answers to requantizing cases inside a profile's domain are the profile's."""

    profile: str
    equal: int
    inside: int


@dataclass(frozen=True, eq=False)
class Acceptance:
    """Acceptable answers with one reason; `profile` gives all of them, where one does."""

    reason: str
    outcomes: tuple[Outcome, ...]
    profile: str | None


def causes(outcomes: Sequence[Outcome], mistakes: Mapping[str, Mistake] = MISTAKES) -> list[Cause]:
    """The causes of all failures, the one with most cases first."""
    failing = [outcome for outcome in outcomes if outcome.verdict.result == "fail"]
    assigned, rest = by_mistake(failing, mistakes)
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in rest:
        groups["requirement", _requirement(outcome.case)].append(outcome)
    for outcome in outcomes:
        if outcome.verdict.result in compare.BROKEN:
            groups[outcome.verdict.result, _shape_of(outcome.verdict.detail)].append(outcome)
    found = [Cause("mistake", name, tuple(cases)) for name, cases in assigned.items()]
    found += [Cause(kind, name, tuple(cases)) for (kind, name), cases in groups.items()]
    return sorted(found, key=lambda cause: -len(cause.outcomes))


def by_mistake(
    failing: Sequence[Outcome], mistakes: Mapping[str, Mistake]
) -> tuple[dict[str, list[Outcome]], list[Outcome]]:
    """Each failing case with the mistake that explains it, and the cases that none does.

    A mistake explains a case where it gives the engine's number at each wrong element. Of several the one that explains
    most cases is taken, and of those the one that more often is right wherever the engine is. Thousands of failures
    have few causes, so mistakes are tried on samples of what is left, until a sample is explained by none.
    """
    failures = {i: failure for i, outcome in enumerate(failing) if (failure := failure_of(outcome)) is not None}
    left, tried = set(failures), set[int]()
    assigned: dict[str, list[Outcome]] = defaultdict(list)
    while sample := _sample({i: failures[i] for i in sorted(left - tried)}):
        tried |= sample
        names = [name for name, m in mistakes.items() if any(reproduces(m, failures[i]) is not None for i in sample)]
        if not names:
            break
        for name, mine in _assign(names, mistakes, {i: failures[i] for i in left}):
            assigned[name] += [failing[i] for i in sorted(mine)]
            left -= mine
    explained = {id(outcome) for outcomes in assigned.values() for outcome in outcomes}
    return dict(assigned), [outcome for outcome in failing if id(outcome) not in explained]


@dataclass(frozen=True, eq=False)
class Failure:
    """A failing case as it was judged, the engine's outputs, and their wrong elements."""

    case: Case
    answer: Outputs
    wrong: tuple[Mask, ...]


def failure_of(outcome: Outcome) -> Failure | None:
    """The first repetition with outputs that fails; None where there is none."""
    for reply in outcome.replies:
        if outcome.judged is None or reply.kind != "outputs":
            continue
        verdict = compare.judge(outcome.judged, reply)
        if verdict.result == "fail":
            # where number, types or shapes are wrong, every element has to be the mistake's
            wrong = verdict.wrong or tuple(np.ones(y.shape, np.bool_) for y in reply.outputs)
            return Failure(outcome.judged, reply.outputs, wrong)
    return None


def reproduces(mistake: Mistake, failure: Failure) -> bool | None:
    """Whether a mistake that has the engine's wrong numbers is right wherever the engine is; None where it has not.

    Numbers judged by a bound depend on the order of evaluation: there the mistake has to be wrong where the engine is,
    and as near to the engine's number as a right one has to be to the golden one.
    """
    if mistake.operators and failure.case.request.op not in mistake.operators:
        return None
    outputs = _run(mistake.run, failure.case)
    if outputs is None or not fits(outputs, failure.answer):
        return None
    equal = _equal(failure.case, outputs, failure.answer)
    if not all(bool(e[mask].all()) for e, mask in zip(equal, failure.wrong)):
        return None
    return all(bool(e.all()) for e in equal)


def _sample(failures: Mapping[int, Failure]) -> set[int]:
    """A few failures of each operator, spread over all of them."""
    by_operator: dict[str, list[int]] = defaultdict(list)
    for i, failure in failures.items():
        by_operator[failure.case.request.op].append(i)
    return {i for indices in by_operator.values() for i in indices[:: -(-len(indices) // TRIED)]}


def _assign(
    names: Sequence[str], mistakes: Mapping[str, Mistake], failures: Mapping[int, Failure]
) -> Iterator[tuple[str, set[int]]]:
    """Mistakes with the failures each explains, the one that explains most first."""
    found = {name: {i: reproduces(mistakes[name], failure) for i, failure in failures.items()} for name in names}
    exact = {name: {i: e for i, e in all.items() if e is not None} for name, all in found.items()}
    left = set(failures)
    while left:
        scores = {n: (len(mine.keys() & left), sum(mine[i] for i in mine.keys() & left)) for n, mine in exact.items()}
        best = max(scores, key=lambda name: scores[name])
        if scores[best][0] == 0:
            return
        mine = exact[best].keys() & left
        left -= mine
        yield best, mine


def reading(case: Case) -> bool:
    """Whether none of the case's requirements is a standard's text: its failure "fails qref's reading"."""
    return bool(case.requirements) and all(basis_of(id) not in ("text", None) for id in case.requirements)


def basis_of(requirement: str) -> str | None:
    """The basis of a requirement, None where no chapter holds it."""
    try:
        return basis(requirement)
    except QrefError:
        return None


def nearness(outcomes: Sequence[Outcome]) -> list[Nearness]:
    """Every profile against the answers to requantizing cases, the nearest first."""
    equal: dict[str, int] = defaultdict(int)
    inside: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        answer = outcome.replies[0] if outcome.replies else None
        if outcome.case.profiles is None or answer is None or answer.kind != "outputs":
            continue
        for profile, outputs in profile_outputs(outcome.case).items():
            inside[profile] += 1
            equal[profile] += same(answer.outputs, outputs)
    found = [Nearness(profile, equal[profile], inside[profile]) for profile in inside]
    return sorted(found, key=lambda near: (-near.equal, near.inside))


def profile_outputs(case: Case) -> dict[str, Outputs]:
    """What each profile that is defined for the case gives."""
    outputs: dict[str, Outputs] = {}
    for name, result in (case.profiles or {}).items():
        if result.outside is None:
            outputs[name] = case.outputs if result.outputs is None else result.outputs
    return outputs


def acceptances(outcomes: Sequence[Outcome]) -> list[Acceptance]:
    """Acceptable answers by as few reasons as cover them, the most frequent first.

    Alternatives with the same outputs share a reason, "this; that": a case belongs to whichever more others belong to.
    """
    left = [outcome for outcome in outcomes if outcome.verdict.result == "acceptable"]
    found = []
    while left:
        counts = Counter(part for outcome in left for part in _parts(outcome))
        reason = max(counts, key=lambda part: counts[part])
        mine = tuple(outcome for outcome in left if reason in _parts(outcome))
        left = [outcome for outcome in left if reason not in _parts(outcome)]
        found.append(Acceptance(reason, mine, gives_all(mine)))
    return found


def same(a: Sequence[Tensor], b: Sequence[Tensor]) -> bool:
    """Whether outputs agree in type, shape and every bit."""
    return len(a) == len(b) and all(x.same(y) for x, y in zip(a, b))


def gives_all(outcomes: Sequence[Outcome]) -> str | None:
    """The profile that gives every answer, None where none does."""
    shared: set[str] | None = None
    order: list[str] = []
    for outcome in outcomes:
        answer = outcome.replies[0].outputs if outcome.replies else ()
        mine = [name for name, outputs in profile_outputs(outcome.case).items() if same(answer, outputs)]
        order = mine if shared is None else order
        shared = set(mine) if shared is None else shared & set(mine)
    return next((name for name in order if shared and name in shared), None)


def _parts(outcome: Outcome) -> list[str]:
    return outcome.verdict.reason.split(SHARED)


def _run(function: Callable[..., Sequence[Tensor]], case: Case) -> list[Tensor] | None:
    try:
        with np.errstate(all="ignore"):
            return list(function(case.request))[: case.request.outputs]
    except (QrefError, ArithmeticError, ValueError, IndexError):
        return None  # a wrong implementation may stumble where it was never meant to run


def _equal(case: Case, outputs: Sequence[Tensor], answer: Outputs) -> list[Mask]:
    """Element by element, whether a mistake's outputs are an engine's."""
    if case.expect.kind != "bound" or not fits(answer, case.outputs):
        return [np.asarray(_bits(a) == _bits(b)) for a, b in zip(outputs, answer)]
    near = [within(a, b, t) for a, b, t in zip(outputs, answer, case.expect.tolerance)]
    right = [within(a, true, t) for a, true, t in zip(outputs, case.outputs, case.expect.tolerance)]
    mine = [within(b, true, t) for b, true, t in zip(answer, case.outputs, case.expect.tolerance)]
    return [np.asarray(n & (r == m)) for n, r, m in zip(near, right, mine)]


def _bits(x: Tensor) -> Any:
    return x.data.view(f"u{x.data.dtype.itemsize}")


def _requirement(case: Case) -> str:
    return case.requirements[0] if case.requirements else "no requirement"


def _shape_of(detail: str) -> str:
    """A detail without what differs from case to case."""
    head = detail.split(":")[0]
    return "".join(c for c in head if not c.isdigit()) if "id" in head else head


def _size(case: Case) -> int:
    return sum(x.data.nbytes for x in case.request.inputs if x is not None)
