"""Ranks from what is wanted: a share of the energy that stays, or a factor by which the work shrinks.

Energy: the smallest r with Σ_{i≤r} σ_i² ≥ e·Σ σ_i² (Zhang, Zou, He, Sun 2015, section 3.3, whose "PCA energy" is the
sum of eigenvalues, of squares of singular values). Speed: the largest rank whose layers together have no more than
1/speed of the multiplications and additions of the one layer (Jaderberg 2014, section 2; Kim 2016, equation 7).
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod

from qref.compression.low_rank.arithmetic import PRECISE, Arithmetic, Matrix
from qref.compression.low_rank.factors import points
from qref.errors import InvalidInput

METHODS = ("svd", "channel", "spatial", "tucker2", "cp")


def singular_values(A: Matrix, arithmetic: Arithmetic = PRECISE) -> Matrix:
    """σ of a matrix of float32 numbers, largest first, in the arithmetic's own numbers."""
    with arithmetic.context():
        return arithmetic.svd(arithmetic.numbers(A))[1]


def of_energy(sigma: Matrix, energy: Fraction, arithmetic: Arithmetic = PRECISE) -> int:
    """The smallest r ≥ 1 whose squares add up to the share; 0 where there is no singular value.

    Raises:
        InvalidInput: the share is not above 0 and at most 1.
    """
    if not 0 < energy <= 1:
        raise InvalidInput(f"energy is {float(energy)}: give a share above 0, at most 1")
    with arithmetic.context():
        squares = [s * s for s in sigma]
        total = sum(squares, squares[0] * 0) if squares else Decimal(0)
        found = total * 0
        for r, square in enumerate(squares, 1):
            found = found + square
            if found * energy.denominator >= total * energy.numerator:
                return r
    return len(squares)


def macs(method: str, shape: Sequence[int], ranks: Sequence[int], strides: Sequence[int] = ()) -> int:
    """Multiplications and additions of all layers for one position of the output, borders aside.

    Before the layer that has a stride along an axis there are as many more positions. shape: of the one layer's weights
    [M, C, k1, …]; strides: 1 unless given.
    """
    M, C = shape[:2]
    r, taps = ranks[0], points(tuple(shape))
    before = prod(strides)
    if method in ("svd", "channel"):
        return r * (C * taps + M)
    if method == "spatial":
        kh, kw = shape[2:]
        across = strides[1] if strides else 1
        return r * (C * kh * across + M * kw)
    if method == "tucker2":
        return C * r * before + r * ranks[1] * taps + ranks[1] * M
    found, positions = r * C * before, before
    for k, length in enumerate(shape[2:]):
        positions //= strides[k] if strides else 1
        found += r * length * positions
    return found + r * M


def most(method: str, shape: Sequence[int]) -> int:
    """The steps of rank there are: for Tucker-2 the longer of its numbers of channels, for CP as many as could save."""
    M, C = shape[:2]
    if method == "spatial":
        return min(C * shape[2], M * shape[3])
    if method == "tucker2":
        return max(M, C)
    if method == "cp":
        return M * C * points(tuple(shape))
    return min(M, C * points(tuple(shape)))


def at_step(method: str, shape: Sequence[int], step: int) -> tuple[int, ...]:
    """The ranks of a step: Tucker-2's two keep the proportion of the channels, ⌈C·step/max⌉ and ⌈M·step/max⌉."""
    if method != "tucker2":
        return (step,)
    M, C = shape[:2]
    longer = max(M, C)
    return fitting(shape, -(-C * step // longer), -(-M * step // longer))


def fitting(shape: Sequence[int], rank_in: int, rank_out: int) -> tuple[int, int]:
    """Two ranks, neither beyond its channels, or beyond the other times the taps: the core has no more dimensions."""
    taps = points(tuple(shape))
    return min(rank_in, shape[1], rank_out * taps), min(rank_out, shape[0], rank_in * taps)


def of_speed(method: str, shape: Sequence[int], speed: Fraction, strides: Sequence[int] = ()) -> tuple[int, ...]:
    """The largest ranks whose layers have at most 1/speed of the layer's multiplications; zeros where there are none.

    Raises:
        InvalidInput: speed is not above 0, or a method that there is not, or does not take such a kernel.
    """
    check_method(method, shape)
    if speed <= 0:
        raise InvalidInput(f"speed is {float(speed)}: give a factor above 0")
    if len(strides) not in (0, len(shape) - 2) or any(s < 1 for s in strides):
        raise InvalidInput(f"strides are {list(strides)}: give one of at least 1 for each of {len(shape) - 2} axes")
    whole = prod(shape)
    low, high = 0, most(method, shape)
    while low < high:
        middle = (low + high + 1) // 2
        if macs(method, shape, at_step(method, shape, middle), strides) * speed <= whole:
            low = middle
        else:
            high = middle - 1
    return at_step(method, shape, low) if low else (0, 0)[: 2 if method == "tucker2" else 1]


def check_method(method: str, shape: Sequence[int]) -> None:
    """Raises InvalidInput for a method that there is not, or a kernel that it does not take."""
    axes = {"svd": (0,), "channel": (1, 2, 3), "spatial": (2,), "tucker2": (1, 2, 3), "cp": (1, 2)}
    if method not in axes:
        raise InvalidInput(f"method is {method!r}: give {', '.join(axes)}")
    if len(shape) - 2 not in axes[method]:
        raise InvalidInput(f"a kernel of shape {list(shape)}: {method} takes {axes[method]} spatial axes")
