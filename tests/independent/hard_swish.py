"""HardSwish (14, 22): y = x * HardSigmoid<alpha, beta>(x), alpha = 1/6, beta = 0.5."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.binary_formats import BINARIES, decode, nearest
from independent.extended import times
from independent.hard_sigmoid import hard, stepwise
from independent.tensors import Tensor, rounded


def hard_swish(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Reading: alpha is 1/6 as a float attribute of HardSigmoid can hold it, as in the body; one rounding. The body
    itself casts it to X's type and rounds each step; the text says "alpha = 1/6"."""
    x = inputs[0]
    assert x is not None
    sixth = nearest(Fraction(1, 6), BINARIES["float32"])
    assert isinstance(sixth, Fraction)
    beta = Fraction(1, 2)
    b = BINARIES[x.dtype]
    plain, cast, real_sixth = (
        rounded(x.dtype, x.shape, [times(v, hard(v, alpha, beta)) for v in x.values])
        for alpha in (sixth, as_type(sixth, x.dtype), Fraction(1, 6))
    )
    gates = [decode(stepwise(v, as_type(sixth, x.dtype), beta, x.dtype), b) for v in x.values]
    steps = rounded(x.dtype, x.shape, [times(v, gate) for v, gate in zip(x.values, gates)])
    others = {
        "alpha cast to X's type": [cast],
        "alpha the real 1/6": [real_sixth],
        "the body, each step rounded": [steps],
    }
    return Answer([plain], others=others)
