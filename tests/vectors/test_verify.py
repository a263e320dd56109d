from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qref.numerics.tensor import tensor
from qref.vectors import errata, manifest, suite_json, verify
from qref.vectors.case import Alternative, Case, Expect, Note, ProfileResult, Suite


def problems(folder: Path) -> list[str]:
    return list(verify.problems(folder))


def test_right_suites_have_no_problem(folder: Path) -> None:
    assert problems(folder) == []


def other(case: Case, **changes: object) -> Case:
    """The case with what is asked unchanged."""
    return replace(case, **changes)  # type: ignore[arg-type]


def alternatives(*ways: Alternative) -> Callable[[Case], Case]:
    return lambda case: other(case, expect=Expect("any-of", alternatives=ways))


def wrong_profile(name: str, result: ProfileResult) -> Callable[[Case], Case]:
    return lambda case: other(case, profiles={**(case.profiles or {}), name: result})


ZEROS = (tensor(np.zeros(3), "int8"),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda case: other(case, id=case.id[:-8] + "00000000"), "the id ends in 00000000, what is asked gives"),
        (lambda case: other(case, id="Rescale" + case.id[10:]), "the id does not begin with Requantize"),
        (lambda case: other(case, outputs=ZEROS), "the reference gives other outputs"),
        (lambda case: other(case, outputs=(), expect=Expect("error")), "the reference answers it"),
        (lambda case: other(case, outputs=(), expect=Expect("open")), "belong to the suite open-behaviour"),
        (lambda case: other(case, requirements=("QREF-RQ-999",)), "requirement QREF-RQ-999 stands in no chapter"),
        (lambda case: other(case, flags=("tie", "odd")), "flag odd has no note"),
        (lambda case: other(case, accumulator=tensor([1, 2, 3], "int32")), "the reference accumulates other numbers"),
        (lambda case: other(case, accumulator=tensor([5, -5, 3], "int64")), "the accumulator is int32 of shape [3]"),
        (lambda case: other(case, profiles=None), "the profiles are missing"),
        (lambda case: other(case, profiles={}), "it holds the profiles []"),
        (wrong_profile("ncnn", ProfileResult(outputs=ZEROS)), "the reference gives other outputs under ncnn"),
        (wrong_profile("ncnn", ProfileResult(outside="far")), "ncnn answers it, though it is called outside"),
        (alternatives(Alternative((tensor([0, 0, 0], "uint8"),), "why")), "alternative 0 has other types or shapes"),
        (lambda case: alternatives(Alternative(case.outputs, "why"))(case), "alternative 0 is no other answer"),
        (
            lambda case: other(case, expect=Expect("bound", tolerance=ZEROS)),
            "a tolerance is one float64 tensor an output",
        ),
        (
            lambda case: other(case, expect=Expect("exact", unspecified=ZEROS)),
            "unspecified is one bool tensor an output",
        ),
        (
            lambda case: other(case, request=replace(case.request, opset=2)),
            "there is no operator Requantize of opset 2",
        ),
    ],
)
def test_each_kind_of_wrong_case_is_found(
    folder: Path,
    tiny: Suite,
    republish: Callable[[Suite], None],
    change: Callable[[Case], Case],
    problem: str,
) -> None:
    republish(replace(tiny, cases=(change(tiny.cases[0]), *tiny.cases[1:])))
    found = problems(folder)
    assert any(problem in line for line in found), found
    assert all(line.startswith("tiny.json: ") for line in found)


def test_an_attribute_equal_to_its_default_is_found(folder: Path) -> None:
    path = folder / "vectors" / "tiny.json"
    path.write_bytes(path.read_bytes().replace(b'"attributes": {}', b'"attributes": {"axis": 1}', 1))
    found = problems(folder)
    assert any("equals its default" in line for line in found)
    assert "tiny.json: not the bytes that qref writes: run qref vectors generate" in found


def test_notes_name_the_mistakes_whose_files_name_their_flag(
    folder: Path, tiny: Suite, republish: Callable[[Suite], None]
) -> None:
    republish(replace(tiny, notes={"tie": Note("e", ("other",), ()), "idle": Note("e", (), ())}))
    assert problems(folder) == [
        "tiny.json: note idle belongs to no case",
        "tiny.json: note tie names the mistakes ['other'], their files say ['away']",
    ]


def test_a_file_that_the_manifest_does_not_know_or_that_is_gone(folder: Path, tiny: Suite) -> None:
    (folder / "vectors" / "open-behaviour.json").write_bytes(suite_json.dump(Suite("open-behaviour", "1.0", {}, ())))
    assert any("does not list vectors/open-behaviour.json" in line for line in problems(folder))
    (folder / "vectors" / "open-behaviour.json").unlink()
    (folder / "schema" / "kills-1.schema.json").unlink()
    assert problems(folder) == ["manifest.json lists schema/kills-1.schema.json, which is missing"]


def test_a_malformed_suite_is_one_problem_and_the_others_are_still_verified(folder: Path) -> None:
    (folder / "vectors" / "broken.json").write_text("{")
    found = problems(folder)
    assert sum(line.startswith("broken.json: not valid JSON") for line in found) == 1


def test_a_key_stands_in_one_suite_only(folder: Path, tiny: Suite, republish: Callable[[Suite], None]) -> None:
    republish(replace(tiny, name="twin", cases=tiny.cases[:1]))
    assert any("share a key" in line for line in problems(folder))


def test_a_changed_answer_needs_an_erratum(folder: Path, tiny: Suite) -> None:
    (folder / "published.json").write_bytes(errata.dump([tiny], "1.0"))
    assert problems(folder) == []
    changed = other(tiny.cases[0], outputs=ZEROS)
    assert list(errata.unexplained([replace(tiny, cases=(changed, *tiny.cases[1:]))], folder)) == [
        f"{changed.id}: its answer by standard changed without an erratum"
    ]
    assert list(errata.unexplained([replace(tiny, cases=tiny.cases[1:])], folder)) == [
        f"{changed.id}: published, and gone without an erratum"
    ]


def test_an_erratum_explains_and_must_be_true(folder: Path, tiny: Suite) -> None:
    (folder / "published.json").write_bytes(errata.dump([tiny], "1.0"))
    changed = other(tiny.cases[0], outputs=ZEROS)
    suite = replace(tiny, cases=(changed, *tiny.cases[1:]))
    entry = errata.entry(tiny.cases[0], changed, "2026-01-31", "1.1", "the tie rule was read wrongly")
    (folder / "errata.json").write_bytes(errata.dump_entries([entry]))
    assert list(errata.unexplained([suite], folder)) == []
    assert list(errata.unexplained([tiny], folder)) == [
        f"{changed.id}: by errata.json it was corrected to other outputs, which is not what the suites hold"
    ]
    withdrawn = errata.entry(tiny.cases[0], None, "2026-01-31", "1.1", "open after all")
    (folder / "errata.json").write_bytes(errata.dump_entries([withdrawn]))
    assert list(errata.unexplained([replace(tiny, cases=tiny.cases[1:])], folder)) == []
    assert list(errata.unexplained([tiny], folder)) == [
        f"{changed.id}: by errata.json it is withdrawn, which is not what the suites hold"
    ]


def test_the_manifest_covers_suites_and_schemas(folder: Path) -> None:
    assert manifest.covered(folder) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.json") if path.parent != folder
    )
