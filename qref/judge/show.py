"""`qref show` and `qref requantize`: one case, or one accumulator, with its arithmetic."""

from collections.abc import Sequence

import numpy as np

from qref.errors import QrefError, UsageError
from qref.judge import arithmetic, explain, float_arithmetic, report, terminal, values
from qref.judge.arithmetic import Index, RuleResult, Step
from qref.judge.run import Outcome, Settings, run
from qref.judge.selection import find
from qref.judge.signals import ends_like_ctrl_c
from qref.mistakes import MISTAKES
from qref.numerics.formats import Integer, integer
from qref.numerics.tensor import Tensor
from qref.vectors import suite_json
from qref.vectors.case import Case, Suite
from qref.vectors.requirements import requirement

WORDS = 110


def show_case(id: str, engine: str | None, timeout: float = 10.0) -> None:
    """Prints the case that `id` names, with the engine's answer beside it where one is given.

    Raises:
        QrefError: no or several such cases, or the engine does not start.
    """
    suites = suite_json.load_all()
    case = find(suites, id)
    out = terminal.console()
    outcome = None
    if engine is not None:
        with ends_like_ctrl_c():
            outcome = run(engine, suites, Settings(ids=(case.id,), timeout=timeout)).outcomes[0]
    for line in lines(case, suites, outcome, engine):
        out.print(line)


def lines(case: Case, suites: Sequence[Suite], outcome: Outcome | None, engine: str | None) -> list[str]:
    """The case in words."""
    return [
        *_head(case, outcome),
        *_requirements(case),
        *_question(case),
        *_element(case, outcome),
        *_advice(case, outcome, engine),
        *([] if outcome else _flags(case, suites)),
    ]


def show_requantize(accumulator: str, scale: str, zero_point: str, dtype: str) -> None:
    """Prints what each profile makes of an accumulator.

    Raises:
        UsageError: a number is none, or out of its range.
    """
    if dtype not in ("int8", "uint8", "int16", "uint16"):
        raise UsageError(f"--dtype {dtype}: give int8, uint8, int16 or uint16")
    acc = _integer(accumulator, "the accumulator", integer("int32"))
    zp = _integer(zero_point, "--zero-point", integer(dtype))
    s = _scale(scale)
    out = terminal.console()
    real = acc * arithmetic.Fraction(s)
    first = [
        Step("accumulator", str(acc)),
        Step("scale", arithmetic.exact(arithmetic.Fraction(s)), _rounded_scale(scale, s)),
        Step("acc·scale", arithmetic.exact(real), arithmetic.nearness(real)),
        Step("zero point", f"{zp}", dtype),
    ]
    for line in [*_steps(first), *_rules(arithmetic.rules(acc, s, 1.0, 1.0, zp, dtype), None)]:
        out.print(line)


def _head(case: Case, outcome: Outcome | None) -> list[str]:
    if outcome is None:
        return [case.id, case.comment]
    title, words = f"{outcome.verdict.result.upper()} {case.id}", report.detail(outcome)
    if any(mask.any() for mask in outcome.verdict.wrong):
        return [f"{title}        {words.split(';')[0]}"]  # the element below says the rest
    return [title, f"  {words}"] if words else [title]


def _requirements(case: Case) -> list[str]:
    found = []
    for id in case.requirements:
        try:
            one = requirement(id)
        except QrefError:
            found.append(id)
            continue
        text = " ".join(one.text.translate({ord("$"): None}).replace("\\,", "·").replace("\\cdot", "·").split())
        basis = "" if one.basis == "text" else f" ({one.basis})"
        found.append(f"{id}{basis}: {text if len(text) <= WORDS else text[: WORDS - 1] + '…'}")
    return found


def _question(case: Case) -> list[str]:
    """What is asked and expected."""
    request = case.request
    inputs = ", ".join("absent" if x is None else values.kind(x) for x in request.inputs)
    attributes = ", ".join(f"{name} {value}" for name, value in request.attributes.items())
    asked = f"  {request.op}-{request.opset}({inputs})" + (f"  {attributes}" if attributes else "")
    expect = case.expect
    if expect.kind == "error":
        return [asked, "  expected an error"]
    if expect.kind == "open":
        return [asked, "  no text fixes the answer"]
    reasons = dict.fromkeys([way.reason for way in expect.alternatives] + [way.reason for way in expect.wider])
    return [
        asked,
        f"  expected {values.several(case.outputs)}, {'within a bound' if expect.kind == 'bound' else expect.kind}",
        *(f"  acceptable: {reason}" for reason in reasons),
    ]


def _element(case: Case, outcome: Outcome | None) -> list[str]:
    """One element with its arithmetic."""
    place = chosen(case, outcome)
    if place is None:
        return []
    output, index = place
    golden, yours = case.outputs[output], answer(outcome)
    y = yours[output] if yours is not None and len(yours) > output and yours[output].shape == golden.shape else None
    name = values.place(output, len(case.outputs), index)
    head = f"  {name.ljust(22)}{'expected ' + values.one(golden, index):<16}"
    found = [*arithmetic.steps(case, output, index), *float_arithmetic.steps(case, output, index, y)]
    if y is not None:
        head = f"{head}  yours {values.one(y, index)}"
        found = _acts_as(case, found, golden, y, index)
    marks = None if yours is None else {n for n, outputs in _all_rules(case).items() if explain.same(yours, outputs)}
    return [head.rstrip(), *_steps(found), *_rules(arithmetic.rules_of(case, index), marks)]


