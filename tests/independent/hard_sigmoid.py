"""HardSigmoid (1, 6, 22): y = max(0, min(1, alpha * x + beta))."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
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
    """Reading: the formula's exact value rounded once, with the attributes cast to X's type as opset 6's body casts
    them (its body rounds alpha · x as well); opset 1 has no body, there the attributes are the floats they are."""
    x = inputs[0]
    assert x is not None
    alpha, beta = Fraction(attributes["alpha"]), Fraction(attributes["beta"])
    a, b = (as_type(f, x.dtype) if opset >= 6 else f for f in (alpha, beta))
    return Answer([rounded(x.dtype, x.shape, [hard(v, a, b) for v in x.values])])
