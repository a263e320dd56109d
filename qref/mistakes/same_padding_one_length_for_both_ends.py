"""SAME padding, one length for both ends: half of it, rounded up, before the image."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, same, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def larger_first(own: Geometry) -> Geometry:
    # windows beyond ⌈D / s⌉ are cut off, so the end that is one too long does not show
    ends = list(zip(own.pads_begin, own.pads_end, strict=True))
    return replace(own, pads_begin=tuple(max(e) for e in ends), pads_end=tuple(min(e) for e in ends))


def run(request: Request) -> list[Tensor]:
    return under(request, larger_first, where=same)


MISTAKE = Mistake(
    name="same-padding-one-length-for-both-ends",
    operators=WINDOWS,
    flags=("same-upper", "even-kernel"),
    effect=(
        "A kernel library with one padding length a dimension is given k // 2: for k = 2 one element before the image, "
        "where SAME_UPPER has it behind. Every window is shifted by one; odd kernels at stride 1 and SAME_LOWER are "
        "right."
    ),
    fix="Give both ends their own length, or pad the image explicitly with the zero point.",
    symptom="only in some shapes",
    run=run,
    seen_in=("pytorch/executorch#20558",),
)
