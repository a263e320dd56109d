"""Average counts the overhang: with count_include_pad every window is divided by the whole kernel."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import image, windows
from qref.numerics.exact_sums import mean
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

AVERAGE = ("AveragePool",)


def run(request: Request) -> list[Tensor]:
    check(request, AVERAGE)
    if not request.attributes.get("count_include_pad", 0):
        return rerun(request)
    found, x = windows(request), image(request)
    whole = np.array(np.prod(found.geometry.kernel))
    return [encode(mean(found.gather(decode(x)), whole, float_format(x.dtype)), x.dtype)]


MISTAKE = Mistake(
    name="average-counts-the-overhang",
    operators=AVERAGE,
    flags=("ceil-mode", "count-include-pad"),
    effect=(
        "What ceil_mode lets hang over the padded image is no padding: [1, 2, 3, 4, 5] with kernel 2, stride 2 and "
        "ceil_mode ends with 5 / 1 = 5; it ends with 5 / 2 = 2.5. Right without ceil_mode."
    ),
    fix="Clip the window to the padded image before its elements are counted.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("microsoft/onnxruntime#16203", "sonos/tract#2851", "apple/coremltools#2844"),
    real=True,
)
