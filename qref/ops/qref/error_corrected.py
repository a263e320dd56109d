"""ErrorCorrectedCodebook: codes and codebooks of sub-vectors, corrected by what a layer gives on its inputs.

qref's own operator (domain "qref", opset 1).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks import error_corrected as reference
from qref.codebooks.error_bounds import Uncertainty
from qref.codebooks.error_corrected import SWEEPS, given_inputs
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.product_codebook import tensors
from qref.ops.qref.subvectors import subvector_decode
from qref.quantizers.weights import finite

Operands = tuple[Subvectors, NDArray[np.float32], NDArray[np.float32], int, float]


def error_corrected_codebook(
    W: Tensor, X: Tensor, codes: Tensor, codebooks: Tensor, **given: Any
) -> tuple[Tensor, Tensor]:
    """B and D after `sweeps` sweeps over the sub-spaces at most: uint8 [R, S], float32 [V, L].

    Args:
        W: finite float32, output channels first. X: finite float32 [samples, weights of a channel], or [groups, …].
        codes, codebooks: where to begin, as SubvectorDecode takes them, of layout "rows" for matrices, "channels" for
        kernels. length: of a sub-vector. sweeps: from 0 on. ridge: ρ, from 0 on.

    Raises:
        InvalidInput: another type or shape, NaN or infinity, a code from V on, a length below 1, sweeps or a ridge
        below 0.
    """
    return tensors(reference.corrected(*operands(W, X, codes, codebooks, **given)))


def operands(
    W: Tensor,
    X: Tensor,
    codes: Tensor,
    codebooks: Tensor,
    *,
    length: int = 4,
    sweeps: int = SWEEPS,
    ridge: float = 0.0,
    opset: int = 1,
) -> Operands:
    """The start, W, the inputs of each group, the number of sweeps and ρ, checked."""
    dtype("W", W, ("float32",))
    dtype("X", X, ("float32",))
    require(sweeps >= 0, f"{sweeps} sweeps: give 0 at least")
    require(ridge >= 0, f"ridge is {ridge}: give 0 at least")
    w = finite("W", W.data)
    inputs = given_inputs(w, X.data)
    computable((len(inputs), inputs.shape[2], inputs.shape[2]))  # SSᵀ of each group
    layout = "channels" if w.ndim > 2 else "rows"
    subvector_decode(codes, codebooks, shape=w.shape, length=length, layout=layout)
    require(codes.shape[0] == matrix_shape(w.shape, layout)[0], "codes of another layer")
    return Subvectors(w.shape, layout, codes.data, codebooks.data, length, width=8), w, inputs, sweeps, ridge


def error_corrected_bound(W: Tensor, X: Tensor, codes: Tensor, codebooks: Tensor, **given: Any) -> list[Bound]:
    """None for the codes; for codewords that of least squares, whose sums carry the errors of other codewords."""
    found = Uncertainty.of(*operands(W, X, codes, codebooks, **given))
    return [Bound(np.zeros(codes.shape)), Bound(found.codewords)]


def error_corrected_margin(W: Tensor, X: Tensor, codes: Tensor, codebooks: Tensor, **given: Any) -> float:
    """The smallest of all choices of codes, and of all pivots that are not 0."""
    return Uncertainty.of(*operands(W, X, codes, codebooks, **given)).margin


OPERATORS = (
    Operator(
        "ErrorCorrectedCodebook",
        "qref",
        opsets=(1,),
        inputs=(4, 4),
        outputs=2,
        attributes={
            "length": Attribute("int", 4),
            "sweeps": Attribute("int", SWEEPS),
            "ridge": Attribute("float", 0.0),
        },
        function=error_corrected_codebook,
        bound=error_corrected_bound,
        margin=error_corrected_margin,
    ),
)
