"""HardSwish (14, 22): y = x * HardSigmoid<alpha, beta>(x), alpha = 1/6, beta = 0.5."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.binary_formats import BINARIES, nearest
from independent.extended import times
from independent.hard_sigmoid import hard
from independent.tensors import Tensor, rounded


def hard_swish(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Reading: alpha is the body's, float32(1/6) cast to X's type; the product is rounded once."""
    x = inputs[0]
    assert x is not None
    sixth = nearest(Fraction(1, 6), BINARIES["float32"])
    assert isinstance(sixth, Fraction)
    alpha, beta = as_type(sixth, x.dtype), Fraction(1, 2)
    return Answer([rounded(x.dtype, x.shape, [times(v, hard(v, alpha, beta)) for v in x.values])])
