"""The pages on engines: each wrong and each acceptable answer of a committed report, down to the arithmetic.

A report is made by `qref conform ENGINE --json docs/reports/ENGINE.json`; docs/reports/ENGINE.toml may hold a
paragraph for a cause or a reason, what in the engine makes it so; "refusals" is one on what it does not take.
"""

import inspect
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qref.errors import BadVectors
from qref.judge import arithmetic, float_arithmetic, values
from qref.judge.arithmetic import Index, Step
from qref.mistakes import MISTAKES
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS
from qref.vectors import requirements, schema
from qref.vectors.case import Case, Suite
from tools.markdown_table import cell, table

ELEMENT = re.compile(r"\by(\d*)\[([\d,]*)\]: expected (.*?), got ([^;]*)")
OTHERS = "other operators"
RESULTS = ("pass", "acceptable", "fail", "unsupported", "open", "crash", "timeout", "fault")

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Engine:
    """An engine with a page: its name, the page's title, and a sentence on what its results depend on."""

    name: str
    title: str
    depends: str


ENGINES = (
    Engine(
        "onnxruntime",
        "What ONNX Runtime gets right and leaves open",
        "Integer kernels differ by what the processor has, so another machine may give other results",
    ),
    Engine(
        "onnx-reference",
        "What ONNX's own evaluator gets right and leaves open",
        "The evaluator, `onnx.reference.ReferenceEvaluator`, is judged alone: nothing checks a model before it. It "
        "computes with\nNumPy, whose conversions of numbers beyond int32 are the processor's, so another machine may "
        "give other\nresults",
    ),
)


def page(engine: Engine, path: Path, suites: Sequence[Suite]) -> str:
    """The page on `engine` by the report at `path`.

    Raises:
        BadVectors: the report was made with other vectors.
    """
    report = schema.load(path, "report-1")
    for suite in suites:
        if report["vectors"].get(suite.name) != suite.sha256:
            name = report["engine"]["name"]
            raise BadVectors(
                f"{path.name} was made with another {suite.name}: qref conform {name} --json docs/reports/{path.name}"
            )
    remarks = path.with_suffix(".toml")
    words = tomllib.loads(remarks.read_text(encoding="utf-8")) if remarks.is_file() else {}
    cases = {case.id: case for suite in suites for case in suite.cases}
    return "".join(
        (
            f"# {engine.title}\n\n",
            *head(report, path, engine.depends),
            *failures(report["cases"], cases, words),
            *acceptances(report["cases"], cases, words),
            *refusals(report["cases"], words),
        )
    )


def head(report: Mapping[str, Any], path: Path, depends: str) -> Iterator[str]:
    """Version, machine, and the table by operator."""
    engine, machine = report["engine"], report["machine"]
    features = ", ".join(machine["features"]) or "none known"
    yield f"{engine['name']} {engine['version']}, judged by the ONNX text on a processor with {features}."
    yield f"\n{depends}: `qref conform {engine['name']}` tells.\n"
    yield f"This page is made from [a report](reports/{path.name}).\n\n"
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missing = lacking(report["cases"])
    for entry in report["cases"]:
        counts[OTHERS if entry["op"] in missing else entry["op"]][entry["result"]] += 1
    shown = [result for result in RESULTS if any(count[result] for count in counts.values())]
    rows = [[op, *(f"{count[result]:,}" for result in shown)] for op, count in sorted(counts.items())]
    if missing:
        yield f"*{OTHERS}*: {len(missing)} operators of the domain `qref` of which it takes none.\n\n"
    rows.append(["all", *(f"{sum(count[result] for count in counts.values()):,}" for result in shown)])
    yield table(["operator", *shown], rows, numbers=len(shown))


def failures(entries: Sequence[Entry], cases: Mapping[str, Case], words: Mapping[str, str]) -> Iterator[str]:
    """What the engine gets wrong, by cause: the mistake that gives the same numbers, else the requirement."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry["result"] in ("fail", "crash", "timeout", "fault"):
            groups[entry.get("mistake") or cause(entry)].append(entry)
    yield "\n## What it gets wrong\n"
    if not groups:
        yield "\nNothing.\n"
    for name, found in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"\n### {name}\n\n"
        if name in MISTAKES:
            yield f"{MISTAKES[name].effect} [The mistake](mistakes/{name}.md) gives the same wrong numbers.\n\n"
        elif name in requirements.all():
            yield f"{requirement_words(name)}\n\n"
        if name in words:
            yield f"{words[name].strip()}\n\n"
        yield example(found, cases)
        yield listing(found, cases)


def acceptances(entries: Sequence[Entry], cases: Mapping[str, Case], words: Mapping[str, str]) -> Iterator[str]:
    """What the text leaves open and the engine decides otherwise than the golden answer, by reason."""
    groups = by_reason([entry for entry in entries if entry["result"] == "acceptable"])
    yield "\n## What the text leaves open\n\n"
    yield "Answers that differ from the golden one by a freedom that the standard gives.\n"
    if not groups:
        yield "\nNone.\n"
    for reason, found in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"\n### {reason}\n\n"
        if (remark := next((text for key, text in words.items() if reason.startswith(key)), None)) is not None:
            yield f"{remark.strip()}\n\n"
        yield f"{len(found):,} {'case' if len(found) == 1 else 'cases'}.\n\n"
        yield example(found, cases)
        yield listing(found, cases)


def lacking(entries: Sequence[Entry]) -> set[str]:
    """Operators of qref's own domain of which every case is unsupported."""
    own = {name for domain, name in OPERATORS if domain == "qref"}
    return own - {entry["op"] for entry in entries if entry["result"] != "unsupported"}


