"""Resize: beyond the input tf_crop_and_resize repeats the first and last element."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, by_pixel, by_weights, planned
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize import nearest_pixel, neighbours
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    if found.coordinates != "tf_crop_and_resize":
        return rerun(request)
    if found.mode == "nearest":
        return by_pixel(found, nearest_pixel, outside=False)
    return by_weights(found, neighbours, outside=False)


MISTAKE = Mistake(
    name="resize-crop-holds-the-edge",
    operators=RESIZE,
    flags=("crop", "beyond-ends"),
    effect="[1, 2, 3] from 0.5 to 1.5 gives [2, 3, 3] instead of [2, 3, 0]. Right where the region lies inside.",
    fix="Compare the coordinate with [0, length − 1] before it is held within.",
    symptom="only at the edges of an image",
    run=run,
)
