"""Resize: under keep_aspect_ratio_policy lengths are rounded down, not to nearest."""

from dataclasses import replace
from math import floor

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, planned, with_axes
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize_geometry import Axis
from qref.ops.request import Request


def down(axis: Axis) -> Axis:
    return replace(axis, resized=floor(axis.given * axis.length)) if axis.resizable else axis


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    policy = request.attributes.get("keep_aspect_ratio_policy", "stretch")
    sizes = request.inputs[3] if len(request.inputs) > 3 else None
    return rerun(request) if policy == "stretch" or sizes is None else with_axes(found, down)


MISTAKE = Mistake(
    name="resize-aspect-ratio-truncates",
    operators=RESIZE,
    flags=("aspect-ratio",),
    effect="[2, 3] to sizes [5, 7] with not_larger gives [4, 7] instead of [5, 7]: 14/3 is nearer to 5.",
    fix="round_int(scale · length), halves up.",
    symptom="only in some shapes",
    run=run,
)
