"""ceil_mode keeps windows in the padding: windows that start behind the image and its first padding are counted."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import POOLS, windows
from qref.numerics.floats import encode, float_format
from qref.numerics.formats import Float, Integer
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, POOLS)
    right = rerun(request)
    # up to opset 11 the formula stands alone
    output = windows(replace(request, opset=min(request.opset, 11))).output
    return [longer(y, output, place) for place, y in enumerate(right)]


def longer(y: Tensor, output: tuple[int, ...], place: int) -> Tensor:
    """y with as many windows as `output`: the lowest number in those that hold none, −1 as their index."""
    if y.shape[2:] == output:
        return y
    if place == 1:
        empty = Tensor(y.dtype, np.array(-1, np.int64))
    elif isinstance(y.format, Integer):
        empty = Tensor(y.dtype, np.array(y.format.lowest, y.data.dtype))
    else:
        assert isinstance(y.format, Float)
        empty = encode(np.array(-float_format(y.dtype).highest), y.dtype)
    data = np.full((*y.shape[:2], *output), empty.data)
    data[(slice(None), slice(None), *(slice(length) for length in y.shape[2:]))] = y.data
    return Tensor(y.dtype, data)


MISTAKE = Mistake(
    name="ceil-mode-keeps-windows-in-the-padding",
    operators=POOLS,
    flags=("ceil-mode", "opset"),
    effect=(
        "5 pixels, kernel 3, stride 3, pads 1, 1 and ceil_mode: ⌈(5 + 2 − 3) / 3⌉ + 1 = 3 windows, of which the third "
        "starts in the padding and holds no pixel. Opset 22 leaves it out."
    ),
    fix="From opset 22 drop the last window where it starts at or behind length + pads_begin.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx#4958", "microsoft/onnxruntime#15446", "webmachinelearning/webnn#935"),
    real=True,
)
