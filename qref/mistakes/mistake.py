"""Mistake: one known wrong implementation, with its effect, its fix and the reports it was seen in."""

from collections.abc import Callable
from dataclasses import dataclass

from qref.numerics.tensor import Tensor
from qref.ops.request import Request

SYMPTOMS = (
    "only at ties",
    "only near ties",
    "only negative values",
    "only at zero",
    "only at the edges of an image",
    "only at the ends of the range",
    "only above 2^24",
    "only when sums overflow",
    "only with a zero point",
    "only with several channels, rows or blocks",
    "only in one number format",
    "only in some shapes",
    "nearly everywhere",
)


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation as a real bug makes it.

    `run` answers a request as an engine with this bug would; it raises Unsupported where the bug cannot show.
    `operators` are the operators it touches, `flags` the flags of cases that are after it, `symptom` one of SYMPTOMS,
    `seen_in` public reports (repository#number); `real` says that at least one of them shows this very bug.
    """

    name: str
    operators: tuple[str, ...]
    flags: tuple[str, ...]
    effect: str
    fix: str
    symptom: str
    run: Callable[[Request], list[Tensor]]
    seen_in: tuple[str, ...] = ()
    real: bool = False
