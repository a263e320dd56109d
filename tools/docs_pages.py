"""Writes the pages of the site that are made of data: mistakes, their index by symptom, the suites; and the figures.

python -m tools.docs_pages            writes docs/mistakes/*.md, docs/mistakes.md, docs/vectors.md, docs/onnxruntime.md,
                                      docs/onnx-reference.md, the tables of the pages on algorithms and on the
                                      bench, and docs/figures, which git ignores
python -m tools.docs_pages --check    writes nothing, exits 1 where a page is not current
"""

import argparse
import inspect
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qref.errors import QrefError
from qref.judge import values
from qref.mistakes import MISTAKES, SYMPTOMS, Mistake
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS
from qref.vectors import data, links, schema, suite_json
from qref.vectors.case import Case, Suite
from tools import algorithm_pages, bench_page, compress_page, docs_figures, engine_page, operators_page, quantize_page
from tools.markdown_table import cell, table

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = "<!-- Written by python -m tools.docs_pages. -->\n\n"


def pages() -> dict[str, str]:
    """Every generated page by its path inside docs/."""
    suites = suite_json.load_all()
    cases = {case.id: case for suite in suites for case in suite.cases}
    kills = schema.load(data.conformance() / "kills.json", "kills-1")["mistakes"]
    found = {"vectors.md": vectors_page(suites), "mistakes.md": symptoms_page(kills)}
    found["qref-operators.md"] = operators_page.page()
    for name, mistake in sorted(MISTAKES.items()):
        caught = kills.get(name, {"caught": 0, "cases": []})
        catching = [cases[id] for id in caught["cases"] if id in cases]
        found[f"mistakes/{name}.md"] = mistake_page(mistake, caught["caught"], catching)
    for engine in engine_page.ENGINES:
        report = ROOT / "docs" / "reports" / f"{engine.name}.json"
        if report.is_file():
            found[f"{engine.name}.md"] = engine_page.page(engine, report, suites)
    written = {path: WRITTEN + text.rstrip("\n") + "\n" for path, text in found.items()}
    return written | algorithm_pages.pages() | bench_page.pages() | quantize_page.pages() | compress_page.pages()


def vectors_page(suites: Sequence[Suite]) -> str:
    """The suites with their cases by operator, and what each flag is after."""
    rows = []
    for suite in suites:
        operators = Counter(case.request.op for case in suite.cases)
        kinds = Counter((case.request.op, case.expect.kind) for case in suite.cases)
        for operator, count in sorted(operators.items()):
            each = [kinds[operator, kind] for kind in ("exact", "any-of", "bound", "error", "open")]
            rows.append([f"`{suite.name}`", operator, *(f"{n:,}" if n else "" for n in (count, *each))])
    total = sum(len(suite.cases) for suite in suites)
    version = suites[0].version if suites else "none"
    text = f"# Vectors\n\nVersion {version}: {total:,} cases in {len(suites)} suites. The files lie in "
    text += "`conformance/vectors` and ship inside the package;\n"
    text += "`conformance/README.md` tells how to use them from any language.\n\n"
    text += table(["suite", "operator", "cases", "exact", "any of", "bound", "error", "open"], rows, numbers=6)
    text += "\n## Flags\n\nWhat a case is after. A mistake that shows there has [a page](mistakes.md).\n\n"
    notes = {flag: note for suite in suites for flag, note in suite.notes.items()}
    cases = Counter(flag for suite in suites for case in suite.cases for flag in case.flags)
    flags = []
    for flag, note in sorted(notes.items()):
        mistakes = ", ".join(f"[{name}](mistakes/{name}.md)" for name in note.mistakes if name in MISTAKES)
        links = ", ".join(report(link) for link in note.links)
        flags.append([f"`{flag}`", f"{cases[flag]:,}", cell(note.effect), mistakes, links])
    return text + table(["flag", "cases", "effect", "mistakes", "reports"], flags)