def chosen(case: Case, outcome: Outcome | None) -> tuple[int, Index] | None:
    """The element to show, None where there is none.

    The first wrong one; without, the first that differs from the golden answer, or of an answer within a bound the one
    that lies most tolerances away; without an answer a tie, or the first.
    """
    wrong = outcome.verdict.wrong if outcome is not None else ()
    yours = answer(outcome)
    if not wrong and yours is not None and case.expect.kind == "bound":
        far = float_arithmetic.farthest(case, yours)
        if far is not None:
            return far
    elif not wrong and yours is not None and len(yours) == len(case.outputs):
        wrong = tuple(
            np.asarray(y.data != true.data) if y.shape == true.shape else np.zeros(true.shape, np.bool_)
            for y, true in zip(yours, case.outputs)
        )
    for output, mask in enumerate(wrong):
        if mask.any():
            return output, tuple(int(i) for i in np.argwhere(mask)[0])
    if not case.outputs or case.outputs[0].data.size == 0:
        return None
    return 0, (*arithmetic.ties(case), (0,) * case.outputs[0].data.ndim)[0]


def answer(outcome: Outcome | None) -> tuple[Tensor, ...] | None:
    """The engine's outputs, None where it gave none."""
    if outcome is None or not outcome.replies or outcome.replies[0].kind != "outputs":
        return None
    return outcome.replies[0].outputs


def _acts_as(case: Case, found: list[Step], golden: Tensor, y: Tensor, index: Index) -> list[Step]:
    """The rounding step with what the engine's must have been."""
    zero_point = arithmetic.zero_point_of(case)
    if zero_point is None or y.dtype != golden.dtype or y.data[index] == golden.data[index]:
        return found
    acts = int(y.data[index]) - zero_point
    return [
        Step(step.name, step.value, f"← yours acts as {acts}") if step.name == "half to even" else step
        for step in found
    ]


def _steps(found: Sequence[Step]) -> list[str]:
    width = min(max((len(step.value) for step in found), default=0), 40)
    return [f"  {step.name.ljust(22)}{step.value.ljust(width)}  {step.remark}".rstrip() for step in found]


def _rules(found: Sequence[RuleResult], marks: set[str] | None) -> list[str]:
    """The table of profiles; ● where a profile gives each element of the engine's answer."""
    if not found:
        return []
    width = max(len(rule.profile) for rule in found)
    stored = max(len(rule.derived) for rule in found) if marks is None else 0
    head = f"  {'rule'.ljust(width)}  rounded       y" + (
        "   yours?" if marks is not None else f"  {'stores' if stored else ''}"
    )
    rows = []
    for rule in found:
        row = f"  {rule.profile.ljust(width)}  {rule.rounded:>7}  {'–' if rule.y is None else rule.y:>6}"
        if marks is not None:
            row += "     ●" if rule.profile in marks else ""
        elif rule.derived:
            row += f"  {rule.derived}"
        rows.append(row + (f"   outside: {rule.outside}" if rule.outside else ""))
    return [head.rstrip(), *rows]


def _all_rules(case: Case) -> dict[str, tuple[Tensor, ...]]:
    return explain.profile_outputs(case) if case.profiles is not None else {}


def _advice(case: Case, outcome: Outcome | None, engine: str | None) -> list[str]:
    """What to do about a failure."""
    if outcome is None or outcome.verdict.result != "fail":
        return []
    yours = answer(outcome)
    mine = [n for n, outputs in _all_rules(case).items() if yours is not None and explain.same(yours, outputs)]
    found = [
        f'→ you mean to follow {name}?   qref conform "{engine}" --profile {name}' for name in mine if name != "onnx"
    ]
    failure = explain.failure_of(outcome)
    mistakes = [n for n, m in MISTAKES.items() if failure is not None and explain.reproduces(m, failure) is not None]
    otherwise = "otherwise" if found else "it acts like"
    return found + [f"→ {otherwise}: {name} (docs: mistakes/{name})" for name in mistakes[:3]]


def _flags(case: Case, suites: Sequence[Suite]) -> list[str]:
    notes = next(suite.notes for suite in suites if suite.name == case.suite)
    return [f"  {flag}: {notes[flag].effect}" if flag in notes else f"  {flag}" for flag in case.flags]


def _integer(text: str, what: str, format: Integer) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        raise UsageError(f"{what} is {text!r}: give an integer") from None
    if not format.lowest <= number <= format.highest:
        raise UsageError(f"{what} is {number}: {format.name} holds {format.lowest} to {format.highest}")
    return number


def _scale(text: str) -> float:
    try:
        with np.errstate(over="ignore", under="ignore"):
            scale = np.float32(float(text))
    except ValueError:
        raise UsageError(f"--scale is {text!r}: give a number, such as 0.0078125 or 1e-3") from None
    if not (np.isfinite(scale) and scale >= np.finfo(np.float32).tiny):
        raise UsageError(f"--scale is {text}: give a positive number that float32 holds as a normal one")
    return float(scale)


def _rounded_scale(text: str, scale: float) -> str:
    return "" if float(text) == scale else f"{text} rounded to float32"
