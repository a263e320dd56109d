"""Runs that are killed or interrupted, and go on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qref.vectors import manifest, suite_json

Cli = Callable[..., Any]
Make = Callable[..., str]
Answers = dict[str, Callable[..., Any]]
Start = Callable[..., "subprocess.Popen[str]"]

# answers the first three requests after a start, and then waits for a file
STOPS = """
if asked > 3 and not os.path.exists("go"):
    open("waiting", "w").close()
    time.sleep(60)
open("log", "a").write("asked\\n")
print(json.dumps({"id": number, "unsupported": "x"}), flush=True)
"""


@pytest.fixture
def stopped(start: Start, engine: Make, answers: Answers) -> tuple[str, "subprocess.Popen[str]"]:
    """A run in the middle: the engine waits at its fourth request."""
    one = engine(answers["halves_up"], at={"QuantizeLinear": STOPS, "MatMulInteger": STOPS})
    process = start("conform", one, "--timeout", "50", "--json", "report.json")
    for _ in range(400):
        if Path("waiting").exists():
            return one, process
        time.sleep(0.05)
    process.kill()
    pytest.fail("the engine was not asked")


def report() -> dict[str, Any]:
    return json.loads(Path("report.json").read_text(encoding="utf-8"))


def journals() -> list[Path]:
    return list(Path().glob(".qref-*.jsonl"))


def finish(cli: Cli, one: str) -> dict[str, Any]:
    """The report of the resumed run, which asks no case again."""
    Path("go").touch()
    ran = cli("conform", one, "--timeout", "50", "--json", "report.json", "--resume")
    assert ran.code == 1 and not journals()
    assert Path("log").read_text().count("asked") == 5  # three QuantizeLinear, two MatMulInteger
    return report()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_killed_in_the_middle_resumes_with_the_same_result(
    cli: Cli, stopped: tuple[str, "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    one, process = stopped
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert err == "qref: interrupted; `--resume` goes on where this stopped\n"
    assert len(journals()) == 1
    assert len(journals()[0].read_text().splitlines()) == 4  # its key, and what requantizes
    resumed = finish(cli, one)
    cli("conform", one, "--timeout", "50", "--json", "report.json")
    assert report() == resumed


def test_no_child_is_left_after_ctrl_c(stopped: tuple[str, "subprocess.Popen[str]"]) -> None:
    _, process = stopped
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert children
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_broken_journal_costs_only_its_broken_lines(cli: Cli, stopped: tuple[str, "subprocess.Popen[str]"]) -> None:
    one, process = stopped
    process.kill()
    process.communicate(timeout=20)
    (journal,) = journals()
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2]) + b"\xff\n[]\n{}\n" + lines[2] + lines[3][: len(lines[3]) // 2])
    finish(cli, one)
    assert report()["summary"]["pass"] + report()["summary"]["fail"] + report()["summary"]["acceptable"] == 3


def test_a_journal_of_other_vectors_is_not_used(
    cli: Cli, stopped: tuple[str, "subprocess.Popen[str]"], folder: Path
) -> None:
    one, process = stopped
    process.kill()
    process.communicate(timeout=20)
    (journal,) = journals()
    text = journal.read_text()
    journal.write_text(text.replace('"timeout": 50.0', '"timeout": 49.0'))
    Path("go").touch()
    assert cli("conform", one, "--timeout", "50", "--json", "report.json", "--resume").code == 1


def test_a_second_run_at_the_same_time_leaves_the_first_ones_journal(
    cli: Cli, stopped: tuple[str, "subprocess.Popen[str]"]
) -> None:
    one, process = stopped
    (journal,) = journals()
    before = journal.read_bytes()
    Path("go").touch()
    assert cli("conform", one, "--timeout", "50", "--json", "second.json").code == 1
    assert journal.read_bytes() == before
    process.kill()
    process.communicate(timeout=20)
    Path("log").unlink()
    assert finish(cli, one) == json.loads(Path("second.json").read_text(encoding="utf-8"))


def test_without_resume_all_is_asked_again(cli: Cli, stopped: tuple[str, "subprocess.Popen[str]"]) -> None:
    one, process = stopped
    process.kill()
    process.communicate(timeout=20)
    Path("go").touch()
    assert cli("conform", one, "--timeout", "50", "--json", "report.json").code == 1
    assert not journals()


def test_an_engine_that_no_longer_starts_ends_the_run_which_can_be_resumed(
    cli: Cli, engine: Make, answers: Answers, folder: Path
) -> None:
    # at the first MatMulInteger it dies, and from then on at every start
    one = engine(answers["right"], at={"MatMulInteger": "open('dead', 'w').close(); sys.exit(1)"})
    Path("dies.sh").write_text(f"[ -e dead ] && exit 9\nexec {one.removeprefix('cmd:')}\n")
    suite = suite_json.read(folder / "vectors" / "small.json")
    order = sorted(suite.cases, key=lambda case: case.request.op)  # MatMulInteger, and six others
    (folder / "vectors" / "small.json").write_bytes(suite_json.dump(replace(suite, cases=tuple(order))))
    digests = {path: manifest.sha256(folder / path) for path in manifest.covered(folder)}
    (folder / "manifest.json").write_bytes(manifest.dump("1.0", digests))

    ran = cli("conform", "cmd:sh dies.sh", "--json", "report.json")
    assert ran.code == 2 and "status 9" in ran.err and "--resume goes on from there" in ran.err
    assert len(journals()) == 1
    Path("dies.sh").write_text(f"exec {one.removeprefix('cmd:')}\n")
    ran = cli("conform", "cmd:sh dies.sh", "--json", "report.json", "--resume")
    assert ran.code == 1 and not journals()
    assert report()["summary"]["pass"] == 5 and report()["summary"]["crash"] == 2
