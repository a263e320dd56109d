"""qref's own operators (domain "qref"): rules and schemes that no standard's operator holds, one scheme a file."""

from qref.ops.operator import Operator
from qref.ops.qref import binary_weight, scaled_decode
from qref.ops.qref.requantize import REQUANTIZE

OPERATORS: tuple[Operator, ...] = (
    REQUANTIZE,
    *scaled_decode.OPERATORS,
    *binary_weight.OPERATORS,
)
"""Every operator of the domain."""
