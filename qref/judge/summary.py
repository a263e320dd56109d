"""What a run comes to: counts, causes, the nearest profile, and the exit code."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from qref.judge import explain
from qref.judge.compare import BROKEN
from qref.judge.expectations import Deviation, Expectation, deviations, expected, unused
from qref.judge.explain import Acceptance, Cause, Nearness
from qref.judge.run import Outcome, Run
from qref.judge.selection import operator


@dataclass(frozen=True, eq=False)
class Summary:
    """A judged run.

    `missing` are required operators with unsupported cases; `deviations` cases without their expected result; `failing`
    the ids of cases that count as failing. `exit_code` is 0 where all pass, 1 where some fail, 2 where nothing passed.
    """

    run: Run
    counts: Counter[str]
    by_operator: dict[str, Counter[str]]
    causes: list[Cause]
    acceptances: list[Acceptance]
    nearness: list[Nearness]
    exit_code: int
    deviations: list[Deviation] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failing: frozenset[str] = frozenset()

    @property
    def changed(self) -> list[Outcome]:
        """Cases whose repetitions differ."""
        return [outcome for outcome in self.run.outcomes if outcome.changed]

    def mistake_of(self) -> dict[str, str]:
        """The mistake that explains a case, by the case's id."""
        return {o.case.id: cause.name for cause in self.causes if cause.kind == "mistake" for o in cause.outcomes}


def summarize(
    run: Run, strict: bool = False, expectations: Sequence[Expectation] = (), required: Sequence[str] = ()
) -> Summary:
    """The summary of a run; `strict` counts acceptable as a fail, `required` operators have to be supported."""
    outcomes = run.outcomes
    by_operator: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        by_operator.setdefault(operator(outcome.case), Counter())[outcome.verdict.result] += 1
    off = deviations(expectations, outcomes)
    missing = [op for op in required if _unsupported(op, outcomes)]
    failing = failing_ids(outcomes, strict, expectations)
    return Summary(
        run=run,
        counts=sum(by_operator.values(), Counter()),
        by_operator=by_operator,
        causes=explain.causes(outcomes),
        acceptances=explain.acceptances(outcomes),
        nearness=explain.nearness(outcomes),
        exit_code=exit_code(outcomes, failing, expectations, bool(missing)),
        deviations=off,
        unused=unused(expectations, outcomes),
        missing=missing,
        failing=failing,
    )


def failing_ids(outcomes: Sequence[Outcome], strict: bool, expectations: Sequence[Expectation]) -> frozenset[str]:
    """The cases that count as failing: where there is an expectation by it, else by the result."""
    bad = {"fail", *BROKEN, *(("acceptable",) if strict else ())}
    failing = set()
    for outcome in outcomes:
        known = expected(expectations, outcome)
        if outcome.verdict.result not in known.results if known else outcome.verdict.result in bad:
            failing.add(outcome.case.id)
    return frozenset(failing)


def exit_code(
    outcomes: Sequence[Outcome], failing: frozenset[str], expectations: Sequence[Expectation], missing: bool
) -> int:
    """2 where nothing passed, else 1 where something fails, else 0.

    A case with its expected result has passed. Open cases are no part of this unless the engine crashed, hung or broke
    the protocol; where all are open, there is nothing that could have passed.
    """
    judged = [o for o in outcomes if o.case.expect.kind != "open" or o.verdict.result in BROKEN]
    passed = any(
        o.case.id not in failing and (o.verdict.result in ("pass", "acceptable") or expected(expectations, o))
        for o in judged
    )
    if judged and not passed:
        return 2
    return 1 if failing or missing else 0


def _unsupported(op: str, outcomes: Sequence[Outcome]) -> bool:
    """Whether a case of the operator is unsupported, or none was there to show that it is supported."""
    mine = [o for o in outcomes if op in (operator(o.case), o.case.request.op)]
    return not mine or any(o.verdict.result == "unsupported" for o in mine)
