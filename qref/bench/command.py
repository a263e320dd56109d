"""`qref bench layers`, `goals` and `memory` from their options to their exit codes."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from qref.bench import codebooks, ratios, schemes, times
from qref.bench.algorithms import CHOICE
from qref.bench.goals import goals
from qref.bench.layers import REPEAT, measure, named
from qref.bench.memory import footprints, goal
from qref.bench.report import Report
from qref.conv.ten_layers import TEN_LAYERS
from qref.judge.machine import this_machine
from qref.judge.report import check_writable
from qref.judge.signals import ends_like_ctrl_c
from qref.saveload.schemes import SCHEMES

INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """The command line's options; lists as they were given, each entry one name or several with commas between."""

    layers: Sequence[str]
    algorithms: Sequence[str]
    dtype: str
    peers: Sequence[str]
    repeat: int
    threads: int
    tune: bool
    json: Path | None

    @property
    def command(self) -> str:
        """The command line of the same run, without what only says where the report goes and what stands for itself."""
        words = ["qref", "bench", "layers"]
        for option, value in (
            ("dtype", self.dtype if self.dtype != "float32" else ""),
            ("layers", ",".join(split(self.layers))),
            ("algorithms", ",".join(split(self.algorithms))),
            ("peer", ",".join(split(self.peers))),
            ("repeat", str(self.repeat) if self.repeat != REPEAT else ""),
            ("threads", str(self.threads) if self.threads != 1 else ""),
        ):
            words += [f"--{option}", value] if value else []
        return " ".join([*words, *(["--tune"] if self.tune else [])])


def layers_command(
    options: Options,
    seed: ratios.Speedups = MappingProxyType({}),
    draw: Callable[[Report], None] | None = None,
) -> int:
    """Times, prints, writes and draws; seed: the seed's speed-ups of sparse convolution, to be shown.

    Exit code: 0, 1 where an output was wrong, 130 after Ctrl-C.

    Raises:
        QrefError: the run could not be made.
    """
    if options.json is not None:
        check_writable(options.json)
    try:
        with ends_like_ctrl_c(), Watcher() as watcher:
            report = measure(
                split(options.layers) or tuple(TEN_LAYERS),
                split(options.algorithms) or None,
                dtype=options.dtype,
                peers=split(options.peers),
                repeat=options.repeat,
                threads=options.threads,
                tune=options.tune,
                progress=watcher,
            )
    except KeyboardInterrupt:
        print("qref: interrupted", file=sys.stderr)
        return INTERRUPTED
    report = replace(report, command=options.command)
    for line in lines(report, options.dtype, seed):
        print(line)
    if options.json is not None:
        report.write(options.json)
    if draw is not None:
        draw(report)
    return 0 if all(row.checked for row in report.rows) else 1


def goals_command(paths: Sequence[Path], seed: ratios.Speedups) -> int:
    """Prints every goal with what the reports reach, and errors by layer. Exit code: 0, or 1 where one is missed.

    Raises:
        UsageError: a file is no report, or they are of different machines.
    """
    reports = [Report.read(path) for path in paths]
    found = goals(reports, seed)
    for one in found:
        print(one)
    rows = [row for report in reports for row in report.rows]
    if errors := list(ratios.errors(rows, tuple(TEN_LAYERS))):
        for line in ("", *aligned([["", *TEN_LAYERS, "mean"], *errors])):
            print(line)
    return 1 if any(one.verdict == "missed" for one in found) else 0


def memory_command(layers: Sequence[str]) -> int:
    """Prints what direct convolution takes on each layer, and the goal. Exit code: 0, or 1 where it is missed.

    Raises:
        QrefError: a layer that does not exist, or Numba is not installed.
    """
    chosen = [named(TEN_LAYERS, "layer", name) for name in split(layers) or TEN_LAYERS]
    found = list(footprints(chosen))
    rows = [[one.layer, f"{one.measured:,}", f"{one.needed:,}", f"{one.ratio:.3f}"] for one in found]
    lines = aligned([["", "bytes measured", "input + output + weights", "ratio"], *rows])
    for line in (*lines, str(goal(found))):
        print(line)
    return 0 if goal(found).verdict == "met" else 1


def split(given: Sequence[str]) -> tuple[str, ...]:
    """conv1,conv2 conv3 → conv1 conv2 conv3."""
    return tuple(name for entry in given for name in entry.split(",") if name)


class Watcher:
    """How far the run is, on a terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        lively = console.is_terminal and not os.environ.get("CI")
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not lively)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> "Watcher":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=what, completed=done, total=total)


def lines(report: Report, dtype: str, seed: ratios.Speedups) -> Iterator[str]:
    """The machine, ms of each contender on each layer and its share of the peak in the middle of all layers, ratios."""
    count = f"{report.threads} thread{'' if report.threads == 1 else 's'}"
    yield f"{dtype} · {this_machine().short} · {count} · {report.peak_gops:.1f} GOP/s peak · ms, least of all runs"
    layers = report.layers
    yield from aligned([["", *layers, "of peak"], *times.table(report)])
    if chosen := times.chosen(report.rows):
        yield f"{CHOICE} is {chosen}"
    for wrong in (row for row in report.rows if not row.checked):
        yield f"! {wrong.engine} {wrong.algorithm} on {wrong.layer} is off by {wrong.max_error:.2g} standard deviations"
    if compared := list(ratios.table(report, seed)):
        yield ""
        yield from aligned([["", *layers, "mean"], *compared])


def aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of cells, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        yield "  ".join(
            [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:]))]
        ).rstrip()


def schemes_command(names: Sequence[str], granularity: str | None, layers: str = schemes.USUAL) -> int:
    """Prints each scheme's time, memory and size; 1 where one without repeated passes misses a goal."""
    missed = False
    print(f"{'scheme':<27}{'a scale a':<12}{'s':>8}{'memory / weights':>18}{'bits a weight':>15}")
    for one in schemes.measured(split(names), granularity, layers):
        weights = one.weights
        judged = not SCHEMES[one.scheme].iterative
        missed |= judged and not one.met
        word = "" if not judged or one.met else "   missed"
        sizes = f"{one.memory / weights:>18.2f}{4 * one.bits / weights:>15.3f}"
        print(f"{one.scheme:<27}{one.granularity:<12}{one.seconds:>8.1f}{sizes}{word}", flush=True)
    return int(missed)


def codebooks_command(layers: Sequence[str], repeat: int, threads: int, json: Path | None) -> int:
    """Prints each way to compute the layers; 1 where an output was wrong, or look-ups were slower than a dense fc."""
    if json is not None:
        check_writable(json)
    with ends_like_ctrl_c(), Watcher() as watcher:
        chosen = split(layers) or tuple(codebooks.LAYERS)
        report = codebooks.measure(chosen, repeat=repeat, threads=threads, progress=watcher)
    report = replace(
        report, command=" ".join(["qref bench codebooks", *(["--layers", ",".join(layers)] if layers else [])])
    )
    print(
        f"{this_machine().short} · {report.instructions} · threads: {threads} · times faster than the first of a layer"
    )
    for line in aligned([["", "", "ms", "median", "times", "error", ""], *codebooks.lines(report)]):
        print(line)
    late = codebooks.slower(report)
    if late:
        print(f"look-ups are slower than onnxruntime's dense layer on {', '.join(late)}")
    if json is not None:
        report.write(json)
    return int(bool(late) or not all(row.checked for row in report.rows))
