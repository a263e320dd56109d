"""The report of a bench: rows, and the machine they were timed on."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qref.errors import BadAnswers, UsageError

OWN = "qref"
"""The engine of qref's own kernels."""


@dataclass(frozen=True)
class Row:
    """One algorithm of one engine on one layer.

    ms: the least of all runs. gops: 2·MACs of the definition, taps in the padding and zero weights included, over that
    time. share_of_peak: gops over the peak of that dtype, `qref.bench.peak`. max_error: the largest
    distance from the golden result, over the standard deviation of the latter. checked: every output is within bounds.
    kernel: of qref's rows what ran, where `default` says what was chosen; empty for others.
    """

    layer: str
    dtype: str
    engine: str
    algorithm: str
    ms: float
    ms_median: float
    gops: float
    share_of_peak: float
    max_error: float
    checked: bool
    kernel: str = ""


@dataclass(frozen=True)
class Report:
    """All rows of a run, and how they came about; what is not known of that is empty.

    peak_gops: of the run's dtype, measured, for all threads together. peak_instruction: what gave it. instructions: the
    instruction set of qref's kernels. versions: of qref, its compiler and every peer. date: UTC, ISO 8601. command:
    without the options that say where the report goes.
    """

    cpu: str
    features: list[str]
    threads: int
    peak_gops: float
    rows: list[Row]
    peak_instruction: str = ""
    instructions: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""
    command: str = ""

    @property
    def dtype(self) -> str:
        """Of its rows; empty without rows."""
        return self.rows[0].dtype if self.rows else ""

    @property
    def layers(self) -> list[str]:
        """The layers, as they come."""
        return list(dict.fromkeys(row.layer for row in self.rows))

    @staticmethod
    def read(path: Path) -> "Report":
        """What `write` wrote. Raises UsageError where the file is not there, or no report."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return Report(**{**found, "rows": [Row(**row) for row in found["rows"]]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no report of qref bench layers --json: {error}") from error

    def write(self, path: Path) -> None:
        """As JSON. Raises BadAnswers where the file cannot be written."""
        try:
            path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadAnswers(f"{path} cannot be written: {error.strerror}") from error
