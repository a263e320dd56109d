"""Tables, one a file: the seed's beside the printed numbers, and those of the algorithms. Here they meet."""

from collections.abc import Callable

from qref.tables.costs import costs
from qref.tables.errors import errors
from qref.tables.memory import memory
from qref.tables.runtime import runtime
from qref.tables.table import Table

TABLES: dict[str, tuple[str, Callable[..., Table]]] = {
    "memory": ("input + output + weights + workspace of Im2col, MEC and direct on the ten layers, in MB", memory),
    "runtime": ("the seed's three tables of runtime beside this machine's, as ratios to dense direct", runtime),
    "costs": ("arithmetic, traffic and memory of every algorithm on the ten layers", costs),
    "errors": (
        "how the error of every algorithm in float32 grows with the channels, measured, beside its bound",
        errors,
    ),
}
"""What each table shows, and the function that makes it."""

__all__ = ["TABLES", "Table"]