def symptoms_page(kills: dict[str, dict[str, object]]) -> str:
    """The index of mistakes by symptom."""
    text = "# Mistakes, by symptom\n\nWrong implementations as real bugs make them, each with the cases that catch it. "
    text += "Look where your numbers are wrong,\nthen for the mistake that gives exactly those numbers; "
    text += "the summary of `qref conform` does it for you.\n"
    for symptom in SYMPTOMS:
        there = [mistake for _, mistake in sorted(MISTAKES.items()) if mistake.symptom == symptom]
        if there:
            rows = [
                [
                    f"[{mistake.name}](mistakes/{mistake.name}.md)",
                    cell(mistake.effect),
                    ", ".join(mistake.operators),
                    f"{kills.get(mistake.name, {}).get('caught', 0):,}",
                    "yes" if mistake.real else "likely",
                ]
                for mistake in there
            ]
            text += f"\n## {symptom[0].upper()}{symptom[1:]}\n\n"
            text += table(["mistake", "effect", "operators", "cases that catch it", "seen"], rows)
    return text


def mistake_page(mistake: Mistake, caught: int, cases: Sequence[Case]) -> str:
    """One mistake: what it does, how to repair it, where it was seen, the two smallest cases, its code."""
    text = f"# {mistake.name}\n\n{mistake.effect}\n\n**Fix.** {mistake.fix}\n\n"
    others = f"../mistakes.md#{links.slugify(mistake.symptom)}"
    text += f"**Symptom.** Wrong {mistake.symptom} ([mistakes with this symptom]({others})).\n\n"
    text += f"**Operators.** {', '.join(mistake.operators)}.\n\n"
    if mistake.seen_in:
        verb = "Seen in" if mistake.real else "Related reports:"
        text += f"**{verb}** {', '.join(report(link) for link in mistake.seen_in)}.\n\n"
    text += f"## Cases that catch it\n\n{caught:,} do. The smallest:\n"
    for case in cases:
        text += f"\n`{case.id}`: {cell(case.comment)}\n\n"
        text += table(["input", ""], inputs_rows(case)) + "\n"
        text += table(["output", "golden", "with the mistake"], outputs_rows(mistake, case)) + "\n"
        text += f"See its arithmetic with `qref show {case.key}`.\n"
    source = f"qref/mistakes/{mistake.name.replace('-', '_')}.py"
    return text + f'\n## The code\n\n```python\n--8<-- "{source}"\n```\n'


def inputs_rows(case: Case) -> list[list[str]]:
    """The case's inputs by the operator's names, and its attributes."""
    request = case.request
    parameters = inspect.signature(OPERATORS[request.domain, request.op].function).parameters
    inputs = zip(parameters, request.inputs, strict=False)
    rows = [[f"`{name}`", elements(x)] for name, x in inputs if x is not None]
    return rows + [[f"`{name}`", str(value)] for name, value in request.attributes.items()]


def outputs_rows(mistake: Mistake, case: Case) -> list[list[str]]:
    """The case's outputs beside those with the mistake."""
    try:
        with np.errstate(all="ignore"):
            wrong = mistake.run(case.request)
    except QrefError as error:
        return [["", "an error" if case.expect.kind == "error" else "", f"refuses: {cell(str(error))}"]]
    if case.expect.kind == "error":
        return [[f"y{i}", "an error", elements(y)] for i, y in enumerate(wrong)]
    names = ["y"] if len(case.outputs) == 1 else [f"y{i}" for i in range(len(case.outputs))]
    return [[name, elements(right), elements(y)] for name, right, y in zip(names, case.outputs, wrong)]


def elements(x: Tensor) -> str:
    """Type, shape and the first elements of a tensor."""
    return values.several([x])


def report(link: str) -> str:
    """A link to a public report written as repository#number; an address stays one."""
    if link.startswith("http"):
        return f"[{link.split('//')[1]}]({link})"
    repository, _, number = link.partition("#")
    return f"[{link}](https://github.com/{repository}/issues/{number})" if number.isdigit() else link


def main() -> int:
    """Writes the pages, or tells which are not current."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="write nothing, exit 1 where a page is not current")
    check = arguments.parse_args().check
    wanted = {ROOT / "docs" / path: text for path, text in pages().items()}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    gone = [path for path in (ROOT / "docs" / "mistakes").glob("*.md") if path not in wanted]
    for path in (*stale, *gone):
        print(f"{'not current' if check else 'wrote' if path in wanted else 'removed'}  {path.relative_to(ROOT)}")
    if not check:
        (ROOT / "docs" / "mistakes").mkdir(parents=True, exist_ok=True)
        for path in stale:
            path.write_text(wanted[path], encoding="utf-8")
        for path in gone:
            path.unlink()
        for path in docs_figures.write():
            print(f"drew  {path.relative_to(ROOT)}")
    return 1 if check and (stale or gone) else 0


if __name__ == "__main__":
    sys.exit(main())
