"""Clip (1, 6, 11, 12, 13): limits the input within an interval."""

from typing import Any

from independent.answers import Answer
from independent.attribute_casts import as_type
from independent.binary_formats import BINARIES
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
    """Reading: "They default to numeric_limits::lowest() and numeric_limits::max()", so that an infinity becomes finite
    where no limit is given; in opset 13, whose body has no limit there, it stays."""
    x = inputs[0]
    assert x is not None
    if opset < 11:
        limits = [None if attributes[n] is None else as_type(attributes[n], x.dtype) for n in ("min", "max")]
    else:
        limits = [limit_of(inputs[1], "min"), limit_of(inputs[2], "max")]
    low, high = limits
    if low is NAN or high is NAN:
        raise Undecided("a limit that is NaN")
    if low is not None and high is not None and smaller(high, low) and opset < 13:
        raise Undecided("min is greater than max")
    unlimited = within(x, low, high)
    largest = BINARIES[x.dtype].largest if x.is_float else None
    if largest is None:
        return Answer([unlimited])
    limited = within(x, -largest if low is None else low, largest if high is None else high)
    if opset >= 13:
        return Answer([unlimited], others={"numeric_limits where no limit is given": [limited]})
    return Answer([limited], others={"no limit where none is given": [unlimited]} if opset >= 11 else {})


def within(x: Tensor, low: Any, high: Any) -> Tensor:
    """'Min(max, Max(input, min))', compared by Less as in opset 13's body, so that NaN passes."""
    codes = []
    for code, value in zip(x.codes, x.integers if x.is_integer else x.values):
        result: Any = value
        if low is not None and smaller(result, low):
            result = low
        if high is not None and smaller(high, result):
            result = high
        codes.append(code if result is value else encoded(result, x.dtype))
    return Tensor(x.dtype, x.shape, codes)


def encoded(value: int | Value, dtype: str) -> int:
    return (wrapped(dtype, (), [value]) if isinstance(value, int) else rounded(dtype, (), [value])).codes[0]
