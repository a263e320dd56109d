"""Numpy-style broadcasting ("Broadcasting in ONNX"): shapes are aligned at their ends, a length of 1 stretches."""

from itertools import zip_longest

from qref.ops.check import computable, require

Shape = tuple[int, ...]


def multidirectional(a: Shape, b: Shape) -> Shape:
    """The shape that two shapes broadcast to, each stretched to the other. Raises InvalidInput where there is none.

    Raises Unsupported where it is too large to be computed.
    """
    shape = []
    for m, n in zip_longest(reversed(a), reversed(b), fillvalue=1):
        require(m == n or 1 in (m, n), f"shapes {list(a)} and {list(b)} do not broadcast: {m} meets {n}")
        shape.append(n if m == 1 else m)
    computable(shape)
    return tuple(reversed(shape))


def unidirectional(small: Shape, large: Shape) -> None:
    """Raises InvalidInput unless `small` stretches to `large`, and `large` stays as it is."""
    fits = len(small) <= len(large) and all(m in (1, n) for m, n in zip(reversed(small), reversed(large), strict=False))
    require(fits, f"shape {list(small)} does not broadcast to {list(large)}")
