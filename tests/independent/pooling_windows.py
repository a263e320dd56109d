"""Where the windows of AveragePool and MaxPool lie, by the formulas printed in each version of the text."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from independent.conv import pads_given, split
from independent.refusal import refuse_unless
from independent.texts import one_a_axis


@dataclass(frozen=True)
class Axis:
    length: int
    out: int
    kernel: int
    stride: int
    dilation: int
    begin: int
    end: int

    def taps(self, o: int) -> list[int]:
        """Places of window o, those in the padding included."""
        return [o * self.stride + k * self.dilation - self.begin for k in range(self.kernel)]

    def inside(self, place: int) -> bool:
        return 0 <= place < self.length

    def in_declared(self, place: int) -> bool:
        """In the input or in its declared padding."""
        return -self.begin <= place < self.length + self.end


def automatic(op: str, opset: int, length: int, extent: int, stride: int, auto_pad: str, ceil_mode: bool) -> int:
    """The output length under auto_pad, VALID or SAME."""
    same = auto_pad.startswith("SAME")
    newest = opset >= (19 if op == "AveragePool" else 12)
    if op == "AveragePool" and opset == 11 and not ceil_mode:
        # Reading: opset 11 prints floor here, against its own attribute ("ceil(input_shape[i] / strides[i])").
        return floor(Fraction(length, stride)) if same else floor(Fraction(length - extent + 1, stride))
    if newest and not ceil_mode:
        return floor(Fraction(length - 1 if same else length - extent, stride)) + 1
    return ceil(Fraction(length if same else length - extent + 1, stride))


def axis_of(
    op: str,
    opset: int,
    length: int,
    kernel: int,
    stride: int,
    dilation: int,
    auto_pad: str,
    begin: int,
    end: int,
    ceil_mode: bool,
) -> Axis:
    extent = (kernel - 1) * dilation + 1
    if auto_pad == "NOTSET":
        exact = Fraction(length + begin + end - extent, stride) + 1
        out = ceil(exact) if ceil_mode else floor(exact)
        # "Sliding windows that would start in the right padded region are ignored."
        while opset >= 22 and out > 0 and (out - 1) * stride >= length + begin:
            out -= 1
    else:
        out = automatic(op, opset, length, extent, stride, auto_pad, ceil_mode)
        begin = end = 0
        if auto_pad != "VALID":
            begin, end = split((out - 1) * stride + extent - length, auto_pad)
    refuse_unless(out >= 0, f"a window of {extent} in {length + begin + end}")
    return Axis(length, out, kernel, stride, dilation, begin, end)


def windows(op: str, opset: int, attributes: dict[str, Any], spatial: tuple[int, ...]) -> list[Axis]:
    axes = len(spatial)
    kernel = one_a_axis(attributes["kernel_shape"], axes, 1, 1, "kernel_shape")
    strides = one_a_axis(attributes["strides"], axes, 1, 1, "strides")
    dilations = one_a_axis(attributes.get("dilations"), axes, 1, 1, "dilations")
    begins, ends = pads_given(attributes, axes)
    ceil_mode = attributes.get("ceil_mode", 0) != 0
    auto_pad = attributes["auto_pad"]
    return [
        axis_of(op, opset, spatial[i], kernel[i], strides[i], dilations[i], auto_pad, begins[i], ends[i], ceil_mode)
        for i in range(axes)
    ]
