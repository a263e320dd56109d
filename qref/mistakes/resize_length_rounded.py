"""Resize: length · scale rounded to nearest, not down."""

from dataclasses import replace
from fractions import Fraction
from math import floor

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, planned, with_axes
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize_geometry import Axis
from qref.ops.request import Request


def rounded(axis: Axis) -> Axis:
    share = axis.end - axis.start
    return replace(axis, resized=floor(axis.length * share * axis.given + Fraction(1, 2))) if axis.length else axis


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    sizes = request.inputs[3] if len(request.inputs) > 3 else None
    return rerun(request) if sizes is not None and sizes.data.size else with_axes(found, rounded)


MISTAKE = Mistake(
    name="resize-length-rounded",
    operators=RESIZE,
    flags=("fractional-scale",),
    effect="Length 3 times 1.5 gives 5 elements instead of 4. Right where the product is an integer, and with sizes.",
    fix="Round the product down.",
    symptom="only in some shapes",
    run=run,
    seen_in=("inisis/OnnxSlim#221", "onnx/onnx#4919"),
    real=True,
)
