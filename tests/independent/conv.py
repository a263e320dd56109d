"""Conv (1, 11, 22): Y[n, m, o] = B[m] + Σ_c Σ_k X[n, c, o·stride + k·dilation − pad] · W[m, c, k] within m's group."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from independent.answers import Answer, sum_of_products
from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset, positions, rounded
from independent.texts import one_a_axis

AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


def pads_given(attributes: dict[str, Any], axes: int) -> tuple[list[int], list[int]]:
    """Explicit pads, begin and end."""
    refuse_unless(attributes["auto_pad"] in AUTO_PADS, f"auto_pad {attributes['auto_pad']}")
    pads = attributes["pads"]
    # "This attribute cannot be used simultaneously with auto_pad attribute."
    refuse_unless(pads is None or attributes["auto_pad"] == "NOTSET", "pads together with auto_pad")
    if pads is None:
        return [0] * axes, [0] * axes
    refuse_unless(len(pads) == 2 * axes, f"{len(pads)} pads for {axes} axes")
    refuse_unless(all(p >= 0 for p in pads), "negative pads")
    return pads[:axes], pads[axes:]


def split(total: int, auto_pad: str) -> tuple[int, int]:
    """Half to each side, "the extra padding is added at the end for SAME_UPPER and at the beginning for SAME_LOWER"."""
    total = max(total, 0)  # Reading: strides that skip pixels leave nothing to pad (readings.md 6)
    small, large = total // 2, total - total // 2
    return (small, large) if auto_pad == "SAME_UPPER" else (large, small)


def axis_of(length: int, extent: int, stride: int, auto_pad: str, begin: int, end: int) -> tuple[int, int]:
    """(output length, padding before) of one axis. `extent` is (kernel − 1) · dilation + 1."""
    if auto_pad.startswith("SAME"):
        # Reading: opset 1 only says "so that the output spatial size match the input"; opset 11 says what that means:
        # "output_shape[i] = ceil(input_shape[i] / strides[i])".
        out = -(-length // stride)
        return out, split((out - 1) * stride + extent - length, auto_pad)[0]
    # Reading: "functions of the kernel size, stride size, and pad lengths": each place where the whole kernel fits.
    room = length + begin + end - extent
    out = room // stride + 1
    refuse_unless(out >= 0, f"the kernel spans {extent} of {length + begin + end}")
    return out, begin


@dataclass(frozen=True)
class Geometry:
    x: tuple[int, ...]
    w: tuple[int, ...]
    shape: tuple[int, ...]
    group: int
    strides: list[int]
    dilations: list[int]
    before: list[int]

    def meetings(self, at: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The places of X and W whose products make output `at`.

        Reading: padding adds pixels of zero that take no part, so 0·∞ does not arise there.
        """
        n, m, *o = at
        first = m // (self.w[0] // self.group) * self.w[1]
        for k in positions(self.w[2:]):
            place = [o[i] * self.strides[i] + k[i] * self.dilations[i] - self.before[i] for i in range(len(k))]
            if all(0 <= p < d for p, d in zip(place, self.x[2:])):
                for c in range(self.w[1]):
                    yield (n, first + c, *place), (m, c, *k)


def geometry(x: Tensor, w: Tensor, attributes: dict[str, Any]) -> Geometry:
    refuse_unless(x.rank >= 3 and w.rank == x.rank, f"X has rank {x.rank}, W {w.rank}")
    axes, group = x.rank - 2, attributes["group"]
    refuse_unless(group >= 1, f"group {group}")
    refuse_unless(x.shape[1] == w.shape[1] * group, "X.shape[1] == (W.shape[1] * group) == C")
    refuse_unless(w.shape[0] % group == 0, "M is no multiple of group")
    kernel = list(w.shape[2:])
    refuse_unless(attributes["kernel_shape"] in (None, kernel), "kernel_shape is not that of W")
    refuse_unless(all(k >= 1 for k in kernel), "an empty kernel")
    strides = one_a_axis(attributes["strides"], axes, 1, 1, "strides")
    dilations = one_a_axis(attributes["dilations"], axes, 1, 1, "dilations")
    begins, ends = pads_given(attributes, axes)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    found = [
        axis_of(length, extents[i], strides[i], attributes["auto_pad"], begins[i], ends[i])
        for i, length in enumerate(x.shape[2:])
    ]
    shape = (x.shape[0], w.shape[0], *(out for out, _ in found))
    return Geometry(x.shape, w.shape, shape, group, strides, dilations, [before for _, before in found])


def conv(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x, w, b = inputs
    assert x is not None and w is not None
    g = geometry(x, w, attributes)
    refuse_unless(b is None or b.shape == (w.shape[0],), "B has size of M")
    sums = []
    for at in positions(g.shape):
        pairs = [(x.values[offset(i, x.shape)], w.values[offset(k, w.shape)]) for i, k in g.meetings(at)]
        sums.append(sum_of_products(pairs, [] if b is None else [b.values[at[1]]]))
    return Answer([rounded(x.dtype, g.shape, [s.exact for s in sums])], sums)
