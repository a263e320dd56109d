"""LeakyRelu (1, 6, 16): f(x) = alpha * x for x < 0, f(x) = x for x >= 0."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.extended import ZERO, Value, less, times
from independent.tensors import Tensor, rounded


def leaky(x: Value, alpha: Value) -> Value:
    """NaN is not below zero: opset 16's body, Where(Less(X, 0), alpha · X, X), hands it on."""
    return times(alpha, x) if less(x, ZERO) else x


def leaky_relu(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    alpha = Fraction(attributes["alpha"])
    # Reading: "alpha * x" with the float that the attribute is. The body that opset 16 brings has CastLike(alpha, X).
    results = [
        rounded(x.dtype, x.shape, [leaky(v, slope) for v in x.values]) for slope in (alpha, as_type(alpha, x.dtype))
    ]
    return Answer(results[:1], others={"alpha cast to X's type": results[1:]} if opset >= 16 else {})
