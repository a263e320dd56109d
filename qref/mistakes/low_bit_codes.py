"""QuantizeLinear and DequantizeLinear whose codes of fewer than eight bits are packed wrongly."""

from collections.abc import Callable

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import LINEAR, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def with_codes(request: Request, bits: int, alter: Callable[[Array], Array]) -> list[Tensor]:
    """The answer where the codes of the quantized tensor, x of DequantizeLinear or y of QuantizeLinear, are `alter`'s.

    Raises Unsupported where they are not of `bits` bits.
    """
    check(request, LINEAR)
    to_integers = request.op == "QuantizeLinear"
    quantized = rerun(request)[0] if to_integers else request.inputs[0]
    assert quantized is not None
    if quantized.format.bits != bits:
        raise Unsupported(f"{quantized.dtype} is quantized, the mistake is one with {bits} bits")
    altered = Tensor(quantized.dtype, alter(quantized.data))
    return [altered] if to_integers else rerun(request, inputs={0: altered})


def reversed_in_bytes(codes: Array, each: int) -> Array:
    """The codes in the order in which a reader finds them who starts at the other end of each byte of `each` codes."""
    padded = np.zeros(-(-codes.size // each) * each, codes.dtype)
    padded[: codes.size] = codes.reshape(-1)
    return padded.reshape(-1, each)[:, ::-1].reshape(-1)[: codes.size].reshape(codes.shape)
