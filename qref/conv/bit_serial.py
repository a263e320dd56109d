"""Bit-serial convolution: integers of any width as planes of bits, products as and, sums by counting ones.

With x = Σ_i c_i·x_i and w = Σ_j d_j·w_j over bits x_i, w_j,

    Σ x·w = Σ_i Σ_j c_i·d_j · popcount(x_i & w_j)

(Zhou et al., "DoReFa-Net", 2016, equation 3; Umuroglu and Jahre, "Streamlined deployment for quantized neural
networks", 2017, section 2; Cowan et al., "Automatic generation of high-performance quantized machine learning kernels",
2020, section 3). A plane's factor is 2^i; the top plane of two's complement has −2^(n−1). Channels are packed, eight to
a byte. Padding is the integer zero, all of whose bits are 0: it adds nothing. [seed: DoReFa-Net]
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry
from qref.conv.xnor import popcount
from qref.errors import InvalidInput

Array = NDArray[Any]
MOST_BITS = 8
KINDS = ("unsigned", "signed", "bipolar")


@dataclass(frozen=True)
class Code:
    """How an integer is made of n bits b_i.

    unsigned: Σ 2^i·b_i. signed: two's complement, −2^(n−1)·b_(n−1) + Σ 2^i·b_i. bipolar: Σ 2^i·(2b_i − 1), the odd
    integers from −(2^n − 1) to 2^n − 1; with one bit −1 and +1.
    """

    bits: int
    kind: str

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= MOST_BITS or self.kind not in KINDS:
            raise InvalidInput(f"{self.bits} bits, {self.kind}: give 1 to {MOST_BITS} bits, {', '.join(KINDS)}")

    @property
    def factors(self) -> list[int]:
        """What a one counts in each plane."""
        n = self.bits
        if self.kind == "signed":
            return [1 << i for i in range(n - 1)] + [-(1 << (n - 1))]
        return [1 << i + (self.kind == "bipolar") for i in range(n)]

    @property
    def offset(self) -> int:
        """What an integer is beside its ones."""
        return 1 - (1 << self.bits) if self.kind == "bipolar" else 0

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest integer."""
        return sum(min(f, 0) for f in self.factors) + self.offset, sum(max(f, 0) for f in self.factors) + self.offset

    def pattern(self, x: Array) -> NDArray[np.uint8]:
        """The bits of integers of 8 bits, b_0 lowest; what stands above b_(n−1) means nothing.

        Raises:
            InvalidInput: an integer that the code does not have.
        """
        if x.size:
            low, high = self.ends
            least, most = int(x.min()), int(x.max())
            if least < low or most > high:
                told = f"{least if least < low else most} in {self.bits} bits, {self.kind}"
                raise InvalidInput(f"{told}: they hold {low} to {high}")
        if self.kind != "bipolar":
            return x.view(np.uint8)
        if not (x & 1).all():
            raise InvalidInput(f"{int(x[(x & 1) == 0][0])} in bipolar bits: they hold odd integers")
        return ((x.astype(np.int16) - self.offset) >> 1).astype(np.uint8)


def code_of(dtype: Any, bits: int = MOST_BITS) -> Code:
    """Two's complement for int8, unsigned for uint8."""
    return Code(bits, "signed" if np.dtype(dtype) == np.int8 else "unsigned")


def planes(x: Array, code: Code) -> NDArray[np.uint8]:
    """[N, C, …] of integers of 8 bits → [n, N, ⌈C/8⌉, …] of bytes, the first channel in the highest bit."""
    N, C, *image = x.shape
    packed = np.empty((code.bits, N, -(-C // 8), *image), np.uint8)
    for n in range(N):
        pattern = code.pattern(x[n])
        for i in range(code.bits):
            packed[i, n] = np.packbits(pattern & np.uint8(1 << i), axis=0)
    return packed


def bit_serial(
    x: Array, w: Array, geometry: Geometry, x_code: Code | None = None, w_code: Code | None = None
) -> NDArray[np.int32]:
    """y [N, M, o1, …] of x [N, C, D1, …] and w [M, C/G, k1, …], int8 or uint8 each.

    x_code, w_code: their codes; of 8 bits, by their types, unless given. x is not bipolar: padding is zero.

    Raises:
        InvalidInput: integers that a code does not have; a sum that could leave int32.
    """
    x_code, w_code = x_code or code_of(x.dtype), w_code or code_of(w.dtype)
    fits(x_code, w_code, math.prod(w.shape[1:]))
    G = geometry.group
    kernels = [planes(kernel, w_code) for kernel in np.split(w, G, axis=0)]
    images = [planes(pixels, x_code) for pixels in np.split(x, G, axis=1)]
    y = np.empty((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])), np.int32)
    for image, kernel, mine in zip(images, kernels, np.split(y, G, axis=1)):
        of_planes(image, kernel, x_code, w_code, geometry, mine)
    return y


def of_planes(
    x: NDArray[np.uint8],
    w: NDArray[np.uint8],
    x_code: Code,
    w_code: Code,
    geometry: Geometry,
    y: NDArray[np.int32],
) -> None:
    """Fills y [N, M, o1, …] from the planes x [n, N, ⌈C/8⌉, D1, …] and w [n, M, ⌈C/8⌉, k1, …] of one group."""
    for position in np.ndindex(*y.shape[2:]):
        taps, pixels = geometry.under(position, x.shape[3:])
        total = np.zeros(y.shape[:2], np.int32)
        for c, plane in zip(x_code.factors, x):
            window = plane[(slice(None), slice(None), *pixels)]
            total += w_code.offset * c * ones(window)[:, np.newaxis]  # bipolar: −(2^n − 1)·Σ x
            for d, kernel in zip(w_code.factors, w):
                both = window[:, np.newaxis] & kernel[(slice(None), slice(None), *taps)]
                total += c * d * ones(both.reshape(*y.shape[:2], math.prod(both.shape[2:])), 2)
        y[(..., *position)] = total


def ones(bits: NDArray[np.uint8], kept: int = 1) -> NDArray[np.int32]:
    """How many bits are 1, of all axes but the first `kept`."""
    return popcount(bits).sum(axis=tuple(range(kept, bits.ndim)), dtype=np.int32)


def fits(x_code: Code, w_code: Code, taps: int) -> None:
    """Raises InvalidInput where so many products of such integers can leave int32."""
    most = [max(abs(end) for end in code.ends) for code in (x_code, w_code)]
    if most[0] * most[1] * taps > np.iinfo(np.int32).max:
        raise InvalidInput(f"{taps} products up to {most[0]}·{most[1]} can leave int32: give fewer taps or bits")


def cost(shapes: Shapes) -> Cost:
    """As xnor for each pair of planes; and a shift and an addition an output, for the factor of the pair.

    shapes.widths: bits of x and w. Workspace are the planes of the image.
    """
    x_bits, w_bits = shapes.widths or (8 * shapes.itemsize,) * 2
    (N, _), (M, C_g), G = shapes.x[:2], shapes.w[:2], shapes.geometry.group
    byte, pairs, outputs = -(-C_g // 8), x_bits * w_bits, math.prod(shapes.output)
    packed = x_bits * N * G * byte * math.prod(shapes.image)
    weights = w_bits * M * byte * math.prod(shapes.geometry.kernel)
    operations = pairs * N * M * byte * shapes.geometry.touched(shapes.image)
    return Cost(
        multiplications=operations,
        additions=operations + pairs * outputs,
        bytes_read=shapes.input_bytes + packed + weights,
        bytes_written=packed + shapes.output_bytes,
        workspace=packed,
        weights=weights,
        shifts=pairs * outputs,
    )
