"""The seed's table of N-bit codes for every N that the integers allow: range and number of values."""

from qref.errors import InvalidInput
from qref.quantizers import logarithmic, uniform
from qref.tables.table import Cell, Table

SOURCE = (
    "seed, N-bit Fixed point Quantization: HOW?; qref.quantizers.uniform, logarithmic, non_uniform. A logarithmic "
    "code of 7 bits would reach 2^126, which no 64-bit integer holds; a codebook has at most 256 values here"
)
COLUMNS = ("bits", "values", "non_uniform", "uniform", "logarithmic")


def code_table() -> Table:
    """One row a number of bits: how many codes, and the value of the last one in each column of the seed."""
    rows: list[tuple[Cell, ...]] = []
    for N in range(1, uniform.MOST + 1):
        codebook = f"C_{(1 << N) - 1}" if N <= 8 else None
        rows.append((N, str(1 << N), codebook, str(uniform.largest(N)), _logarithmic(N)))
    return Table("code-table", COLUMNS, tuple(rows), SOURCE, {"bits": 0})


def _logarithmic(N: int) -> str | None:
    try:
        return str(logarithmic.largest(N))
    except InvalidInput:
        return None
