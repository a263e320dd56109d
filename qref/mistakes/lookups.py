"""What mistakes with look-up tables share: the operators, their operands, inputs taken from other places."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM, CONV = "LookupGemm", "LookupConv"
BOTH = (GEMM, CONV)


def operands(request: Request, operators: Sequence[str] = BOTH) -> tuple[Tensor, Tensor, Tensor, int]:
    """Input, codes, codebooks and the length of a sub-vector. Raises Unsupported for another operator."""
    check(request, operators)
    X, codes, codebooks = request.inputs[:3]
    assert X is not None and codes is not None and codebooks is not None
    return X, codes, codebooks, request.attributes.get("length", 1)


def with_columns(request: Request, columns: NDArray[np.int64], kept: NDArray[np.bool_] | None = None) -> list[Tensor]:
    """The answer where column l of the weights meets input columns[l], or nothing where it is not kept."""
    X, _, codebooks, _ = operands(request)
    G, C = request.attributes.get("group", 1), codebooks.shape[1]
    by_group = X.data.reshape(X.shape[0], G, C, *X.shape[2:])[:, :, columns]
    if kept is not None:
        by_group[:, :, ~kept] = 0
    return rerun(request, {0: Tensor("float32", by_group.reshape(X.shape))})


def bias_of(request: Request) -> Tensor:
    """The bias. Raises Unsupported without one."""
    B = request.inputs[3] if len(request.inputs) > 3 else None
    if B is None:
        raise Unsupported("the request has no bias")
    return B
