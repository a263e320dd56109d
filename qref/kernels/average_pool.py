"""AveragePool: each window's elements on the image summed up in float32, divided by their number."""

import numpy as np

from qref.errors import NotFixed
from qref.kernels import instructions
from qref.kernels.conv import kernel
from qref.kernels.conv.kernel import in_space, in_three_dimensions
from qref.kernels.conv.windows import plan, reaching, windows
from qref.kernels.float_arrays import single, stored
from qref.kernels.max_pool import windows_of_request
from qref.kernels.tile.windows import Kind
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.average_pool import without_contradiction
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator
from qref.ops.request import Request


def average_pool(request: Request, operator: Operator) -> Tensor:
    """AveragePool, checked by the reference. Raises Unsupported beyond three dimensions."""
    attributes = keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    numbers("X", X, listed(request.opset, (22, ["bfloat16"])))
    found = windows_of_request(X, request)
    if request.opset == 11 and not attributes.get("ceil_mode", 0):
        without_contradiction(found, attributes.get("auto_pad", "NOTSET"))
    counts = found.elements(with_padding=bool(attributes.get("count_include_pad", 0)))
    if not counts.all():
        raise NotFixed("a window covers no element: no text says what an average of nothing is")
    images, inner = kernel.images(single(X)), in_three_dimensions(found.geometry)
    image, output = images.shape[2:], in_space(found.output)
    y = np.empty((*X.shape[:2], *found.output), np.float32)
    if y.size:
        pooling = plan(Kind.MEAN, image, reaching(inner, image, output), instructions.chosen())
        planes = np.empty((1, pooling.room), np.float32)
        windows(pooling, images, y, planes, beside=counts.astype(np.float32))
    return stored(y, X.dtype)
