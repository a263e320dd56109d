"""Resize: half_pixel taken for asymmetric."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, with_modes
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_modes(request, {"half_pixel": "asymmetric", "pytorch_half_pixel": "asymmetric"})


MISTAKE = Mistake(
    name="resize-half-pixel-as-asymmetric",
    operators=RESIZE,
    flags=("coordinates",),
    effect="[1, 3] linearly to 4 gives [1, 2, 3, 3] instead of [1, 1.5, 2.5, 3]: half an element off.",
    fix="x_original = (x + 0.5) / scale − 0.5.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("sonos/tract#2554", "antimora/burn-flex#5"),
    real=True,
)
