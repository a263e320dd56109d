"""BatchNormalization (1, 6, 7, 9, 14, 15): Y = (X - mean) / sqrt(var + epsilon) * scale + B."""

from fractions import Fraction
from math import isqrt, prod
from typing import Any

from mpmath import iv

from independent.answers import Answer
from independent.certain_rounding import correctly_rounded, interval
from independent.extended import (
    MINUS_ZERO,
    NAN,
    Value,
    is_finite,
    is_negative,
    is_zero,
    minus,
    over,
    plus,
    real,
    times,
    total,
)
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, positions, rounded


def exact_root(v: Fraction) -> Fraction | None:
    """The square root where it is rational."""
    top, bottom = isqrt(v.numerator), isqrt(v.denominator)
    return Fraction(top, bottom) if top * top == v.numerator and bottom * bottom == v.denominator else None


def normalized(x: Value, mean: Value, var: Value, scale: Value, b: Value, epsilon: Fraction, dtype: str) -> Value:
    """The formula's exact value, or what it rounds to in `dtype` where the root is irrational."""
    centred, spread = minus(x, mean), plus(var, epsilon)
    if spread is NAN or (is_negative(spread) and spread is not MINUS_ZERO):
        return NAN
    if not isinstance(spread, Fraction) or spread == 0:
        return plus(times(over(centred, spread), scale), b)
    root = exact_root(spread)
    if root is not None:
        return plus(times(over(centred, root), scale), b)
    product = times(centred, scale)
    if is_zero(product) or not isinstance(product, Fraction) or not is_finite(b):
        return plus(product, b)  # zeros and infinities stand whatever the positive root is
    return correctly_rounded(lambda: a_over_root(product, spread, real(b)), dtype)


def a_over_root(a: Fraction, v: Fraction, b: Fraction) -> Any:
    return interval(a) / iv.sqrt(interval(v)) + interval(b)


def batch_normalization(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x, scale, b, mean, var = inputs
    assert x is not None and scale is not None and b is not None and mean is not None and var is not None
    training = attributes["training_mode"] != 0 if opset >= 14 else outputs > 1
    if opset < 7 and not training and not attributes["is_test"]:
        raise Undecided("one output, and is_test is 0")
    if opset >= 14:
        refuse_unless(training or outputs == 1, "When training_mode=False, extra outputs are invalid")
    if opset == 1:
        refuse_unless(x.rank == 4, "The input 4-dimensional tensor of shape NCHW")
    if opset < 9:
        refuse_unless(x.rank >= 2, f"X has rank {x.rank}")
    refuse_unless(x.rank >= 1, "X is a scalar")
    # "The op also accepts single dimension input of size N in which case C is assumed to be 1"
    channels = x.shape[1] if x.rank >= 2 else 1
    per_feature = opset < 9 and attributes["spatial"] == 0
    if per_feature and opset < 7:
        raise Undecided("spatial=0 beside statistics of size C")
    wanted = x.shape[1:] if per_feature else (channels,)
    for t in (scale, b, mean, var):
        refuse_unless(t.shape == wanted, f"{t.shape} instead of {wanted}")
    inner = prod(x.shape[2:])
    features = [offset_of_feature(i, x.shape, inner, per_feature) for i in range(len(x))]
    epsilon = Fraction(attributes["epsilon"])
    if training:
        if opset < 14:
            raise Undecided("training before opset 14 has no formula")
        return trained(attributes, x, scale, b, mean, var, features, channels, outputs)
    results = [
        normalized(value, mean.values[f], var.values[f], scale.values[f], b.values[f], epsilon, x.dtype)
        for value, f in zip(x.values, features)
    ]
    return Answer([rounded(x.dtype, x.shape, results)])


def offset_of_feature(i: int, shape: tuple[int, ...], inner: int, per_feature: bool) -> int:
    """Which entry of scale belongs to element i of X."""
    if len(shape) == 1:
        return 0
    return i % prod(shape[1:]) if per_feature else i // inner % shape[1]


def trained(
    attributes: dict[str, Any],
    x: Tensor,
    scale: Tensor,
    b: Tensor,
    mean: Tensor,
    var: Tensor,
    features: list[int],
    channels: int,
    outputs: int,
) -> Answer:
    """training_mode=1 of opsets 14 and 15: exact current_mean and current_var, the population's."""
    epsilon, momentum = Fraction(attributes["epsilon"]), Fraction(attributes["momentum"])
    means: list[Value] = []
    variances: list[Value] = []
    for channel in range(channels):
        own = [v for v, f in zip(x.values, features) if f == channel]
        if not own:
            raise Undecided("statistics of nothing")
        count = Fraction(len(own))
        middle = over(total(own), count)
        means.append(middle)
        variances.append(over(total(times(minus(v, middle), minus(v, middle)) for v in own), count))
    y = [
        normalized(v, means[f], variances[f], scale.values[f], b.values[f], epsilon, x.dtype)
        for v, f in zip(x.values, features)
    ]
    results = [rounded(x.dtype, x.shape, y)]
    for old, current in ((mean, means), (var, variances)):
        mixed = [
            plus(times(old.values[c], momentum), times(current[c], 1 - momentum)) for (c,) in positions((channels,))
        ]
        results.append(rounded(old.dtype, old.shape, mixed))
    return Answer(results[:outputs])
