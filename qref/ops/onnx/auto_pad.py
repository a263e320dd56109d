"""ONNX's attributes of a convolution (auto_pad, dilations, group, kernel_shape, pads, strides) as a geometry."""

from collections.abc import Sequence

from qref.conv.geometry import Geometry
from qref.errors import InvalidInput
from qref.ops.check import computable, require
from qref.ops.operator import Attribute

ATTRIBUTES = {
    "auto_pad": Attribute("string", "NOTSET"),
    "dilations": Attribute("ints"),
    "group": Attribute("int", 1),
    "kernel_shape": Attribute("ints"),
    "pads": Attribute("ints"),
    "strides": Attribute("ints"),
}


def geometry(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Geometry:
    """Geometry of a convolution of x [N, C, D1, …] with w [M, C/group, k1, …].

    SAME_UPPER and SAME_LOWER: ⌈D / s⌉ windows, the padding they need split in two halves, an odd one at the end
    (UPPER) or at the beginning (LOWER); the dilated kernel counts. VALID: none.

    Raises:
        InvalidInput: ranks, channels, groups or attributes that the text does not allow, or a window that fits nowhere.
    """
    n = len(x_shape) - 2
    require(n >= 1, f"x has rank {len(x_shape)}: give [N, C, D1, …], one spatial dimension at least")
    require(len(w_shape) == n + 2, f"w has rank {len(w_shape)}, x has {n + 2}: they must be the same")
    kernel = tuple(w_shape[2:])
    require(
        kernel_shape is None or tuple(kernel_shape) == kernel, f"kernel_shape is {kernel_shape}, w has {list(kernel)}"
    )
    require(all(k >= 1 for k in kernel), f"w has kernel {list(kernel)}: lengths start at 1")
    s = per_dimension("strides", strides, n)
    d = per_dimension("dilations", dilations, n)
    require(group >= 1 and w_shape[0] % group == 0, f"group {group} does not divide M = {w_shape[0]}")
    require(x_shape[1] == w_shape[1] * group, f"x has {x_shape[1]} channels, w takes {w_shape[1]} · {group}")
    begin, end = padding(x_shape[2:], kernel, auto_pad, d, pads, s)
    found = Geometry(kernel, s, d, begin, end, group)
    output = found.output(x_shape[2:])
    # SAME padding of an empty image asks for ⌈0 / s⌉ = 0 windows; elsewhere a window must fit
    fewest = 0 if auto_pad.startswith("SAME") else 1
    require(all(length >= fewest for length in output), f"the kernel fits nowhere: output lengths {list(output)}")
    computable([found.extent(i) for i in range(n)])
    computable((x_shape[0], w_shape[0], *output))
    return found


def per_dimension(name: str, values: Sequence[int] | None, n: int) -> tuple[int, ...]:
    """An attribute of one positive integer a spatial dimension, 1 by default. Raises InvalidInput for any other."""
    found = (1,) * n if values is None else tuple(values)
    require(len(found) == n and all(v >= 1 for v in found), f"{name} is {list(found)}: give {n} positive integers")
    return found


def padding(
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    auto_pad: str,
    dilations: tuple[int, ...],
    pads: Sequence[int] | None,
    strides: tuple[int, ...],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The padding before and after each spatial dimension. Raises InvalidInput for attributes that contradict."""
    n = len(image)
    if auto_pad == "NOTSET":
        explicit = (0,) * (2 * n) if pads is None else tuple(pads)
        require(
            len(explicit) == 2 * n and all(p >= 0 for p in explicit),
            f"pads is {list(explicit)}: give {2 * n} lengths, all beginnings first",
        )
        return explicit[:n], explicit[n:]
    require(pads is None, f"pads and auto_pad {auto_pad} cannot be used together")
    if auto_pad == "VALID":
        return (0,) * n, (0,) * n
    if auto_pad not in ("SAME_UPPER", "SAME_LOWER"):
        raise InvalidInput(f"auto_pad is {auto_pad!r}: give NOTSET, SAME_UPPER, SAME_LOWER or VALID")
    smaller, larger = [], []
    for i in range(n):
        windows = -(-image[i] // strides[i])
        total = max((windows - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - image[i], 0)
        smaller.append(total // 2)
        larger.append(total - total // 2)
    upper = auto_pad == "SAME_UPPER"
    return (tuple(smaller), tuple(larger)) if upper else (tuple(larger), tuple(smaller))
