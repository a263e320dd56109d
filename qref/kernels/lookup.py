"""LookupGemm and LookupConv by look-ups in registers, and by rows of tables."""

from qref.kernels.codebooks.lookup_gemm import product
from qref.kernels.conv.lookup import convolution
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref import lookup_conv as conv_reference
from qref.ops.qref import lookup_gemm as gemm_reference
from qref.ops.request import Request


def lookup_gemm(request: Request, operator: Operator) -> Tensor:
    """LookupGemm, checked by the reference."""
    given = keywords(request, operator)
    X, codes, codebooks, B = (*request.inputs, None)[:4]
    assert X is not None and codes is not None and codebooks is not None
    return gemm_reference.by_sums(product, X, codes, codebooks, B, **given)


def lookup_conv(request: Request, operator: Operator) -> Tensor:
    """LookupConv, checked by the reference."""
    given = keywords(request, operator)
    X, codes, codebooks, B = (*request.inputs, None)[:4]
    assert X is not None and codes is not None and codebooks is not None
    return conv_reference.by_sums(convolution, X, codes, codebooks, B, **given)
