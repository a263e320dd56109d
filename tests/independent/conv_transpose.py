"""ConvTranspose (1, 11, 22): input pixel i and tap k meet in output i·stride + k·dilation − pad."""

from typing import Any

from independent.answers import Answer, Sum, sum_of_products
from independent.conv import pads_given
from independent.extended import Value
from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset, positions, rounded
from independent.texts import one_a_axis


def halves(total: int, auto_pad: str, opset: int, explicit_shape: bool) -> int:
    """pads[start_i] of a total padding."""
    # Reading: pads "can take any value greater than or equal to 0"; where output_shape asks for more than there is,
    # nothing is cut off, and the missing elements follow at the end.
    total = max(total, 0)
    small, large = total // 2, total - total // 2
    if opset == 1 and explicit_shape:
        # Reading: opset 1 prints "If (auto_pads != SAME_UPPER): pads[start_i] = total_padding[i]/2"; its own
        # attribute text says the contrary of SAME_UPPER ("add the extra padding at the end for SAME_UPPER").
        return small if auto_pad != "SAME_UPPER" else large
    # opset 11: "If (auto_pads == SAME_UPPER): pads[start_i] = total_padding[i]/2 … Else: pads[start_i] =
    # total_padding[i] - (total_padding[i]/2)", so an output_shape without auto_pad has the extra one at the beginning.
    return small if auto_pad == "SAME_UPPER" else large


def axis_of(
    length: int,
    extent: int,
    stride: int,
    adjust: int,
    begin: int,
    end: int,
    auto_pad: str,
    target: int | None,
    opset: int,
) -> tuple[int, int]:
    """(output length, pads[start_i])."""
    full = stride * (length - 1) + adjust + extent
    if target is not None:
        return target, halves(full - target, auto_pad, opset, True)
    if auto_pad.startswith("SAME"):
        # Reading: opset 1 says "so that the output spatial size match the input"; 11: "input_shape[i] * strides[i]".
        return length * stride, halves(full - length * stride, auto_pad, opset, False)
    out = full - begin - end
    refuse_unless(out >= 0, f"an output of {out}")
    return out, begin


def conv_transpose(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x, w, b = inputs
    assert x is not None and w is not None
    refuse_unless(x.rank >= 3 and w.rank == x.rank, f"X has rank {x.rank}, W {w.rank}")
    axes, group = x.rank - 2, attributes["group"]
    refuse_unless(group >= 1, f"group {group}")
    refuse_unless(x.shape[1] == w.shape[0], "W has size (C x M/group x …)")
    refuse_unless(x.shape[1] % group == 0, "C is no multiple of group")
    m = w.shape[1] * group
    refuse_unless(b is None or b.shape == (m,), "B has size of M")
    kernel = list(w.shape[2:])
    refuse_unless(attributes["kernel_shape"] in (None, kernel), "kernel_shape is not that of W")
    strides = one_a_axis(attributes["strides"], axes, 1, 1, "strides")
    dilations = one_a_axis(attributes["dilations"], axes, 1, 1, "dilations")
    adjusts = one_a_axis(attributes["output_padding"], axes, 0, 0, "output_padding")
    for a, s, d in zip(adjusts, strides, dilations):
        # Reading: "must be less than the corresponding stride/dilation dimension": than the greater of the two.
        refuse_unless(opset == 1 or a < max(s, d), f"output_padding {a} with stride {s}, dilation {d}")
    target = attributes["output_shape"]
    if target is not None:
        refuse_unless(len(target) == axes and all(t >= 0 for t in target), "output_shape")
        begins, ends = pads_given(attributes | {"pads": None}, axes)  # "pads values are ignored"
    else:
        begins, ends = pads_given(attributes, axes)
    found = [
        axis_of(
            length,
            (kernel[i] - 1) * dilations[i] + 1,
            strides[i],
            adjusts[i],
            begins[i],
            ends[i],
            attributes["auto_pad"],
            None if target is None else target[i],
            opset,
        )
        for i, length in enumerate(x.shape[2:])
    ]
    out, before = [f[0] for f in found], [f[1] for f in found]
    shape = (x.shape[0], m, *out)
    sums = [element(x, w, b, at, group, strides, dilations, before) for at in positions(shape)]
    return Answer([rounded(x.dtype, shape, [s.exact for s in sums])], sums)


def element(
    x: Tensor,
    w: Tensor,
    b: Tensor | None,
    at: tuple[int, ...],
    group: int,
    strides: list[int],
    dilations: list[int],
    before: list[int],
) -> Sum:
    n, m, *o = at
    inputs_a_group = x.shape[1] // group
    g, within = divmod(m, w.shape[1])
    pairs: list[tuple[Value, Value]] = []
    for k in positions(w.shape[2:]):
        steps = [o[i] + before[i] - k[i] * dilations[i] for i in range(len(k))]
        if any(step % strides[i] for i, step in enumerate(steps)):
            continue
        place = [step // strides[i] for i, step in enumerate(steps)]
        if not all(0 <= p < d for p, d in zip(place, x.shape[2:])):
            continue
        for c in range(g * inputs_a_group, (g + 1) * inputs_a_group):
            pairs.append((x.values[offset((n, c, *place), x.shape)], w.values[offset((c, within, *k), w.shape)]))
    return sum_of_products(pairs, [] if b is None else [b.values[m]])
