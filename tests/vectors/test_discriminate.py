from dataclasses import replace
from pathlib import Path

import pytest

from qref.errors import InvalidInput, Unsupported
from qref.mistakes import Mistake
from qref.vectors import discriminate, schema
from qref.vectors.case import Case, Suite


def mistake(name: str, run: object) -> dict[str, Mistake]:
    return {name: Mistake(name, ("Requantize",), ("tie",), "e", "f", "only at ties", run)}  # type: ignore[arg-type]


def test_mistakes_are_caught_smallest_case_first(tiny: Suite) -> None:
    kills = discriminate.discriminate([tiny], workers=1)
    pair, single = tiny.cases[1], tiny.cases[0]
    assert kills.mistakes["away"][:2] == (tiny.cases[2].id, pair.id)
    assert single.id in kills.mistakes["away"]
    assert kills.survivors == []


def test_a_refusal_is_no_wrong_answer(tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(error: Exception):  # type: ignore[no-untyped-def]
        def run(request: object) -> None:
            raise error

        return run

    for error in (Unsupported("no"), InvalidInput("no")):
        monkeypatch.setattr(discriminate, "MISTAKES", mistake("refuses", refuse(error)))
        assert discriminate.discriminate([tiny], workers=1).survivors == ["refuses"]


def test_only_the_operators_of_a_mistake_are_run(tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = replace(next(iter(mistake("silent", None).values())), operators=("QLinearConv",))
    monkeypatch.setattr(discriminate, "MISTAKES", {"silent": silent})
    assert discriminate.discriminate([tiny], workers=1).mistakes == {"silent": ()}


def test_profiles_are_separated_by_ties(tiny: Suite) -> None:
    pairs = discriminate.discriminate([tiny], workers=1).pairs
    assert pairs["onnx", "tflite-double"] == 2
    assert pairs["onnx", "xnnpack-fp32"] == 0
    assert pairs["ncnn", "onnx"] == 2


def test_the_file_is_valid_and_holds_two_cases_a_mistake(tiny: Suite) -> None:
    content = schema.parse(discriminate.dump(discriminate.discriminate([tiny], workers=1)), "kills.json")
    schema.check(content, "kills-1", "kills.json")
    assert len(content["mistakes"]["away"]["cases"]) == 2
    assert content["profiles"]["onnx tflite-double"] == 2


def test_workers_give_the_same_result(folder: Path, tiny: Suite) -> None:
    alone = discriminate.discriminate([tiny], workers=1)
    assert discriminate.dump(discriminate.discriminate([tiny], workers=2)) == discriminate.dump(alone)


def test_smaller_comes_first(tiny: Suite) -> None:
    ordered: list[Case] = sorted(tiny.cases, key=discriminate.size)
    assert [case.id for case in ordered] == [tiny.cases[i].id for i in (2, 1, 0)]
