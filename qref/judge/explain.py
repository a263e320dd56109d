"""Why cases fail: the known mistake that gives the very same wrong numbers, else the requirement; nearest profiles."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qref.engines.protocol import Reply
from qref.errors import QrefError
from qref.judge import compare
from qref.judge.compare import SHARED
from qref.judge.run import Outcome
from qref.mistakes import MISTAKES
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case, Outputs
from qref.vectors.requirements import basis
from qref.vectors.verdict import fits

TRIED = 40  # failing cases an operator on which every mistake of it is tried


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
    most cases is taken, and of those the one that more often is right wherever the engine is.
    """
    explained: dict[str, dict[int, bool]] = {}
    for name in _candidates(failing, mistakes):
        explained[name] = {
            i: exact for i, outcome in enumerate(failing) if (exact := reproduces(mistakes[name], outcome)) is not None
        }
    left = set(range(len(failing)))
    assigned: dict[str, list[Outcome]] = {}
    while left:
        scores = {
            name: (len(cases.keys() & left), sum(cases[i] for i in cases.keys() & left))
            for name, cases in explained.items()
        }
        best = max(scores, key=lambda name: scores[name], default=None)
        if best is None or scores[best][0] == 0:
            break
        mine = explained[best].keys() & left
        assigned[best] = [failing[i] for i in sorted(mine)]
        left -= mine
    return assigned, [failing[i] for i in sorted(left)]


def reproduces(mistake: Mistake, outcome: Outcome) -> bool | None:
    """Whether a mistake that has the engine's wrong numbers is right wherever the engine is; None where it has not."""
    case, answer = outcome.judged, failing_answer(outcome)
    if case is None or answer is None or not applies(mistake, case):
        return None
    wrongs = _run(mistake.run, case)
    if wrongs is None or not fits(wrongs, answer):
        return None
    same = [_bits(a) == _bits(b) for a, b in zip(wrongs, answer)]
    wrong = compare.judge(case, Reply("outputs", answer)).wrong or [np.ones(s.shape, np.bool_) for s in same]
    if not all(bool(s[mask].all()) for s, mask in zip(same, wrong)):
        return None
    return all(bool(s.all()) for s in same)


def applies(mistake: Mistake, case: Case) -> bool:
    """Whether the mistake touches the case's operator."""
    return not mistake.operators or case.request.op in mistake.operators


def failing_answer(outcome: Outcome) -> Outputs | None:
    """The outputs of the first repetition that fails."""
    for reply in outcome.replies:
        if (
            outcome.judged is not None
            and reply.kind == "outputs"
            and compare.judge(outcome.judged, reply).result == "fail"
        ):
            return reply.outputs
    return None


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
    """What each profile that is defined for the case gives; `onnx`, the text, gives the case's own outputs."""
    outputs: dict[str, Outputs] = {"onnx": case.outputs} if case.outputs else {}
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


def _candidates(failing: Sequence[Outcome], mistakes: Mapping[str, Mistake]) -> list[str]:
    """The mistakes that explain one of a sample of each operator's failures: thousands of failures have few causes."""
    samples: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in failing:
        samples[outcome.case.request.op].append(outcome)
    tried = [outcome for cases in samples.values() for outcome in cases[:: max(1, len(cases) // TRIED)]]
    return [name for name, m in mistakes.items() if any(reproduces(m, outcome) is not None for outcome in tried)]


def _run(function: Callable[..., Sequence[Tensor]], case: Case) -> list[Tensor] | None:
    try:
        with np.errstate(all="ignore"):
            return list(function(case.request))[: case.request.outputs]
    except (QrefError, ArithmeticError, ValueError, IndexError):
        return None  # a wrong implementation may stumble where it was never meant to run


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
