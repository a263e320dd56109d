"""Suite `binary`: schemes whose weights, activations or both are signs, one file a scheme."""

from qref.vectors.case import Suite
from qref.vectors.generators import binary_connect, binary_weight, inner_product_hashing, sq_bwn, xnor_net
from qref.vectors.generators.builder import assemble

SUITE = "binary"
FILES = (binary_weight, inner_product_hashing, binary_connect, xnor_net, sq_bwn)


def suite() -> Suite:
    """The suite `binary`."""
    return assemble(SUITE, (case for file in FILES for case in file.cases(SUITE)))
