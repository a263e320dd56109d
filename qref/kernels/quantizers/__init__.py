"""Fast paths of the weight schemes: codes as the reference's, scales within their bounds."""

from collections.abc import Callable
from typing import Any

from qref.kernels.codebooks import error_corrected, hashed, kmeans, optimal_scalar, scalar
from qref.kernels.quantizers import (
    binary_connect,
    binary_weight,
    grid,
    inner_product_hashing,
    optimal_scale,
    optimal_scale_global,
    semidiscrete,
    ternary_weight,
)
from qref.quantizers.encoded import Encoded

SCHEMES: dict[str, Callable[..., Encoded]] = {
    "qref.quantizers.uniform_weights.UniformWeights": grid.encode_uniform,
    "qref.quantizers.logarithmic_weights.LogarithmicWeights": grid.encode_logarithmic,
    "qref.quantizers.lloyd_max_weights.LloydMaxWeights": grid.encode_lloyd_max,
    "qref.quantizers.binary_connect.BinaryConnect": binary_connect.encode,
    "qref.quantizers.optimal_scale.OptimalScale": optimal_scale.encode,
    "qref.quantizers.optimal_scale_global.OptimalScaleGlobal": optimal_scale_global.encode,
    "qref.quantizers.binary_weight.BinaryWeight": binary_weight.encode,
    "qref.quantizers.inner_product_hashing.InnerProductHashing": inner_product_hashing.encode,
    "qref.quantizers.semidiscrete.FixedPointFactorized": semidiscrete.encode,
    "qref.quantizers.ternary_weight.TernaryWeight": ternary_weight.encode,
    "qref.quantizers.ternary_weight.TernaryExact": ternary_weight.encode_exact,
    "qref.codebooks.optimal_scalar.ScalarCodebook": optimal_scalar.encode,
    "qref.codebooks.scalar.ScalarCodebookLloyd": scalar.encode,
    "qref.codebooks.hashed.HashedWeights": hashed.encode,
    "qref.codebooks.vector.VectorCodebook": kmeans.encode_vectors,
    "qref.codebooks.product.ProductCodebook": kmeans.encode,
    "qref.codebooks.error_corrected.ErrorCorrected": error_corrected.encode,
}
"""Which fast path serves which scheme: called with the scheme and the arguments of its `encode`."""


def encode(scheme: Any, W: Any, **given: Any) -> Encoded:
    """What `scheme.encode(W, …)` gives, by the fast path where there is one."""
    fast = SCHEMES.get(f"{type(scheme).__module__}.{type(scheme).__qualname__}")
    if fast is None:
        return scheme.encode(W, **given)
    return fast(scheme, W if W.flags.writeable else W.copy(), **given)  # compiled loops take what can be written
