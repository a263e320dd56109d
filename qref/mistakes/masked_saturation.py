"""QuantizeLinear to few bits that saturates to a wider range and keeps the low bits."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.quantizing import quantization
from qref.numerics.saturation import saturate, wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def saturated_as(request: Request, bits: int, wider: int) -> list[Tensor]:
    """The answer where an output of `bits` bits is saturated as one of `wider` bits and then cut to its own."""
    found = quantization(request)
    own = found.integers
    if own.bits != bits:
        raise Unsupported(f"output {own.name}, the mistake is one with {bits} bits")
    lowest, highest = (-(1 << (wider - 1)), (1 << (wider - 1)) - 1) if own.signed else (0, (1 << wider) - 1)
    held = saturate(np.rint(found.quotient()) + found.zero_point, lowest, highest)
    return found.stored(wrap(held.astype(np.int64), bits, own.signed))
