"""ConvInteger (10): Conv of the inputs less their zero points, in 32 bits."""

from typing import Any

from independent.answers import Answer
from independent.conv import geometry
from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset, positions, wrapped


def zero_points(t: Tensor | None, count: int, name: str, a_channel: bool) -> list[int]:
    """One zero point an output channel."""
    if t is None:
        return [0] * count
    if a_channel and t.rank == 1 and len(t) == count:
        return t.integers
    refuse_unless(t.rank <= 1 and len(t) == 1, f"{name} has shape {t.shape}")
    return t.integers * count


def conv_integer(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Reading: padding holds the zero point of x, a real zero."""
    x, w, x_zero_point, w_zero_point = inputs
    assert x is not None and w is not None
    g = geometry(x, w, attributes)
    (zero_of_x,) = zero_points(x_zero_point, 1, "x_zero_point", False)
    zeros_of_w = zero_points(w_zero_point, w.shape[0], "w_zero_point", True)
    results = []
    for at in positions(g.shape):
        total = 0
        for at_x, at_w in g.meetings(at):
            total += (x.integers[offset(at_x, x.shape)] - zero_of_x) * (
                w.integers[offset(at_w, w.shape)] - zeros_of_w[at[1]]
            )
        results.append(total)
    return Answer([wrapped("int32", g.shape, results)])
