"""The guides are true: their commands give the outputs they show, their examples are what the vectors hold.

Every page that tools.guides knows is run as a reader would, in a folder of its own; the long ones are slow tests.
"""

import base64
import json
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from qref.vectors import data, suite_json
from qref.vectors.case import Case
from qref.vectors.discriminate import by_profile
from tools import guides
from tools.guides import ROOT, Step

SLOW = {"docs/off-by-one.md", "docs/how-a-golden-value-is-made.md", "docs/ci.md"}
NEEDS_A_COMPILER = {"docs/judge-your-engine.md", "docs/how-a-golden-value-is-made.md"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class Reader:
    """A page as far as it was read: each command is run once, in order, when its test or a later one asks for it."""

    def __init__(self, page: str, folder: Path) -> None:
        self._left = guides.run(text(page), folder)
        self._done: list[tuple[Step, str]] = []

    def command(self, number: int) -> tuple[Step, str]:
        while len(self._done) <= number:
            self._done.append(next(self._left))
        return self._done[number]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    return {page: Reader(page, tmp_path_factory.mktemp("reader")) for page in guides.PAGES}


def commands() -> Iterator[object]:
    """Every command of every page, by page and number."""
    for page in guides.PAGES:
        number = sum(not step.file for step in guides.steps(text(page)))
        marks = [pytest.mark.slow] if page in SLOW else []
        yield from (pytest.param(page, i, marks=marks, id=f"{page}-{i}") for i in range(number))


@pytest.mark.parametrize(("page", "number"), list(commands()))
def test_commands_give_what_the_page_shows(readers: dict[str, Reader], page: str, number: int) -> None:
    if page in NEEDS_A_COMPILER and not (shutil.which("cc") and shutil.which("make")):
        pytest.skip("cc and make are not installed")
    step, output = readers[page].command(number)
    assert guides.comparable(output) == guides.comparable(step.shown), (
        f"{page}, line {step.line}: python -m tools.guides {page} writes the new output of `{step.text}`"
    )


def test_every_page_has_commands_and_closes_its_blocks() -> None:
    for page in guides.PAGES:
        assert any(not step.file for step in guides.steps(text(page))), page
        assert text(page).count("```") % 2 == 0, page


def test_a_changed_output_is_written_into_the_page(tmp_path: Path) -> None:
    page = '```text title="a.txt"\nhello\n```\n\n```console\n$ cat a.txt\nold\n$ echo same\nsame\n```\n'
    assert guides.rewritten(page, tmp_path) == page.replace("old", "hello")


def test_what_varies_is_not_compared() -> None:
    shown = "e 1 · judged by the ONNX text · x86-64 AVX2 · vectors 1.0 (ff1f…)\n5 cases in 5.1 s\n"
    here = "e 1 · judged by the ONNX text · aarch64 NEON dot product · vectors 1.0 (00aa…)\n5 cases in 12.0 s\n"
    assert guides.same(shown, here)
    assert not guides.same(shown, here.replace("5 cases", "6 cases"))


# ------------------------------------------------------------------------------------------------- conformance/README


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for suite in suite_json.load_all() for case in suite.cases}


def example() -> dict[str, object]:
    """The worked example of conformance/README.md."""
    found = [step for step in guides.steps(text("conformance/README.md")) if step.shown == "case.json"]
    return json.loads(found[0].text)


def test_the_worked_example_is_the_published_case() -> None:
    shown = example()
    for line in (data.conformance() / "vectors" / "requantize.json").read_text().splitlines():
        if str(shown["id"]) in line:
            published = json.loads(line.strip().rstrip(","))
            assert {name: published[name] for name in shown} == shown
            return
    raise AssertionError(f"{shown['id']} is not published")


