"""Causes: the mistake with the same wrong numbers, the requirement; the nearest profile; reasons of acceptance."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qref.engines.protocol import Reply
from qref.errors import Unsupported
from qref.judge import explain
from qref.judge.run import Outcome, outcome
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Alternative, Case, Expect, ProfileResult

Make = Callable[..., Case]
Answered = Callable[..., Outcome]


def i8(*values: int) -> Tensor:
    return tensor(list(values), "int8")


def mistake(name: str, run: Callable[[Any], list[Tensor]], operators: tuple[str, ...] = ("Op",)) -> Mistake:
    return Mistake(name, operators, (), "effect", "fix", "only at ties", run)


def plus(n: int, where: int = 0) -> Callable[[Any], list[Tensor]]:
    """A wrong implementation of the identity: adds n to element `where`."""

    def run(request: Any) -> list[Tensor]:
        x = request.inputs[0].data.copy()
        x[where] += n
        return [tensor(x, "int8")]

    return run


def test_a_mistake_explains_its_numbers(make_case: Make, answered: Answered) -> None:
    outcomes = [answered(make_case(i8(k, 5), x=(k, 5), key=f"{k:08x}"), i8(k + 1, 5)) for k in range(4)]
    mistakes = {"other": mistake("other", plus(2)), "one-more": mistake("one-more", plus(1))}
    (cause,) = explain.causes(outcomes, mistakes)
    assert (cause.kind, cause.name, len(cause.outcomes)) == ("mistake", "one-more", 4)
    assert cause.smallest.case.key == "00000000"


def test_right_elements_need_not_be_the_mistakes(make_case: Make, answered: Answered) -> None:
    # the engine is wrong at the first element only; this mistake would be wrong at both
    def both(request: Any) -> list[Tensor]:
        return [tensor(request.inputs[0].data + np.int8(1), "int8")]

    outcomes = [answered(make_case(i8(k, 5), x=(k, 5), key=f"{k:08x}"), i8(k + 1, 5)) for k in range(3)]
    mistakes = {"both": mistake("both", both), "first": mistake("first", plus(1))}
    (cause,) = explain.causes(outcomes, mistakes)
    assert cause.name == "first"  # explains as many, and is right where the engine is
    (cause,) = explain.causes(outcomes, {"both": mistakes["both"]})
    assert cause.name == "both"


def test_the_mistake_that_explains_most_comes_first(make_case: Make, answered: Answered) -> None:
    outcomes = [answered(make_case(i8(k), x=(k,), key=f"{k:08x}"), i8(k + (2 if k == 0 else 1))) for k in range(5)]
    mistakes = {"two": mistake("two", plus(2)), "one": mistake("one", plus(1))}
    causes = explain.causes(outcomes, mistakes)
    assert [(cause.name, len(cause.outcomes)) for cause in causes] == [("one", 4), ("two", 1)]


def test_no_mistake_no_operator_no_answer(make_case: Make, answered: Answered) -> None:
    def stumbles(request: Any) -> list[Tensor]:
        raise IndexError

    def refuses(request: Any) -> list[Tensor]:
        raise Unsupported("not here")

    failed = answered(make_case(i8(1), requirements=("QREF-RQ-001",)), i8(7))
    mistakes = {
        "elsewhere": mistake("elsewhere", plus(6), ("Other",)),
        "stumbles": mistake("stumbles", stumbles),
        "refuses": mistake("refuses", refuses),
        "wrong": mistake("wrong", plus(1)),
    }
    (cause,) = explain.causes([failed], mistakes)
    assert (cause.kind, cause.name) == ("requirement", "QREF-RQ-001")


def test_wrong_shapes_are_explained_by_the_whole_answer(make_case: Make, answered: Answered) -> None:
    failed = answered(make_case(i8(1, 2), x=(1, 2)), i8(1))
    first = mistake("first", lambda request: [tensor(request.inputs[0].data[:1], "int8")])
    (cause,) = explain.causes([failed], {"first": first})
    assert cause.name == "first"


def test_what_breaks_is_grouped_by_its_words(make_case: Make) -> None:
    outcomes = [
        outcome(make_case(i8(1), key=f"{k:08x}"), None, [Reply("crash", words=f"was killed by SIGSEGV: at {k}")])
        for k in range(3)
    ] + [outcome(make_case(i8(1)), None, [Reply("timeout", words="no answer in 10 s")])]
    causes = explain.causes(outcomes, {})
    assert [(cause.kind, cause.name, len(cause.outcomes)) for cause in causes] == [
        ("crash", "was killed by SIGSEGV", 3),
        ("timeout", "no answer in 10 s", 1),
    ]


def test_nearest_profile(make_case: Make, answered: Answered) -> None:
    profiles = {"near": ProfileResult(outputs=(i8(2),)), "same": ProfileResult(), "far": ProfileResult(outside="x")}
    outcomes = [answered(make_case(i8(1), profiles=profiles), i8(2)) for _ in range(3)]
    outcomes.append(answered(make_case(i8(1), profiles={"near": ProfileResult()}), i8(1)))
    outcomes.append(answered(make_case(i8(1)), i8(1)))  # does not requantize
    outcomes.append(outcome(make_case(i8(1), profiles=profiles), None, [Reply("unsupported")]))
    found = {near.profile: (near.equal, near.inside) for near in explain.nearness(outcomes)}
    assert found == {"near": (4, 4), "same": (0, 3)}
    assert explain.nearness(outcomes)[0].profile == "near"


def test_reasons_of_acceptance(make_case: Make, answered: Answered) -> None:
    profiles = {"theirs": ProfileResult(outputs=(i8(2),))}

    def accepted(reason: str) -> Outcome:
        expect = Expect("any-of", (Alternative((i8(2),), reason),))
        return answered(make_case(i8(1), expect=expect, profiles=profiles), i8(2))

    outcomes = [accepted("this; that"), accepted("that; other"), accepted("this"), accepted("that"), accepted("alone")]
    found = [(group.reason, len(group.outcomes), group.profile) for group in explain.acceptances(outcomes)]
    assert found == [("that", 3, "theirs"), ("this", 1, "theirs"), ("alone", 1, "theirs")]


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        (["text"], False),
        (["derived"], True),
        (["qref's choice", "derived"], True),
        (["text", "derived"], False),
        ([], False),
    ],
)
def test_reading(make_case: Make, monkeypatch: pytest.MonkeyPatch, bases: list[str], expected: bool) -> None:
    table = {f"QREF-AA-{k:03}": basis for k, basis in enumerate(bases)}
    monkeypatch.setattr(explain, "basis", table.__getitem__)
    assert explain.reading(make_case(i8(1), requirements=tuple(table))) is expected
