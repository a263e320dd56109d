"""HardSigmoid (1, 6, 22): y = max(0, min(1, alpha * x + beta))."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.binary_formats import BINARIES, encode, nearest
from independent.extended import NAN, ONE, ZERO, Value, less, plus, times
from independent.tensors import Tensor, rounded


def hard(x: Value, alpha: Value, beta: Value) -> Value:
    """Exact. Reading: NaN passes min and max."""
    line = plus(times(alpha, x), beta)
    if line is NAN:
        return NAN
    if less(line, ZERO):
        return ZERO
    return ONE if less(ONE, line) else line


def hard_sigmoid(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Reading: the formula's exact value rounded once, with the floats that the attributes are. The body that opset 6
    has casts them to X's type, and rounds each step."""
    x = inputs[0]
    assert x is not None
    alpha, beta = Fraction(attributes["alpha"]), Fraction(attributes["beta"])
    plain = rounded(x.dtype, x.shape, [hard(v, alpha, beta) for v in x.values])
    a, b = as_type(alpha, x.dtype), as_type(beta, x.dtype)
    cast = rounded(x.dtype, x.shape, [hard(v, a, b) for v in x.values])
    steps = Tensor(x.dtype, x.shape, [stepwise(v, a, b, x.dtype) for v in x.values])
    others = {"attributes cast to X's type": [cast], "the body, each step rounded": [steps]}
    return Answer([plain], others=others if opset >= 6 else {})


def stepwise(x: Value, alpha: Value, beta: Value, dtype: str) -> int:
    b = BINARIES[dtype]
    line = nearest(plus(nearest(times(alpha, x), b), beta), b)
    return encode(hard(line, ONE, ZERO), b)
