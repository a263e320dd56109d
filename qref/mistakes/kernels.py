"""A convolution with other kernels than its own."""

from collections.abc import Callable, Sequence

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.products import CONVOLUTIONS, POSITIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def with_kernels(
    request: Request, alter: Callable[[Array], Array], operators: Sequence[str] = CONVOLUTIONS
) -> list[Tensor]:
    """The reference's answer where the weights are `alter`'s of the request's, in the same shape."""
    check(request, operators)
    at = POSITIONS[request.op].right
    w = request.inputs[at]
    assert w is not None
    return rerun(request, inputs={at: Tensor(w.dtype, np.ascontiguousarray(alter(w.data)))})
