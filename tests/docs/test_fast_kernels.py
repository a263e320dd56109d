"""The pages on the fast kernels: their code runs, they stand in the navigation, what is generated is as they say."""

import re
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

pytest.importorskip("numba")
from qref.kernels import instructions, listing, program
from qref.kernels.conv import choice, float32_direct
from qref.kernels.layout import BLOCK
from tools import kernel_listings

DOCS = kernel_listings.DOCS
DESIGN, FOLDER = kernel_listings.PAGE, DOCS / "fast-kernels"
WITH_CODE = [DESIGN, FOLDER / "add-an-instruction-set.md", FOLDER / "packed-weights.md"]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda path: path.stem)
def test_the_code_of_a_page_runs(page: Path) -> None:
    sybil = Sybil(parsers=[CodeBlockParser("python", PythonEvaluator())], path=str(page.parent), pattern=page.name)
    examples = list(sybil.parse(page).examples())
    assert examples
    for example in examples:
        example.evaluate()


def test_every_page_stands_in_the_navigation() -> None:
    navigation = text(DOCS.parent / "mkdocs.yml")
    assert all(path.relative_to(DOCS).as_posix() in navigation for path in (DESIGN, *FOLDER.glob("*.md")))


def test_the_table_of_instruction_sets_is_current() -> None:
    page = text(DESIGN)
    assert kernel_listings.filled(page, {"instruction-sets": kernel_listings.instruction_sets}) == page
    assert all(f"| `{one.name}` |" in page for one in instructions.SETS)


def test_numbers_of_the_design_page_are_those_of_the_code() -> None:
    page = text(DESIGN)
    assert f"$2^{{{float32_direct.OWN_PROGRAM.bit_length() - 1}}}$ multiply-adds" in page
    assert BLOCK == 32 and "32 input channels" in page and "⌈C/32⌉" in page
    assert f"{choice.ENOUGH} or more input and output channels" in page
    assert f"At most {float32_direct.FEW_CHANNELS} input channels" in page
    rules = re.findall(r"^\| `([\w-]+)` \| [^`|]+ \|$", page, re.M)
    assert [name for name, _ in choice.RULES] == rules


def test_the_folder_of_programs_is_where_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` \| `(\w+)` is set \|$", text(DESIGN), re.M))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert "| `~/.cache/qref/kernels` | else |" in text(DESIGN)
    assert program.folder() == Path("~/.cache/qref/kernels").expanduser()
    for where, variable in reversed(rows.items()):
        monkeypatch.setenv(variable, f"/{variable}")
        assert program.folder().as_posix() == where.replace("$", "/")


def test_a_loop_is_listed_with_its_counts_and_shortened() -> None:
    kind = kernel_listings.KINDS[0]
    lines = kind.loop("neon")
    here = instructions.named("neon")
    assert kernel_listings.counts("neon", lines) == [
        "`neon`", "`cortex-a72`", str(len(lines)), str(2 * here.pixels * here.vectors), "0",
    ]  # fmt: skip
    block = kernel_listings.shown(lines).splitlines()
    assert block[0] == "```gas" and block[-1] == "```" and "\t" not in "".join(block)
    left_out = len(lines) - kernel_listings.HEAD - kernel_listings.TAIL
    assert block[kernel_listings.HEAD + 1] == f"# … {left_out} more …"
    assert len(block) == kernel_listings.HEAD + kernel_listings.TAIL + 3
    assert kernel_listings.shown(["ret"]) == "```gas\nret\n```\n"


def test_sets_with_the_same_loop_share_a_listing() -> None:
    assert kernel_listings.alike({"a": ["x"], "b": ["y"], "c": ["x"]}) == [(["a", "c"], ["x"]), (["b"], ["y"])]


def test_the_page_of_listings_has_every_target_and_no_stack() -> None:
    page = text(kernel_listings.LISTINGS)
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| \d+ \| \d+ \| (\d+) \|$", page, re.M)
    assert {(name, cpu) for name, cpu, _ in rows} == {(name, one.cpu) for name, one in listing.TARGETS.items()}
    assert {spills for _, _, spills in rows} == {"0"}
    assert re.search(r"with LLVM \d+\.\d+\.\d+,", page)
