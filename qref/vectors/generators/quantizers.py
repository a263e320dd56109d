"""Suite `quantizers`: fixed-point schemes of weights and activations, one file a scheme."""

from qref.vectors.case import Suite
from qref.vectors.generators import (
    bit_serial_conv,
    calibration,
    code_table,
    decoded,
    dorefa,
    grid,
    grid_weights,
    hwgq,
    incremental,
    number_formats,
    optimal_scale,
    semidiscrete,
    shift_conv,
    ternary_weight,
)
from qref.vectors.generators.builder import assemble

SUITE = "quantizers"
FILES = (
    decoded,
    number_formats,
    code_table,
    grid,
    grid_weights,
    shift_conv,
    bit_serial_conv,
    semidiscrete,
    optimal_scale,
    ternary_weight,
    hwgq,
    dorefa,
    incremental,
    calibration,
)


def suite() -> Suite:
    """The suite `quantizers`."""
    return assemble(SUITE, (case for file in FILES for case in file.cases(SUITE)))
