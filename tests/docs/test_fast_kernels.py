"""The pages on the fast kernels: their code runs, they stand in the navigation, what is generated is as they say."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from qref.conv.geometry import Geometry

pytest.importorskip("numba")
from qref.kernels import instructions, listing, program
from qref.kernels.conv import blocking, choice
from qref.kernels.conv.table import KERNELS
from qref.kernels.layout import BLOCK
from qref.kernels.packed import Packed
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
    assert f"$2^{{{blocking.OWN_PROGRAM.bit_length() - 1}}}$ multiply-adds" in page
    assert BLOCK == 32 and "32 input channels" in page and "⌈C/32⌉" in page
    assert f"{choice.ENOUGH} or more input and output channels" in page
    assert f"At most {blocking.FEW_WORDS} input channels" in page
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


EXACT_BYTES = {
    "amx": "vpdpbusd", "vnni": "vpdpbusd", "avx512": "vpmaddwd", "avx-vnni": "{vex}\tvpdpbusd", "avx2": "vpmaddwd",
    "i8mm": "usdot", "dotprod": "sdot",
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT_BYTES)
def test_int8_is_the_instruction_of_the_set_in_registers(name: str) -> None:
    here, lines = instructions.named(name), kernel_listings.KINDS[1].loop(name)
    assert sum(line.startswith(EXACT_BYTES[name]) for line in lines) == 2 * here.pixels * here.vectors
    assert kernel_listings.counts(name, lines)[3:] == [str(2 * here.pixels * here.vectors), "0"]


def test_the_page_of_listings_has_every_target_of_a_tile_and_sums_stay_in_registers() -> None:
    page = text(kernel_listings.LISTINGS)
    assert re.search(r"with LLVM \d+\.\d+\.\d+,", page)
    for kind in kernel_listings.KINDS:
        section = page[page.index(f"\n## {kind.name}\n") :].split("\n## ", 2)[1]
        rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| \d+ \| \d+ \| (\d+) \|$", section, re.M)
        assert {(name, cpu) for name, cpu, _ in rows} == {(name, listing.TARGETS[name].cpu) for name in kind.sets}
        assert {spills for _, _, spills in rows} == {"0"}


def test_every_packed_form_stands_on_its_page() -> None:
    page = text(FOLDER / "packed-weights.md")
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    rows = {name: row for row in page.splitlines() if row.startswith("| `") for name in re.findall(r"`([\w-]+)`", row)}
    others = page[page.index("\n`fft`") :].split("\n\n")[0]
    for name, kernel in KERNELS.items():
        inner = replace(geometry, kernel=(5, 5)) if name.endswith("5x5") else geometry
        inner = replace(inner, group=4) if name == "depthwise" else inner
        integers = "int8" in name or name in ("shift", "bit-serial")
        w = np.ones((4, 1 if name == "depthwise" else 4, *inner.kernel), np.int8 if integers else np.float32)
        packed = kernel.pack(w, inner)
        if isinstance(packed, Packed):
            assert all(f"`{array}`" in rows[name] for array in packed.arrays), name
        else:
            assert f"`{name}`" in others, name
