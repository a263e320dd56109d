"""Strides of a pooling default to the kernel: PyTorch's default in ONNX's place."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import POOLS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, POOLS)
    if "strides" in request.attributes:
        return rerun(request)
    return rerun(request, attributes={"strides": list(request.attributes["kernel_shape"])})


MISTAKE = Mistake(
    name="pool-strides-default-to-kernel",
    operators=POOLS,
    flags=("opset", "padding", "indices"),
    effect=(
        "Kernel 2 on 4 pixels without strides has 3 windows at stride 1; it has 2. Right where strides are written "
        "out, as exporters do."
    ),
    fix="strides default to 1 along each axis.",
    symptom="only in some shapes",
    run=run,
)
