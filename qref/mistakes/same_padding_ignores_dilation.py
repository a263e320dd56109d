"""SAME padding ignores dilation: it is computed from the kernel's own length."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, same, same_pads, spatial, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def undilated(own: Geometry) -> Geometry:
        totals = [
            max((-(-length // s) - 1) * s + k - length, 0)
            for length, s, k in zip(spatial(request), own.strides, own.kernel, strict=True)
        ]
        begin, end = same_pads(request, totals)
        return replace(own, pads_begin=begin, pads_end=end)

    return under(request, undilated, where=same)


MISTAKE = Mistake(
    name="same-padding-ignores-dilation",
    operators=WINDOWS,
    flags=("same-upper", "same-lower", "dilation"),
    effect=(
        "SAME is computed with k instead of (k − 1)·d + 1: length 22, kernel 3 and dilation 2 get pads 1, 1 instead of "
        "2, 2, and 20 outputs instead of 22."
    ),
    fix="Use the dilated length (k − 1)·d + 1 in the formula.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxscript#3037", "onnx/onnx#2043", "onnx/tensorflow-onnx#1046"),
    real=True,
)