def test_the_worked_example_is_decoded_as_the_page_says() -> None:
    rows = re.findall(r"^\| `([A-Za-z0-9+/=]+)` \| `([0-9A-F ]+)` \| (.*) \|$", text("conformance/README.md"), re.M)
    meaning = {"accumulator 5": ("<i", 5), ": 0.5": ("<f", 0.5), "zero point 3": ("<b", 3), "output 5": ("<b", 5)}
    assert len(rows) == len(meaning)
    for (encoded, shown, words), (end, (code, value)) in zip(rows, meaning.items(), strict=True):
        raw = base64.b64decode(encoded, validate=True)
        assert raw == bytes.fromhex(shown) and words.endswith(end)
        assert struct.unpack(code, raw) == (value,)


def test_the_dialogue_asks_for_the_worked_example() -> None:
    page, shown = text("conformance/README.md"), example()
    asked = re.search(r"→ (\{\"id\":1654682866.*?\"outputs\":1\})", page, re.DOTALL)
    assert asked is not None
    request = json.loads(asked[1])
    number = int(str(shown["id"]).rsplit("/", 1)[1], 16)
    assert request == {"id": number, "outputs": 1} | {
        name: shown[name] for name in ("op", "domain", "opset", "attributes", "inputs")
    }
    answered = re.search(r"← (\{\"id\": 1654682866, \"outputs\".*\})", page)
    assert answered is not None and json.loads(answered[1]) == {"id": number, "outputs": shown["outputs"]}


def test_the_dtypes_of_the_page_are_those_of_the_schema() -> None:
    schema = json.loads((data.conformance() / "schema" / "vectors-1.schema.json").read_text())
    page = text("conformance/README.md")
    table = page[page.index("| dtype |") : page.index("### Worked example")]
    first = "".join(row.split("|")[1] for row in table.splitlines() if row.startswith("|"))
    assert sorted(re.findall(r"`(\w+)`", first)) == sorted(
        schema["definitions"]["tensor"]["properties"]["dtype"]["enum"]
    )


def test_every_file_of_the_folder_stands_in_the_table() -> None:
    page = text("conformance/README.md")
    for path in data.conformance().rglob("*.json"):
        name = path.relative_to(data.conformance()).as_posix()
        assert f"`{name}`" in page or name.startswith("schema/") or name == "published.json", name


# ------------------------------------------------------------------------------------------------------ other guides


def test_the_cases_of_the_table_separate_the_profiles(cases: dict[str, Case]) -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| `([\w/-]+)` \| (-?\d+) \| (-?\d+) and (-?\d+) \|$",
                      text("docs/profiles.md"), re.M)  # fmt: skip
    assert len(rows) == 10
    for one, other, id, accumulator, y, z in rows:
        answers = dict(by_profile(cases[id]))
        assert cases[id].accumulator is not None
        triples = zip(cases[id].accumulator.data.ravel(), answers[one][0].data.ravel(), answers[other][0].data.ravel())
        assert (int(accumulator), int(y), int(z)) in {tuple(map(int, triple)) for triple in triples}, id


def test_every_case_that_a_guide_names_exists(cases: dict[str, Case]) -> None:
    keys = {case.key for case in cases.values()}
    for page in guides.PAGES:
        for key in re.findall(r"qref show ([0-9a-f]{8})\b", text(page)):
            assert key in keys, f"{page}: {key}"
        for id in re.findall(r"\b\w+/[a-z0-9-]+/[0-9a-f]{8}\b", text(page)):
            assert id in cases, f"{page}: {id}"


def test_the_readme_commands_are_what_ci_runs() -> None:
    readme, ci = text("README.md"), text(".ci/run")
    assert "pip install '.[onnxruntime]' && qref conform onnxruntime" in readme
    assert "pip install -e '.[test]' && pytest" in readme
    assert re.search(r"pip install --quiet -e '\.\[test\]' && pytest", ci)
    assert "pip install qref" not in readme.replace("pip install qref-", "")


def test_the_recipe_for_ci_is_yaml() -> None:
    block = re.search(r"```yaml\n(.*?)```", text("docs/ci.md"), re.DOTALL)
    assert block is not None
    jobs = yaml.safe_load(block[1])["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert any(run.startswith("qref conform") for run in runs) and len(block[1].splitlines()) <= 10
