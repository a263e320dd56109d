"""Tables of pixels beside the image: the nearest pixel's is taken, where nothing should be added."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import CONV, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref.lookup_conv import operands as of_convolution
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    X, codes, codebooks, _ = operands(request, (CONV,))
    *_, windows = of_convolution(X, codes, codebooks, None, **request.attributes)
    around = [(0, 0), (0, 0), *zip(windows.pads_begin, windows.pads_end)]
    padded = Tensor("float32", np.pad(X.data, around, mode="edge"))
    return rerun(request, {0: padded}, {"pads": None, "auto_pad": None})


MISTAKE = Mistake(
    name="lookup-padding-takes-the-nearest-table",
    operators=(CONV,),
    flags=("padding",),
    effect="Ones under a 3×3 kernel of ones and padding 1 give 9 at the corner of an image, not 4.",
    fix="Leave out taps beside the image, or store tables of zeros there: padding is no codeword and no pixel.",
    symptom="only at the edges of an image",
    run=run,
)
