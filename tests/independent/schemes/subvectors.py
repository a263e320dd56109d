"""W'[r, l] = C[B[r, l // d], l], and the matrix back in the shape of the weights, element by element."""

from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import numbers, whole
from independent.tensors import Tensor


def subvector_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    codes, _ = whole(inputs[0], "uint8"), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    shape, d = attributes.get("shape"), attributes.get("length", 1)
    refuse_unless(shape is not None and min(shape, default=0) >= 0 and d >= 1, "shape and length are wanted")
    assert shape is not None
    places = matrix_places(shape, attributes.get("layout", "rows"))
    rows, columns = max((r for r, _ in places), default=-1) + 1, max((c for _, c in places), default=-1) + 1
    if places:
        refuse_unless(inputs[0].shape == (rows, -(-columns // d)), "a code a sub-vector")
        refuse_unless(len(inputs[1].shape) == 2 and inputs[1].shape[1] == columns, "a number a column")
    refuse_unless(all(code < inputs[1].shape[0] for code in codes), "a code beyond the codebook")
    across = -(-columns // d)
    found = [inputs[1].codes[codes[r * across + c // d] * columns + c] for r, c in places]
    return [Tensor("float32", tuple(shape), found)]


def matrix_places(shape: list[int], layout: str) -> list[tuple[int, int]]:
    """Row and column, in the matrix of a layout, of each weight in C order."""
    refuse_unless(layout in ("rows", "columns", "channels"), "no such layout")
    inner, taps = prod(shape[1:]), prod(shape[2:])
    found = []
    for i in range(prod(shape)):
        m, k = divmod(i, inner) if shape else (0, 0)
        if layout == "rows":
            found.append((m, k))
        elif layout == "columns":
            found.append((k, m))
        else:
            channel, tap = divmod(k, taps) if len(shape) > 1 else (0, 0)
            found.append((m * taps + tap, channel))
    return found
