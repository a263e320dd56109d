"""Suite `convolution`: Conv, ConvTranspose and ConvInteger where algorithms for convolution typically go wrong."""

from collections.abc import Iterator

from qref.vectors.case import Case, Suite
from qref.vectors.generators.builder import assemble

SUITE = "convolution"


def suite() -> Suite:
    """The suite `convolution`."""
    return assemble(SUITE, cases())


def cases() -> Iterator[Case]:
    """All cases of the suite."""
    yield from ()
