"""Suite `quantizers`: fixed-point schemes of weights and activations, one file a scheme."""

from qref.vectors.case import Suite
from qref.vectors.generators import bit_serial_conv, decoded, semidiscrete, shift_conv
from qref.vectors.generators.builder import assemble

SUITE = "quantizers"
FILES = (decoded, shift_conv, bit_serial_conv, semidiscrete)


def suite() -> Suite:
    """The suite `quantizers`."""
    return assemble(SUITE, (case for file in FILES for case in file.cases(SUITE)))
