"""Runs the guides as a reader would, so that what they show is what comes out.

A block of kind `console` is a list of commands (`$ …`) with their output; a block with a title is a file of that name.
Each page has a folder of its own, in which it finds `conformance/`, `qref` and `python`. What differs from machine to
machine (seconds, processor, the hash of the vectors) is not compared.

python -m tools.guides [PAGE …]     writes the outputs into the pages
python -m tools.guides --check      writes nothing, exits 1 where a page shows another output
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "conformance/README.md",
    "docs/index.md",
    "docs/judge-your-engine.md",
    "docs/off-by-one.md",
    "docs/how-a-golden-value-is-made.md",
    "docs/ci.md",
    "docs/profiles.md",
    "docs/quantize.md",
    "docs/compress.md",
)
FENCE = re.compile(r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
VARIES = (
    (re.compile(r" in \d+\.\d s\b"), " in … s"),
    (re.compile(r"· (x86-64|aarch64|arm64)[A-Za-z0-9 -]* ·"), "· … ·"),
    (re.compile(r"vectors (\d+\.\d+) \([0-9a-f]{4}…\)"), r"vectors \1 (…)"),
)
SECONDS = 120


@dataclass(frozen=True)
class Step:
    """A command of a page with the output that the page shows, or a file that it has the reader write."""

    line: int
    text: str
    shown: str = ""
    file: bool = False


def steps(page: str) -> Iterator[Step]:
    """What a page has its reader do, in order."""
    for block in FENCE.finditer(page):
        line = page.count("\n", 0, block.start("body")) + 1
        if block["title"]:
            yield Step(line, block["body"], block["title"], file=True)
        elif block["kind"] == "console":
            for part in re.split(r"^(?=\$ )", block["body"], flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield Step(line, command[2:], shown)
                line += part.count("\n")


def run(page: str, folder: Path) -> Iterator[tuple[Step, str]]:
    """Does what a page says in `folder`; yields each command with its output, standard error included."""
    environment = prepare(folder)
    for step in steps(page):
        if step.file:
            path = folder / step.shown
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            continue
        done = subprocess.run(
            ["bash", "-c", step.text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
        )
        yield step, tidy(done.stdout.decode("utf-8", "replace"))


def prepare(folder: Path) -> dict[str, str]:
    """Puts into `folder` what a clone has there, and gives the environment in which `qref` is this checkout's."""
    engines = folder / "conformance" / "engines"
    shutil.copytree(ROOT / "conformance" / "engines", engines, ignore=shutil.ignore_patterns("engine", "__pycache__"))
    for path in (ROOT / "conformance").iterdir():
        if path.name != "engines":
            (folder / "conformance" / path.name).symlink_to(path)
    commands = folder / ".bin"
    commands.mkdir()
    for name, arguments in (("python", ""), ("qref", "-P -m qref")):
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CC", "CFLAGS")}
    return kept | {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }


def tidy(output: str) -> str:
    """Without blanks at ends of lines and blank lines at the end."""
    lines = [line.rstrip() for line in output.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(line + "\n" for line in lines)


def same(shown: str, output: str) -> bool:
    """Whether two outputs agree but for what varies."""
    return comparable(shown) == comparable(output)


def comparable(output: str) -> str:
    for pattern, stands_for in VARIES:
        output = pattern.sub(stands_for, output)
    return tidy(output)


def rewritten(page: str, folder: Path) -> str:
    """The page with the outputs that its commands give."""
    for step, output in run(page, folder):
        if not same(step.shown, output):
            old = f"$ {step.text}\n{step.shown}"
            assert page.count(old) == 1, f"line {step.line}: the same command and output stand twice"
            page = page.replace(old, f"$ {step.text}\n{output}")
    return page


def main() -> int:
    """Writes the outputs, or tells which pages show others."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pages", nargs="*", metavar="PAGE", help="by default all")
    arguments.add_argument("--check", action="store_true", help="write nothing, exit 1 where an output differs")
    options = arguments.parse_args()
    stale = False
    for name in options.pages or PAGES:
        path = ROOT / name
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            new = rewritten(page, Path(folder))
        if new != page:
            stale = True
            print(f"{'not current' if options.check else 'wrote'}  {name}")
            if not options.check:
                path.write_text(new, encoding="utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
