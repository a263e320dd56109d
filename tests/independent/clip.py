"""Clip (1, 6, 11, 12, 13): limits the input within an interval."""

from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.extended import NAN, Value, less
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, rounded, wrapped


def smaller(a: Any, b: Any) -> bool:
    return a < b if isinstance(a, int) else less(a, b)


def limit_of(t: Tensor | None, name: str) -> Any:
    if t is None:
        return None
    refuse_unless(t.shape == (), f"{name} must be a scalar(tensor of empty shape)")
    return t.integers[0] if t.is_integer else t.values[0]


def clip(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Reading: a missing limit does not limit. The text says it is numeric_limits' largest finite number, which would
    turn ∞ into that; opset 13's body has Identity there."""
    x = inputs[0]
    assert x is not None
    low: Any
    high: Any
    if opset < 11:
        low, high = (None if attributes[n] is None else as_type(attributes[n], x.dtype) for n in ("min", "max"))
    else:
        low, high = limit_of(inputs[1], "min"), limit_of(inputs[2], "max")
    if low is NAN or high is NAN:
        raise Undecided("a limit that is NaN")
    if low is not None and high is not None and smaller(high, low) and opset < 13:
        raise Undecided("min is greater than max")
    elements = x.integers if x.is_integer else x.values
    codes = []
    for code, value in zip(x.codes, elements):
        # opset 13: 'Min(max, Max(input, min))'; its body compares by Less, so NaN passes.
        result: Any = value
        if low is not None and smaller(result, low):
            result = low
        if high is not None and smaller(high, result):
            result = high
        codes.append(code if result is value else encoded(result, x.dtype))
    return Answer([Tensor(x.dtype, x.shape, codes)])


def encoded(value: int | Value, dtype: str) -> int:
    return (wrapped(dtype, (), [value]) if isinstance(value, int) else rounded(dtype, (), [value])).codes[0]