def by_reason(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Acceptable answers by as few reasons as explain them all: an answer may have several, joined by "; "."""
    groups: dict[str, list[Entry]] = {}
    left = list(entries)
    while left:
        counts = Counter(reason for entry in left for reason in entry["detail"].split("; "))
        best = max(counts, key=lambda reason: (counts[reason], reason))
        groups[best] = [entry for entry in left if best in entry["detail"].split("; ")]
        left = [entry for entry in left if best not in entry["detail"].split("; ")]
    return groups


def refusals(entries: Sequence[Entry], words: Mapping[str, str]) -> Iterator[str]:
    """What the engine does not take, by its own words, and the remark `refusals` on it."""
    missing = lacking(entries)
    groups = Counter(
        (OTHERS if entry["op"] in missing else entry["op"], general(entry["detail"]))
        for entry in entries
        if entry["result"] == "unsupported"
    )
    yield "\n## What it does not take\n\nThe engine's own words; no verdict.\n\n"
    if "refusals" in words:
        yield f"{words['refusals'].strip()}\n\n"
    rows = [[op, cell(words), f"{count:,}"] for (op, words), count in sorted(groups.items())]
    yield table(["operator", "words", "cases"], rows, numbers=1)


def cause(entry: Entry) -> str:
    """A crash by its result, a failure by the first requirement, as the summary groups them."""
    ids: Sequence[str] = entry["requirements"]
    return ids[0] if entry["result"] == "fail" and ids else str(entry["result"])


def requirement_words(id: str) -> str:
    """A requirement with a link to its place in the spec."""
    one = requirements.requirement(id)
    return f"[{id}](spec/{one.chapter}#{id.lower()}) ({one.basis}): {one.text}"


def example(entries: Sequence[Entry], cases: Mapping[str, Case]) -> str:
    """The smallest case with the arithmetic of the element that the report names."""
    case, entry = min(((cases[one["id"]], one) for one in entries), key=lambda pair: size(pair[0]))
    text = f"The smallest, `{case.id}`: {cell(case.comment)}. {cell(entry['detail'])}.\n\n"
    text += table(["", ""], question(case)) + "\n"
    place = ELEMENT.search(entry["detail"])
    if place is None or not case.outputs:
        return text
    index = tuple(int(i) for i in place[2].split(",") if i)
    rows = [[step.name, step.value, step.remark] for step in steps(case, int(place[1] or 0), index, place[4])]
    rows += [["expected", place[3], ""], ["the engine's", place[4], ""]]
    rules = [
        [rule.profile, rule.rounded, "–" if rule.y is None else str(rule.y)]
        for rule in arithmetic.rules_of(case, index)
    ]
    text += table(["", "", ""], [[cell(value) for value in row] for row in rows]) + "\n"
    return text + (table(["rule", "rounded", "y"], rules, numbers=2) + "\n" if rules else "")


def question(case: Case) -> list[list[str]]:
    """The case's opset, inputs by the operator's names, and attributes."""
    request = case.request
    operator = OPERATORS.get((request.domain, request.op))
    parameters = inspect.signature(operator.function).parameters if operator else {}
    named = [name for name, p in parameters.items() if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    names = [named[k] if k < len(named) else f"input {k}" for k in range(len(request.inputs))]
    rows = [["opset", str(request.opset)]]
    rows += [[f"`{name}`", values.several([x])] for name, x in zip(names, request.inputs) if x is not None]
    return rows + [[f"`{name}`", cell(str(value))] for name, value in request.attributes.items()]


def steps(case: Case, output: int, index: Index, got: str) -> list[Step]:
    """The arithmetic of an element, and how far the engine's number, as the report writes it, lies from it."""
    golden = case.outputs[output]
    answer = None
    if isinstance(golden.format, Float):
        code = re.search(r"\(0x([0-9A-F]+)\)", got)  # formats that NumPy lacks are written with their code
        data = golden.data.copy()
        data[index] = int(code[1], 16) if code else np.array(got, np.float64).astype(data.dtype)
        answer = Tensor(golden.dtype, data)
    return [*arithmetic.steps(case, output, index), *float_arithmetic.steps(case, output, index, answer)]


def listing(entries: Sequence[Entry], cases: Mapping[str, Case]) -> str:
    """Every case of a group, folded."""
    text = f'??? note "{len(entries):,} {"case" if len(entries) == 1 else "cases"}"\n\n'
    for entry in sorted(entries, key=lambda one: size(cases[one["id"]])):
        text += f"    - `{entry['id']}`: {cell(cases[entry['id']].comment)}. {cell(entry['detail'])}\n"
    return text


def size(case: Case) -> tuple[int, str]:
    """Order of cases for a reader."""
    return sum(x.data.size for x in case.request.inputs if x is not None), case.id


def general(words: str) -> str:
    """An engine's words without what differs from case to case."""
    return re.sub(r"0x[0-9a-f]+|\d+", "…", words.strip().splitlines()[0])[:160] if words.strip() else "no reason given"
