"""qref's own operators (domain "qref"): rules and schemes that no standard's operator holds, one scheme a file."""

from qref.ops.operator import Operator
from qref.ops.qref import (
    binary_connect,
    binary_weight,
    bit_serial_conv,
    calibration,
    code_table,
    dorefa,
    grid,
    grid_weights,
    hwgq,
    incremental,
    inner_product_hashing,
    number_formats,
    optimal_scale,
    scaled_decode,
    semidiscrete,
    shift_conv,
    sq_bwn,
    subvectors,
    ternary_weight,
    xnor_net,
)
from qref.ops.qref.requantize import REQUANTIZE

OPERATORS: tuple[Operator, ...] = (
    REQUANTIZE,
    *scaled_decode.OPERATORS,
    *number_formats.OPERATORS,
    *code_table.OPERATORS,
    *grid.OPERATORS,
    *grid_weights.OPERATORS,
    *shift_conv.OPERATORS,
    *bit_serial_conv.OPERATORS,
    *binary_connect.OPERATORS,
    *binary_weight.OPERATORS,
    *optimal_scale.OPERATORS,
    *calibration.OPERATORS,
    *xnor_net.OPERATORS,
    *sq_bwn.OPERATORS,
    *inner_product_hashing.OPERATORS,
    *semidiscrete.OPERATORS,
    *ternary_weight.OPERATORS,
    *hwgq.OPERATORS,
    *dorefa.OPERATORS,
    *incremental.OPERATORS,
    *subvectors.OPERATORS,
)
"""Every operator of the domain."""
