"""The seed's tables, reproduced: one a file, each beside the printed numbers. Here they meet."""

from collections.abc import Callable

from qref.tables.memory import memory
from qref.tables.runtime import runtime
from qref.tables.table import Table

TABLES: dict[str, tuple[str, Callable[..., Table]]] = {
    "memory": ("input + output + weights + workspace of Im2col, MEC and direct on the ten layers, in MB", memory),
    "runtime": ("the seed's three tables of runtime beside this machine's, as ratios to dense direct", runtime),
}
"""What each table shows, and the function that makes it."""

__all__ = ["TABLES", "Table"]
