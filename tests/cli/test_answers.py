"""Judging without a dialogue: requests to a file, answers from one."""

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
Make = Callable[..., str]
Answers = dict[str, Callable[..., Any]]


@pytest.fixture
def lines(cli: Cli, engine: Make) -> list[str]:
    """The answers of a right engine to the requests in a file, Hello's first."""
    assert cli("conform", "--requests", "requests.jsonl").code == 0
    command = shlex.split(engine().removeprefix("cmd:"))
    with Path("requests.jsonl").open() as requests:
        done = subprocess.run(command, stdin=requests, capture_output=True, text=True, check=True)
    return done.stdout.splitlines(keepends=True)


def judge(cli: Cli, text: str, *arguments: str) -> tuple[Any, dict[str, Any]]:
    Path("answers.jsonl").write_text(text, encoding="utf-8", errors="surrogateescape")
    ran = cli("conform", "answers:answers.jsonl", "--json", "report.json", *arguments)
    return ran, json.loads(Path("report.json").read_text(encoding="utf-8"))


def test_requests(cli: Cli) -> None:
    ran = cli("conform", "--requests", "requests.jsonl", "--op", "Requantize", "--profile", "tflite-double")
    assert ran.code == 0 and "Hello and 3 requests" in ran.out
    found = [json.loads(line) for line in Path("requests.jsonl").read_text().splitlines()]
    assert found[0] == {"id": 0, "op": "Hello", "domain": "qref", "protocol": 1}
    assert [list(one) for one in found[1:]] == [
        ["id", "op", "domain", "opset", "attributes", "inputs", "outputs", "profile"]
    ] * 3
    assert found[1]["profile"] == "tflite-double"


def test_right_answers_in_any_order(cli: Cli, lines: list[str]) -> None:
    ran, report = judge(cli, "".join(lines))
    assert (ran.code, ran.err) == (0, "")
    assert report["engine"]["name"] == "tested" and report["engine"]["command"] == "answers:answers.jsonl"
    assert report["summary"]["pass"] == 7
    assert judge(cli, "".join(reversed(lines)))[0].code == 0


def test_filters_apply_to_answers_too(cli: Cli, lines: list[str]) -> None:
    ran, report = judge(cli, "".join(lines), "--op", "Requantize")
    assert ran.code == 0 and len(report["cases"]) == 3
    assert ran.err == "qref: 5 answers to none of the selected cases\n"


def test_missing_and_repeated_answers_are_faults(cli: Cli, lines: list[str]) -> None:
    ran, report = judge(cli, "".join([*lines[:3], lines[2], *lines[4:]]))
    assert ran.code == 1 and report["summary"]["fault"] == 2
    details = [case["detail"] for case in report["cases"] if case["result"] == "fault"]
    assert any("has no answer: id " in detail for detail in details)
    assert any("2 times" in detail for detail in details)


def test_an_empty_file_has_one_cause(cli: Cli, lines: list[str]) -> None:
    ran, _ = judge(cli, lines[0])
    assert "8 fault, 1 cause\n  fault  answers.jsonl has no answer: id " in ran.out


def test_a_line_too_long_costs_one_answer(cli: Cli, lines: list[str]) -> None:
    ran, report = judge(cli, "".join([*lines[:2], "\n", "x" * (9 << 20) + "\n", *lines[3:]]))
    assert ran.code == 1 and (report["summary"]["fault"], report["summary"]["pass"]) == (1, 6)
    assert ran.err == "qref: answers.jsonl, line 4: longer than 4 MB\n"


def test_broken_lines(cli: Cli, lines: list[str]) -> None:
    number = json.loads(lines[1])["id"]
    broken = [
        *lines[:1],
        f'{{"id": {number}, "outputs": 5}}\n',
        "oops\n",
        '{"outputs": []}\n',
        *lines[3:-1],
        lines[-1][:20],
    ]
    ran, report = judge(cli, "".join(broken))
    assert ran.code == 1
    assert report["summary"]["fault"] == 3  # outputs no list, no answer, half a line at the end
    assert "line 3: no JSON" in ran.err and "line 4: an answer without an id" in ran.err
    assert all(line.startswith("qref: ") for line in ran.err.splitlines())


def test_only_hello(cli: Cli, lines: list[str]) -> None:
    ran, report = judge(cli, lines[0])
    assert ran.code == 2 and report["summary"]["fault"] == 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oops\n",
        '{"id": 0, "protocol": 2, "name": "x", "version": "1"}\n',
        "\udcff\n",
        "[" * 100000,
        "x" * (5 << 20),
    ],
)
def test_no_hello(cli: Cli, text: str) -> None:
    Path("answers.jsonl").write_text(text, encoding="utf-8", errors="surrogateescape")
    ran = cli("conform", "answers:answers.jsonl")
    assert ran.code == 2 and ran.err.startswith("qref: answers.jsonl") and ran.err.count("\n") == 1


def test_an_answer_file_has_no_repetitions(cli: Cli, lines: list[str]) -> None:
    Path("answers.jsonl").write_text("".join(lines))
    ran = cli("conform", "answers:answers.jsonl", "--repeat", "2")
    assert ran.code == 2 and "one answer to each request" in ran.err


def test_a_folder_is_no_answer_file(cli: Cli) -> None:
    ran = cli("conform", "answers:.")
    assert ran.code == 2 and ran.err.count("\n") == 1
