"""A run as files: the conform report (JSON, contract: the command line) and JUnit XML for CI."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from qref.engines.versions import qref_version
from qref.errors import BadAnswers
from qref.judge import explain
from qref.judge.compare import RESULTS
from qref.judge.machine import this_machine
from qref.judge.run import Outcome
from qref.judge.summary import Summary

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def judged_by(profile: str | None) -> str:
    """What judged: the ONNX text, or a profile."""
    return "onnx" if profile is None else profile


def report(summary: Summary) -> dict[str, Any]:
    """The conform report."""
    run, machine = summary.run, this_machine()
    mistakes = summary.mistake_of()
    return {
        "qref": qref_version(),
        "engine": {
            "name": run.hello.name,
            "version": run.hello.version,
            "profile": run.hello.profile,
            "command": run.engine,
        },
        "machine": {"cpu": machine.cpu, "features": list(machine.features), "threads": machine.threads},
        "judged_by": judged_by(run.settings.profile),
        "vectors": {suite.name: suite.sha256 for suite in run.suites},
        "summary": {result: summary.counts[result] for result in RESULTS},
        "cases": [_case(outcome, mistakes.get(outcome.case.id)) for outcome in run.outcomes],
    }


def detail(outcome: Outcome) -> str:
    """The verdict's detail; a failure of what no standard's text says is qref's reading of it."""
    verdict = outcome.verdict
    if verdict.result == "acceptable":
        return "; ".join(part for part in (verdict.reason, verdict.detail) if part)
    if verdict.result == "fail" and explain.reading(outcome.case):
        return f"fails qref's reading: {verdict.detail}"
    return verdict.detail


def junit(summary: Summary) -> bytes:
    """JUnit XML: one test suite an operator; unsupported and open are skipped, acceptable passes unless it counts."""
    run = summary.run
    root = ElementTree.Element("testsuites", name=f"qref conform {run.engine}")
    suites: dict[str, ElementTree.Element] = {}
    off = {d.outcome.case.id: d for d in summary.deviations}
    for outcome in run.outcomes:
        op = f"{outcome.case.suite}.{outcome.case.request.op}"
        if op not in suites:
            suites[op] = ElementTree.SubElement(root, "testsuite", name=op)
        test = ElementTree.SubElement(suites[op], "testcase", classname=op, name=outcome.case.id)
        deviation = off.get(outcome.case.id)
        expected = (
            f"expected {' or '.join(deviation.expectation.results)}: {deviation.expectation.reason}"
            if deviation
            else ""
        )
        _junit_result(test, outcome, expected, outcome.case.id in summary.failing)
    for element in suites.values():
        tests = list(element)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(name, str(sum(test.find(tag) is not None for test in tests)))
        element.set("tests", str(len(tests)))
    for element in root.iter():  # an engine's words and command may hold anything
        element.text = element.text and NOT_XML.sub("�", element.text)
        element.attrib.update({name: NOT_XML.sub("�", value) for name, value in element.items()})
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def check_writable(path: Path) -> None:
    """Raises BadAnswers where a report cannot be written to `path`."""
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise BadAnswers(f"{path} cannot be written: {error.strerror}") from None


def write(path: Path, content: bytes) -> None:
    """Writes a report. Raises BadAnswers where that fails."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BadAnswers(f"{path} cannot be written: {error.strerror}") from None


def to_bytes(object: dict[str, Any]) -> bytes:
    """A report's bytes: one case a line."""
    head = {key: value for key, value in object.items() if key != "cases"}
    lines = ",\n  ".join(json.dumps(case, ensure_ascii=False) for case in object["cases"])
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2] + f',\n "cases": [\n  {lines}\n ]\n}}\n'
    return text.encode("utf-8", "backslashreplace")


def slug(name: str) -> str:
    """An engine's name as part of a file's."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:60] or "engine"


def _case(outcome: Outcome, mistake: str | None) -> dict[str, Any]:
    case, verdict = outcome.case, outcome.verdict
    entry: dict[str, Any] = {
        "id": case.id,
        "op": case.request.op,
        "suite": case.suite,
        "result": verdict.result,
        "requirements": list(case.requirements),
        "detail": detail(outcome),
    }
    if mistake is not None:
        entry["mistake"] = mistake
    if verdict.max_ulp is not None:
        entry["max_ulp"] = verdict.max_ulp
    return entry


def _junit_result(test: ElementTree.Element, outcome: Outcome, deviation: str, failing: bool) -> None:
    result, words = outcome.verdict.result, detail(outcome)
    if failing:
        tag = "error" if result in ("crash", "timeout", "fault") else "failure"
        message = "; ".join(part for part in (deviation, f"{result}: {words}") if part)
        element = ElementTree.SubElement(test, tag, type=result, message=message)
        element.text = ", ".join(outcome.case.requirements)
    elif result in ("unsupported", "open") or result in ("fail", "crash", "timeout", "fault"):
        ElementTree.SubElement(test, "skipped", message=f"{result}: {words}")
    elif words:
        ElementTree.SubElement(test, "system-out").text = f"{result}: {words}"
