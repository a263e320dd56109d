"""Resize: `axes` read as the last ones, in ascending order."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, planned
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    axes, rank = request.attributes.get("axes"), len(planned(request).axes)
    return rerun(request, attributes={} if axes is None else {"axes": list(range(rank - len(axes), rank))})


MISTAKE = Mistake(
    name="resize-axes-taken-for-the-last",
    operators=RESIZE,
    flags=("resize-axes",),
    effect="scales [2, 1.5] for axes [3, 2] widen axis 2 by 2 and axis 3 by 1.5. Right for [2, 3] of rank 4.",
    fix="Scales, sizes and roi belong to the axes in the order of `axes`.",
    symptom="only in some shapes",
    run=run,
)
