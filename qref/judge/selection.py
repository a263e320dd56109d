"""Which cases a run is about: by suite, operator and id."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from qref.errors import UsageError
from qref.vectors.case import Case, Suite


def select(suites: Sequence[Suite], ops: Sequence[str] = (), ids: Sequence[str] = ()) -> list[Case]:
    """The cases of `suites` whose operator is one of `ops` and whose id one of `ids` names; all where these are empty.

    An id is named by itself, by its key, by the beginning of either, or by a glob ("QLinearConv/tie-*").

    Raises:
        UsageError: an operator or an id that no case has.
    """
    cases = [case for suite in suites for case in suite.cases]
    known = {operator(case): None for case in cases}
    for op in ops:
        if op not in known and op not in {case.request.op for case in cases}:
            raise UsageError(f"no case has the operator {op!r}: there are {', '.join(known) or 'none'}")
    of_op = [case for case in cases if not ops or operator(case) in ops or case.request.op in ops]
    for id in ids:
        if not any(named(case, id) for case in of_op):
            raise UsageError(_no_case(cases, of_op, id))
    return [case for case in of_op if not ids or any(named(case, id) for id in ids)]


def find(suites: Sequence[Suite], id: str) -> Case:
    """The one case that `id` names.

    Raises:
        UsageError: none or several have that name.
    """
    cases = select(suites, ids=[id])
    exact = [case for case in cases if id in (case.id, case.key)]
    if len(exact or cases) > 1:
        shown = ", ".join(case.id for case in cases[:5])
        raise UsageError(f"{id!r} names {len(cases)} cases: {shown}{', …' if len(cases) > 5 else ''}; give one's key")
    return (exact or cases)[0]


def named(case: Case, id: str) -> bool:
    """Whether `id` names the case."""
    if any(c in id for c in "*?["):
        return fnmatchcase(case.id, id) or fnmatchcase(case.key, id)
    return bool(id) and (case.id.startswith(id) or case.key.startswith(id.lower()))


def _no_case(cases: Sequence[Case], of_op: Sequence[Case], id: str) -> str:
    if any(named(case, id) for case in cases):
        return f"no case of {', '.join(dict.fromkeys(map(operator, of_op)))} is called {id!r}: leave --op out"
    example = of_op[0].id.rsplit("/", 1)[0] if of_op else "QLinearConv/tie"
    return f"no case is called {id!r}: each run's report lists the ids, and a glob such as '{example}/*' names several"


def operator(case: Case) -> str:
    """The operator's name as tables show it, with its domain where that is not ONNX's."""
    return f"{case.request.domain}:{case.request.op}" if case.request.domain else case.request.op
