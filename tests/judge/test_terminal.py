"""The table of results by operator."""

from collections import Counter
from types import SimpleNamespace

from qref.judge.terminal import table


def lines(by_operator: dict[str, Counter[str]]) -> list[list[str]]:
    summary = SimpleNamespace(by_operator=by_operator, counts=sum(by_operator.values(), Counter()))
    return [text.plain.split() for text in table(summary)]  # type: ignore[arg-type]


def test_operators_that_are_wholly_unsupported_share_a_line_where_there_are_many() -> None:
    missing = {f"qref:Scheme{i}": Counter(unsupported=10 + i) for i in range(4)}
    shown = lines({"Add": Counter({"pass": 3, "unsupported": 1}), **missing})
    assert shown == [
        ["operator", "pass", "acceptable", "fail", "unsupported"],
        ["Add", "3", "0", "0", "1"],
        ["4", "other", "operators", "0", "0", "0", "46"],
        ["all", "3", "0", "0", "47"],
    ]


def test_a_few_have_a_line_each() -> None:
    missing = {f"qref:Scheme{i}": Counter(unsupported=10) for i in range(3)}
    assert [line[0] for line in lines(missing)] == ["operator", *missing, "all"]


def test_an_operator_that_crashes_is_not_hidden() -> None:
    missing = {f"qref:Scheme{i}": Counter(unsupported=10) for i in range(4)}
    shown = lines({**missing, "Div": Counter(unsupported=1, crash=1)})
    assert [line[0] for line in shown] == ["operator", "Div", "4", "all"]
