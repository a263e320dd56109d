"""SAME padding from floor: ⌊D / s⌋ windows instead of ⌈D / s⌉."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.convolution_geometry import WINDOWS, cropped, geometry_of, same, spatial
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, WINDOWS)
    if not same(request):
        return rerun(request)
    own, image = geometry_of(request), spatial(request)
    windows = [length // s for length, s in zip(image, own.strides, strict=True)]
    if any(after == 0 < before for after, before in zip(windows, own.output(image), strict=True)):
        raise Unsupported("no window is left")
    return cropped(request, windows)


MISTAKE = Mistake(
    name="same-padding-from-floor",
    operators=WINDOWS,
    flags=("same-upper", "same-lower", "stride"),
    effect=(
        "Length 5 at stride 2 gives 2 outputs instead of 3; the last is missing. Right where the stride divides the "
        "length."
    ),
    fix="The output of SAME has ⌈D / s⌉ elements.",
    symptom="only in some shapes",
    run=run,
)
