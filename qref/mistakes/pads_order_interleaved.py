"""Order of pads interleaved: [h begin, w begin, h end, w end] is read as [h begin, h end, w begin, w end]."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, explicit, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def interleaved(own: Geometry) -> Geometry:
    pads = own.pads_begin + own.pads_end
    return replace(own, pads_begin=pads[0::2], pads_end=pads[1::2])


def run(request: Request) -> list[Tensor]:
    return under(request, interleaved, where=explicit)


MISTAKE = Mistake(
    name="pads-order-interleaved",
    operators=WINDOWS,
    flags=("asymmetric-pads", "padding"),
    effect=(
        "pads [1, 0, 1, 0] means one row above and one below; it is taken for one row above, none below, one column to "
        "the left, none to the right. Right in one dimension and where all four are equal."
    ),
    fix="All beginnings come first, then all ends.",
    symptom="only at the edges of an image",
    run=run,
)
