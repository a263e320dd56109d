"""Winograd's minimal filtering: outputs in tiles of m, fewer multiplications, transforms before and after.

Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015: F(2×2, 3×3) and F(4×4, 3×3), algorithm 1.
In two dimensions a tile of outputs is Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, with g the kernel and d the (m + 2)² pixels under
the tile; in n dimensions each matrix is applied along each axis. The letters are the paper's.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry, on_image
from qref.errors import Unsupported


@dataclass(frozen=True)
class Transforms:
    """F(m, r): m outputs of r taps from α = m + r − 1 pixels. B_T [α, α], A_T [m, α] integers, G [α, r] rationals."""

    m: int
    B_T: tuple[tuple[int, ...], ...]
    G: tuple[tuple[Fraction, ...], ...]
    A_T: tuple[tuple[int, ...], ...]

    @property
    def alpha(self) -> int:
        """Pixels, and multiplications, of a tile in each dimension."""
        return len(self.B_T)

    @property
    def r(self) -> int:
        """Taps of the kernel in each dimension."""
        return len(self.G[0])

    @property
    def denominator(self) -> int:
        """The smallest number that makes G whole."""
        return math.lcm(*(entry.denominator for row in self.G for entry in row))


def rational(*rows: str) -> tuple[tuple[Fraction, ...], ...]:
    """A matrix as it is printed."""
    return tuple(tuple(Fraction(entry) for entry in row.split()) for row in rows)


F2 = Transforms(
    m=2,
    B_T=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    G=rational("1 0 0", "1/2 1/2 1/2", "1/2 -1/2 1/2", "0 0 1"),
    A_T=((1, 1, 1, 0), (0, 1, -1, -1)),
)
"""F(2, 3), interpolating at 0, 1, −1, ∞ (section 4.1)."""

F4 = Transforms(
    m=4,
    B_T=(
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
    G=rational("1/4 0 0", "-1/6 -1/6 -1/6", "-1/6 1/6 -1/6", "1/24 1/12 1/6", "1/24 -1/12 1/6", "0 0 1"),
    A_T=((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1)),
)
"""F(4, 3), interpolating at 0, 1, −1, 2, −2, ∞ (section 4.2)."""

F2_5 = Transforms(
    m=2,
    B_T=F4.B_T,
    G=rational(
        "1/4 0 0 0 0",
        "-1/6 -1/6 -1/6 -1/6 -1/6",
        "-1/6 1/6 -1/6 1/6 -1/6",
        "1/24 1/12 1/6 1/3 2/3",
        "1/24 -1/12 1/6 -1/3 2/3",
        "0 0 0 0 1",
    ),
    A_T=((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 1)),
)
"""F(2, 5), interpolating at the same points as F(4, 3)."""

F1 = Transforms(m=1, B_T=((1,),), G=rational("1"), A_T=((1,),))
"""F(1, 1): nothing is done along this axis."""


def transform(matrix: NDArray[Any], tile: NDArray[Any], axes: int) -> NDArray[Any]:
    """The matrix applied along each of the last `axes` axes of a tile: matrix · tile · matrixᵀ where there are two."""
    for axis in range(-axes, 0):
        tile = np.moveaxis(np.tensordot(matrix, tile, (1, axis)), 0, axis)
    return tile


def winograd_2x2(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """F(2×2, 3×3). Arguments and result as `qref.conv.direct.direct`; kernels of 3 taps, stride and dilation 1."""
    return convolve(x, w, geometry, F2)


def winograd_4x4(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """F(4×4, 3×3). Arguments and result as `qref.conv.direct.direct`; kernels of 3 taps, stride and dilation 1."""
    return convolve(x, w, geometry, F4)


def winograd_2x2_5x5(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """F(2×2, 5×5). Arguments and result as `qref.conv.direct.direct`; kernels of 5 taps, stride and dilation 1."""
    return convolve(x, w, geometry, F2_5)


def convolve(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, F: Transforms) -> NDArray[Any]:
    """By F, in the operands' arithmetic.

    Integers are computed in int64 and exact: G times its denominator is whole, and the result is divided by it once an
    axis. What wraps on the way comes back, as long as the result times the denominators fits.

    Raises:
        Unsupported: integers so large that it may not fit.
    """
    dtype = np.result_type(x, w)
    B_T, G, A_T = (np.array(matrix, np.float64) for matrix in (F.B_T, F.G, F.A_T))
    if dtype.kind == "f":
        return filtered(x, w, geometry, B_T.astype(dtype), G.astype(dtype), A_T.astype(dtype))
    divisor = F.denominator ** (x.ndim - 2)
    if dtype.kind in "iu":
        refuse_large(x, w, divisor)
        x, w = x.astype(np.int64, copy=False), w.astype(np.int64, copy=False)
    whole = np.rint(G * F.denominator)
    y = filtered(x, w, geometry, *(matrix.astype(x.dtype) for matrix in (B_T, whole, A_T)))
    return (y // divisor).astype(dtype, copy=False)


def refuse_large(x: NDArray[Any], w: NDArray[Any], divisor: int) -> None:
    """Raises Unsupported unless every Σ|x||w| times the divisor is certain to lie in int64."""
    sums = np.abs(w.astype(np.float64)).sum(axis=tuple(range(1, w.ndim)))
    largest = divisor * sums.max(initial=0.0) * np.abs(x.astype(np.float64)).max(initial=0.0)
    if largest >= 2.0**62:
        raise Unsupported(f"integers by Winograd's algorithm may reach {largest:.2g}: they are exact below 2^62")


def filtered(
    x: NDArray[Any], w: NDArray[Any], geometry: Geometry, B_T: NDArray[Any], G: NDArray[Any], A_T: NDArray[Any]
) -> NDArray[Any]:
    """Algorithm 1 with the given matrices, image by image and group by group.

    U [α, …, K, C] holds the transformed kernels, V [α, …, C, P] the transformed tiles of an image, and for each of the
    αⁿ places of a tile their product sums over channels.
    """
    N, K, groups = x.shape[0], w.shape[0], geometry.group
    n = x.ndim - 2
    (m, alpha), C_g, K_g = A_T.shape, w.shape[1], K // groups
    output = geometry.output(x.shape[2:])
    y = np.empty((N, K, *output), np.result_type(x, w))
    U = np.empty((*[alpha] * n, K, C_g), y.dtype)
    for k in range(K):
        U[..., k, :] = np.moveaxis(transform(G, w[k], n), 0, -1)
    P = math.prod(-(-o // m) for o in output)
    V, M = np.empty((*[alpha] * n, C_g, P), y.dtype), np.empty((*[alpha] * n, K_g, P), y.dtype)
    for image, g in np.ndindex(N, groups):
        inputs, outputs = slice(g * C_g, (g + 1) * C_g), slice(g * K_g, (g + 1) * K_g)
        for p, corner in tiles(output, m):
            V[..., p] = np.moveaxis(transform(B_T, pixels(x[image, inputs], geometry, corner, alpha), n), 0, -1)
        np.matmul(U[..., outputs, :], V, out=M)
        for p, corner in tiles(output, m):
            Y = transform(A_T, np.moveaxis(M[..., p], -1, 0), n)
            place = tuple(slice(i, min(i + m, o)) for i, o in zip(corner, output))
            y[(image, outputs, *place)] = Y[(slice(None), *(slice(s.stop - s.start) for s in place))]
    return y


def tiles(output: tuple[int, ...], m: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The tiles of an output by number, and the position of the first output of each."""
    for p, tile in enumerate(np.ndindex(*(-(-o // m) for o in output))):
        yield p, tuple(m * t for t in tile)


def pixels(x: NDArray[Any], geometry: Geometry, corner: tuple[int, ...], alpha: int) -> NDArray[Any]:
    """d [C, α, …], the pixels under a tile: each tile overlaps the next by two, zeros beside the image."""
    n = len(corner)
    found = [on_image(corner[i] - geometry.pads_begin[i], 1, alpha, x.shape[1 + i]) for i in range(n)]
    d = np.zeros((len(x), *[alpha] * n), x.dtype)
    d[(slice(None), *(there for there, _ in found))] = x[(slice(None), *(here for _, here in found))]
    return d


def applies_of(F: Transforms, shapes: Shapes) -> str:
    """Why not: the matrices are for r taps side by side, and tiles that follow each other at stride 1."""
    geometry = shapes.geometry
    if set(geometry.kernel) != {F.r}:
        return f"kernel {' × '.join(map(str, geometry.kernel))}: these transforms are for {F.r} taps in each dimension"
    if set(geometry.strides) != {1}:
        return f"stride {max(geometry.strides)}: tiles overlap so that outputs follow each other at stride 1"
    if set(geometry.dilations) != {1}:
        return f"dilation {max(geometry.dilations)}: a tile takes pixels side by side"
    return ""


def applies(shapes: Shapes) -> str:
    """Why not F(2×2, 3×3), or F(4×4, 3×3)."""
    return applies_of(F2, shapes)


def applies_5x5(shapes: Shapes) -> str:
    """Why not F(2×2, 5×5)."""
    return applies_of(F2_5, shapes)


def bound_of(F: Transforms, x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """γ · |Aᵀ|[(|G||g||Gᵀ|) ⊙ (|Bᵀ||d||B|), summed over channels]|A|: the algorithm itself on absolute values.

    Each product that reaches an output has passed, in each of n dimensions, a row of G (its entry, itself rounded, a
    product and the additions: one factor 1 + δ for each nonzero entry of the row and one more), a row of Bᵀ and a row
    of Aᵀ (one for each nonzero entry), and the sum of C products, whose own rounding comes first. With k factors, |δ|
    ≤ u, the error is at most γ = k·u / (1 − k·u) of the sum of absolute values (Higham, "Accuracy and stability of
    numerical algorithms", lemma 3.1). One factor more covers the rounding of the exact value.
    """
    dtype = np.result_type(x, w)
    u = np.finfo(dtype).eps / 2 if dtype.kind == "f" else 0.0
    B_T, G, A_T = (np.abs(np.array(matrix, np.float64)) for matrix in (F.B_T, F.G, F.A_T))
    n, longest = x.ndim - 2, [int((matrix != 0).sum(axis=1).max()) for matrix in (B_T, G, A_T)]
    k = n * (sum(longest) + 1) + w.shape[1] + 1
    absolute = filtered(np.abs(x).astype(np.float64), np.abs(w).astype(np.float64), geometry, B_T, G, A_T)
    return absolute * (k / (1 - k * u) if k * u < 1 else np.inf)


def bound_2x2(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """The bound of F(2×2, 3×3)."""
    return bound_of(F2, x, w, geometry)


def bound_4x4(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """The bound of F(4×4, 3×3)."""
    return bound_of(F4, x, w, geometry)


def bound_2x2_5x5(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """The bound of F(2×2, 5×5)."""
    return bound_of(F2_5, x, w, geometry)


def cost_of(F: Transforms, shapes: Shapes) -> Cost:
    """αⁿ multiplications a tile, output and input channel; transforms of images and outputs, not those of kernels.

    Workspace: V and M of one image and group. U takes the place of the weights.
    """
    N, n, geometry = shapes.x[0], len(shapes.image), shapes.geometry
    C_g, groups = shapes.w[1], geometry.group
    K_g = shapes.w[0] // groups
    P, places = math.prod(-(-o // F.m) for o in shapes.output[2:]), F.alpha**n
    before, after = applied(F.B_T, n), applied(F.A_T, n)
    each = N * groups * P
    V, M = places * C_g * P * shapes.itemsize, places * K_g * P * shapes.itemsize
    U = places * shapes.w[0] * C_g * shapes.itemsize
    return Cost(
        multiplications=each * (places * K_g * C_g + C_g * before[0] + K_g * after[0]),
        additions=each * (places * K_g * C_g + C_g * before[1] + K_g * after[1]),
        bytes_read=shapes.input_bytes + U + N * groups * (V + M),
        bytes_written=N * groups * (V + M) + shapes.output_bytes,
        workspace=V + M,
        weights=U,
    )


def applied(matrix: tuple[tuple[int, ...], ...], n: int) -> tuple[int, int]:
    """Multiplications (by entries other than 0 and ±1) and additions of `transform` along n axes of one tile."""
    entries = [abs(entry) for row in matrix for entry in row if entry != 0]
    rows, columns = len(matrix), len(matrix[0])
    vectors = sum(rows**done * columns ** (n - 1 - done) for done in range(n))
    return vectors * sum(entry != 1 for entry in entries), vectors * len(entries)


def cost_2x2(shapes: Shapes) -> Cost:
    """What F(2×2, 3×3) costs."""
    return cost_of(F2, shapes)


def cost_4x4(shapes: Shapes) -> Cost:
    """What F(4×4, 3×3) costs."""
    return cost_of(F4, shapes)


def cost_2x2_5x5(shapes: Shapes) -> Cost:
    """What F(2×2, 5×5) costs."""
    return cost_of(F2_5, shapes)
