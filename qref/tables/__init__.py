"""Tables, one a file: the seed's beside the printed numbers, and those of the algorithms. Here they meet."""

from collections.abc import Callable

from qref.tables.binary_methods import binary_methods
from qref.tables.code_table import code_table
from qref.tables.compression_methods import compression_methods
from qref.tables.costs import costs
from qref.tables.energy import energy, energy_layers
from qref.tables.errors import errors
from qref.tables.grids import grids
from qref.tables.lookup_costs import lookup_costs
from qref.tables.memory import memory
from qref.tables.runtime import runtime
from qref.tables.table import Table

TABLES: dict[str, tuple[str, Callable[..., Table]]] = {
    "code-table": ("codes of N bits, non-uniform, uniform and logarithmic: the last value for every N", code_table),
    "grids": ("optimal steps and errors of every grid, beside Max's of 1960 and HWGQ's", grids),
    "energy": ("pJ of additions, multiplications and reads: the seed's, and what is extrapolated from them", energy),
    "energy-layers": ("energy of the ten layers in float32, int8, int4, powers of two and binary", energy_layers),
    "binary-methods": (
        "binary networks: the seed's accuracies and savings, beside sizes and operations by their shapes",
        binary_methods,
    ),
    "compression-methods": (
        "codebooks, hashing, pruning and low rank on AlexNet's fully-connected layers, by their shapes, and as printed",
        compression_methods,
    ),
    "lookup-costs": ("operations and bytes of AlexNet's layers by look-up tables, Quantized-CNN", lookup_costs),
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
