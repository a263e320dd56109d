"""The published vectors: a sample of the answers, every statement, every mistake by the two cases that catch it.

`qref vectors verify` computes every answer again, `qref vectors discriminate --check` the whole matrix.
"""

import pytest

from qref.mistakes import MISTAKES
from qref.numerics.profiles import PROFILES
from qref.vectors import data, discriminate, errata, schema, suite_json, verify
from qref.vectors.case import Case, Suite

ONE_IN = 25


@pytest.fixture(scope="module")
def kills() -> dict[str, dict[str, dict[str, list[str]]]]:
    content: dict[str, dict[str, dict[str, list[str]]]] = schema.load(data.conformance() / "kills.json", "kills-1")
    return content


@pytest.fixture(scope="module")
def suites() -> list[Suite]:
    return suite_json.load_all()


@pytest.fixture(scope="module")
def cases(suites: list[Suite]) -> dict[str, Case]:
    return {case.id: case for suite in suites for case in suite.cases}


@pytest.mark.parametrize("name", [path.stem for path in sorted((data.conformance() / "vectors").glob("*.json"))])
def test_a_sample_of_each_suite_holds(name: str) -> None:
    assert list(verify.problems(data.conformance(), [name], ONE_IN)) == []


def test_manifest_sizes_and_errata_hold(suites: list[Suite]) -> None:
    assert list(verify.of_folder(data.conformance())) == []
    assert list(verify.shared_keys(suites)) == []
    assert list(errata.unexplained(suites, data.conformance())) == []


def test_the_record_of_kills_knows_every_mistake_and_pair(kills: dict[str, dict[str, object]]) -> None:
    assert sorted(kills["mistakes"]) == sorted(MISTAKES)
    assert len(kills["profiles"]) == len(PROFILES) * (len(PROFILES) - 1) // 2


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_two_cases_catch_each_mistake(
    name: str, kills: dict[str, dict[str, dict[str, list[str]]]], cases: dict[str, Case]
) -> None:
    assert name in kills["mistakes"], f"kills.json lacks {name}: run qref vectors discriminate --write"
    catching = kills["mistakes"][name]["cases"]
    assert len(catching) == discriminate.WANTED
    for id in catching:
        assert id in cases, f"kills.json names {id}, which no suite holds: run qref vectors discriminate --write"
        assert discriminate.catches(name, cases[id]), f"{id} does not catch {name}"


def test_every_pair_of_profiles_is_separated(kills: dict[str, dict[str, int]]) -> None:
    together = {tuple(pair.split()) for pair, count in kills["profiles"].items() if count == 0}
    assert together <= set(discriminate.PROOFS)


@pytest.mark.parametrize("engine", ["onnxruntime", "onnx-reference"])
def test_the_reports_on_engines_have_the_form_of_every_report(engine: str) -> None:
    root = data.checkout()
    assert root is not None
    schema.load(root / "docs" / "reports" / f"{engine}.json", "report-1")
