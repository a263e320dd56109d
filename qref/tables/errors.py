"""How the error of each algorithm in float32 grows with the number of channels, measured here, beside its bound."""

from qref.conv import ALGORITHMS
from qref.conv.error_growth import error_growth
from qref.tables.table import Table

CHANNELS = (1, 4, 16, 64, 256)
SOURCE = (
    "qref.conv.error_growth: 14×14 pixels, 8 kernels of 3×3 (5×5 for F(2×2, 5×5)), operands uniform in [−1, 1), "
    "on this machine"
)


def errors() -> Table:
    """largest, typical (root mean square) and bound in units of u·Σ|x||w|, u = 2⁻²⁴.

    The last digits of largest and typical depend on the order in which this machine's NumPy sums up.
    """
    rows = [
        (algorithm.name, growth.channels, growth.largest, growth.typical, growth.bound)
        for algorithm in ALGORITHMS.values()
        if algorithm.operands == "numbers"
        for growth in error_growth(algorithm, CHANNELS)
    ]
    digits = {"channels": 0, "largest": 3, "typical": 3, "bound": 1}
    return Table("errors", ("algorithm", "channels", "largest", "typical", "bound"), tuple(rows), SOURCE, digits)
