"""Suite `convolution`: Conv, ConvTranspose and ConvInteger where algorithms for convolution typically go wrong.

Most operands are small integers, so that every algorithm, in every order and with every transform, has one right answer.
"""

from qref.vectors.case import Suite
from qref.vectors.generators import (
    convolution_layouts,
    convolution_mistakes,
    convolution_operands,
    convolution_transforms,
    transposed_convolution,
)
from qref.vectors.generators.builder import assemble
from qref.vectors.generators.convolution_case import SUITE


def suite() -> Suite:
    """The suite `convolution`."""
    return assemble(
        SUITE,
        (
            *convolution_layouts.cases(),
            *convolution_transforms.cases(),
            *convolution_operands.cases(),
            *transposed_convolution.cases(),
            *convolution_mistakes.cases(),
        ),
    )
