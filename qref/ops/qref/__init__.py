"""qref's own operators (domain "qref"): rules and schemes that no standard's operator holds, one scheme a file."""

from qref.ops.operator import Operator
from qref.ops.qref import binary_connect, binary_weight, scaled_decode, sq_bwn, xnor_net
from qref.ops.qref.requantize import REQUANTIZE

OPERATORS: tuple[Operator, ...] = (
    REQUANTIZE,
    *scaled_decode.OPERATORS,
    *binary_connect.OPERATORS,
    *binary_weight.OPERATORS,
    *xnor_net.OPERATORS,
    *sq_bwn.OPERATORS,
)
"""Every operator of the domain."""
