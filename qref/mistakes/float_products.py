"""Float products in the wrong precision: operands rounded before, sums rounded on the way."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qref.conv.exact import windows
from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.products import Array, geometry_of, left_of, raw
from qref.mistakes.transposed_convolution import cut, parts, tap_by_tap
from qref.numerics.floats import encode, round_to
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.onnx.gemm import GEMM, scaled
from qref.ops.onnx.mat_mul import as_matrices, product_shape
from qref.ops.request import Request

FLOAT_PRODUCTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")

TF32 = Float("tf32", 8, 10, 127, "ieee", np.float32)


@dataclass(frozen=True, eq=False)
class Factors:
    """A request as the product a [..., R, K] · b [..., K, S] + addend, and how its result becomes the output."""

    a: Array
    b: Array
    addend: Array | None
    restore: Callable[[Array], Array]


def of_types(request: Request, types: Sequence[str], operators: Sequence[str] = FLOAT_PRODUCTS) -> None:
    """Raises Unsupported for other operators and where the operands are not of one of `types`."""
    check(request, operators)
    dtype = left_of(request).dtype
    if dtype not in types:
        raise Unsupported(f"operands are {dtype}, the mistake is with {', '.join(types)}")


def with_narrow(
    request: Request, positions: Sequence[int], format: Float, operators: Sequence[str] = FLOAT_PRODUCTS
) -> list[Tensor]:
    """The right answer of a float32 request whose inputs at `positions` are rounded to `format` first."""
    of_types(request, ("float32",), operators)
    change: dict[int, Tensor | None] = {}
    for position in positions:
        found = request.inputs[position] if position < len(request.inputs) else None
        if found is not None:
            change[position] = encode(round_to(raw(found), format), "float32")
    return rerun(request, inputs=change)


def summed_in(request: Request, format: Float) -> list[Tensor]:
    """The answer where a running sum is rounded to `format` after each product, and once more after the bias."""
    if request.op == "ConvTranspose":
        return of_transposed(request, format)
    found = factors(request)
    y = np.zeros((found.a[..., :1] @ found.b[..., :1, :]).shape)
    with np.errstate(invalid="ignore", over="ignore"):
        for k in range(found.a.shape[-1]):
            y = round_to(y + found.a[..., k : k + 1] * found.b[..., k : k + 1, :], format)
        if found.addend is not None:
            y = round_to(y + found.addend, format)
    return [encode(found.restore(y), left_of(request).dtype)]


def factors(request: Request) -> Factors:
    """The factors of a valid request with float operands, no ConvTranspose."""
    bias = request.inputs[2] if len(request.inputs) > 2 else None
    if request.op == "Gemm":
        defaults = {name: GEMM.attributes[name].default for name in ("alpha", "beta", "transA", "transB")}
        known = {name: request.attributes.get(name, value) for name, value in defaults.items()}
        found = scaled(*two(request), bias, **known, opset=request.opset)
        return Factors(found.a, found.b, found.c, lambda y: y)
    left, right = two(request)
    if request.op == "MatMul":
        rows, columns = as_matrices(raw(left), raw(right))
        return Factors(rows, columns, None, lambda y: y.reshape(product_shape(left.shape, right.shape)))
    addend = None if bias is None else raw(bias)
    return of_convolution(raw(left), raw(right), addend, geometry_of(request))


def of_transposed(request: Request, format: Float) -> list[Tensor]:
    """`summed_in` of a transposed convolution."""
    given, bias = parts(request), request.inputs[2] if len(request.inputs) > 2 else None
    with np.errstate(invalid="ignore", over="ignore"):
        y = cut(tap_by_tap(given, lambda sums: round_to(sums, format)), given.geometry.pads_begin, given.lengths)
        if bias is not None:
            y = round_to(y + raw(bias).reshape(-1, *[1] * len(given.lengths)), format)
    return [encode(y, left_of(request).dtype)]


def two(request: Request) -> tuple[Tensor, Tensor]:
    """The first two inputs."""
    left, right = request.inputs[:2]
    assert left is not None
    assert right is not None
    return left, right


def of_convolution(x: Array, w: Array, bias: Array | None, geometry: Geometry) -> Factors:
    """The factors of a convolution: kernels, columns of all images, and the bias."""
    N, M, G, taps = x.shape[0], w.shape[0], geometry.group, math.prod(w.shape[1:])
    output = geometry.output(x.shape[2:])
    columns = windows(x, geometry, np.arange(N * math.prod(output)))
    matrices = columns.reshape(G, taps, N * math.prod(output))
    addend = None if bias is None else bias.reshape(G, M // G, 1)
    return Factors(w.reshape(G, M // G, taps), matrices, addend, lambda y: np.swapaxes(y.reshape(M, N, *output), 0, 1))


def all_finite(request: Request) -> bool:
    """Whether every input holds finite numbers alone."""
    return all(x is None or bool(np.isfinite(raw(x)).all()) for x in request.inputs)
