"""ConvTranspose: every pixel adds the kernel, times itself, to a window of the output.

ONNX ConvTranspose-11: "output_shape[i] = stride[i] * (input_size[i] - 1) + output_padding[i] + ((kernel_shape[i] - 1) *
dilations[i] + 1) - pads[start_i] - pads[end_i]". The text leaves the order of the sum open; here it is the exact sum,
rounded once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import exact_transposed
from qref.conv.geometry import Geometry
from qref.conv.transposed import transposed
from qref.errors import InvalidInput, NotFixed
from qref.numerics.floats import encode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.check import computable, require
from qref.ops.onnx.auto_pad import ATTRIBUTES, per_dimension
from qref.ops.onnx.conv import bias, bound_of_sums, operands
from qref.ops.operator import Attribute, Operator

Array = NDArray[np.float64]


def conv_transpose(X: Tensor, W: Tensor, B: Tensor | None = None, *, opset: int = 22, **attributes: Any) -> Tensor:
    """Y[n, m, q] = Σ X[n, c, p]·W[c, m', r] over all c of m's group and all s·p + d·r − b = q, + B[m]; rounded once.

    Args:
        X: [N, C, D1, …] float16, float32 or, from opset 22, bfloat16. W: [C, M/group, k1, …]. B: [M]. All of one type.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        NotFixed: padding of less than nothing; VALID beside an output_shape that needs padding; opset 1, whose equation
            and attribute put an odd padding element of SAME on different sides; an image without pixels.
        Unsupported: float64.
    """
    x, w, b = operands(X, W, B, opset)
    found, output = geometry(X.shape, W.shape, opset, **attributes)
    bias("B", B, W.shape[1] * found.group)
    return encode(exact_transposed(x, w, found, output, float_format(X.dtype), b), X.dtype)


def conv_transpose_bound(
    X: Tensor, W: Tensor, B: Tensor | None = None, *, opset: int = 22, **attributes: Any
) -> list[Bound]:
    """The tolerance of a dot product over the pixels that each output element gets something from."""
    x, w, b = operands(X, W, B, opset)
    found, output = geometry(X.shape, W.shape, opset, **attributes)
    y = conv_transpose(X, W, B, opset=opset, **attributes)

    def sums(x: Array, w: Array, format: Float, addend: Array | None) -> Array:
        return exact_transposed(x, w, found, output, format, addend)

    return [bound_of_sums(y, x, w, b, sums, taps(X.shape, found, output))]


def taps(x_shape: tuple[int, ...], found: Geometry, output: tuple[int, ...]) -> NDArray[np.int64]:
    """How many products each output element really is the sum of, [1, 1, o1, …]."""
    pixels, kernel = np.ones((1, 1, *x_shape[2:]), np.int64), np.ones((1, 1, *found.kernel), np.int64)
    alone = replace(found, group=1)
    counts: NDArray[np.int64] = x_shape[1] // found.group * transposed(pixels, kernel, alone, output)
    return counts


def geometry(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    opset: int,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    output_padding: Sequence[int] | None = None,
    output_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> tuple[Geometry, tuple[int, ...]]:
    """Geometry of a transposed convolution of x [N, C, D1, …] with w [C, M/group, k1, …], and its output's lengths.

    Raises as `conv_transpose` does.
    """
    n, image, kernel = len(x_shape) - 2, x_shape[2:], tuple(w_shape[2:])
    require(n >= 1, f"X has rank {len(x_shape)}: give [N, C, D1, …], one spatial dimension at least")
    require(len(w_shape) == n + 2, f"W has rank {len(w_shape)}, X has {n + 2}: they must be the same")
    require(x_shape[1] == w_shape[0], f"X has {x_shape[1]} channels, W takes {w_shape[0]}")
    require(group >= 1 and x_shape[1] % group == 0, f"group {group} does not divide C = {x_shape[1]}")
    require(kernel_shape is None or tuple(kernel_shape) == kernel, f"kernel_shape is {kernel_shape}, W has {kernel}")
    require(all(k >= 1 for k in kernel), f"W has kernel {list(kernel)}: lengths start at 1")
    if 0 in image:
        raise NotFixed("X has no pixels: no text says what is left of the output's formula")
    s, d = per_dimension("strides", strides, n), per_dimension("dilations", dilations, n)
    added = (0,) * n if output_padding is None else tuple(output_padding)
    require(
        len(added) == n and all(a >= 0 and (opset < 11 or a < max(s[i], d[i])) for i, a in enumerate(added)),
        f"output_padding is {list(added)}: give {n} lengths, each less than stride or dilation",
    )
    extent = [(kernel[i] - 1) * d[i] + 1 for i in range(n)]
    whole = tuple(s[i] * (image[i] - 1) + added[i] + extent[i] for i in range(n))
    asked = None if output_shape is None else tuple(output_shape)
    require(asked is None or (len(asked) == n and min(asked) >= 1), f"output_shape is {output_shape}: give {n} lengths")
    if asked is None and auto_pad.startswith("SAME"):
        asked = tuple(D * s[i] for i, D in enumerate(image))
    begin, end = padding(whole, asked, auto_pad, pads, opset)
    output = tuple(whole[i] - begin[i] - end[i] for i in range(n))
    require(all(length >= 1 for length in output), f"pads {[*begin, *end]} leave nothing of {list(whole)} elements")
    computable(extent)
    computable((x_shape[0], w_shape[1] * group, *output))
    return Geometry(kernel, s, d, begin, end, group), output


def padding(
    whole: tuple[int, ...], asked: tuple[int, ...] | None, auto_pad: str, pads: Sequence[int] | None, opset: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What an output of `whole` lengths loses at its beginnings and ends, to leave `asked` if that is given."""
    n = len(whole)
    if auto_pad not in ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"):
        raise InvalidInput(f"auto_pad is {auto_pad!r}: give NOTSET, SAME_UPPER, SAME_LOWER or VALID")
    require(auto_pad == "NOTSET" or pads is None, f"pads and auto_pad {auto_pad} cannot be used together")
    if asked is not None:
        halves = [split(whole[i] - asked[i], auto_pad, opset) for i in range(n)]
        return tuple(first for first, _ in halves), tuple(last for _, last in halves)
    explicit = (0,) * (2 * n) if pads is None else tuple(pads)
    require(
        len(explicit) == 2 * n and all(p >= 0 for p in explicit),
        f"pads is {list(explicit)}: give {2 * n} lengths, all beginnings first",
    )
    return explicit[:n], explicit[n:]


def split(total: int, auto_pad: str, opset: int) -> tuple[int, int]:
    """total_padding as the text's equations divide it between beginning and end.

    From opset 11 an odd element is at the end for SAME_UPPER and at the beginning otherwise; opset 1 prints it the
    other way round, against its own description of SAME.
    """
    if total < 0:
        raise NotFixed(f"total_padding is {total}: no text says where an output gets elements beyond its windows")
    if auto_pad == "VALID" and total:
        raise NotFixed("auto_pad VALID means no padding, output_shape asks for some: no text says which holds")
    if auto_pad.startswith("SAME") and total % 2 and opset < 11:
        raise NotFixed(
            "opset 1 puts the odd padding element of SAME at one side by its equation, at the other in words"
        )
    smaller, larger = total // 2, total - total // 2
    return (smaller, larger) if (auto_pad == "SAME_UPPER") == (opset >= 11) else (larger, smaller)


CONV_TRANSPOSE = Operator(
    "ConvTranspose",
    "",
    opsets=(1, 11, 22),
    inputs=(2, 3),
    outputs=1,
    attributes={**ATTRIBUTES, "output_padding": Attribute("ints"), "output_shape": Attribute("ints")},
    function=conv_transpose,
    bound=conv_transpose_bound,
)
