"""Tensors as plain lists in C order: the code of each element, and what it means."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from independent.binary_formats import BINARIES, decode, encode, nearest
from independent.extended import Value
from independent.refusal import Undecided

INTEGERS = {f"{sign}int{bits}": (sign == "", bits) for sign in ("", "u") for bits in (2, 4, 8, 16, 32, 64)}


@dataclass(frozen=True, eq=False)
class Tensor:
    """`codes` are the elements' bits as unsigned integers; of integers the two's complement of the dtype's width."""

    dtype: str
    shape: tuple[int, ...]
    codes: list[int]

    @cached_property
    def values(self) -> list[Value]:
        """Floats as exact values."""
        b = BINARIES[self.dtype]
        return [decode(code, b) for code in self.codes]

    @cached_property
    def integers(self) -> list[int]:
        """Elements of an integer tensor."""
        is_signed, bits = INTEGERS[self.dtype]
        return [code - 2**bits if is_signed and code >> (bits - 1) else code for code in self.codes]

    @property
    def is_float(self) -> bool:
        return self.dtype in BINARIES

    @property
    def is_integer(self) -> bool:
        return self.dtype in INTEGERS

    @property
    def rank(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.codes)


def rounded(dtype: str, shape: Sequence[int], exact: Sequence[Value]) -> Tensor:
    """Each exact result rounded once."""
    b = BINARIES[dtype]
    assert len(exact) == prod(shape)
    return Tensor(dtype, tuple(shape), [encode(nearest(value, b), b) for value in exact])


def wrapped(dtype: str, shape: Sequence[int], exact: Sequence[int]) -> Tensor:
    """Integer results modulo 2^bits.

    Reading: no text says what happens beyond the type's range; two's complement, as C and NumPy have it.
    """
    _, bits = INTEGERS[dtype]
    assert len(exact) == prod(shape)
    return Tensor(dtype, tuple(shape), [value % 2**bits for value in exact])


def int64(shape: Sequence[int], values: Sequence[int]) -> Tensor:
    return wrapped("int64", shape, values)


def positions(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All indices in C order."""
    return itertools.product(*(range(d) for d in shape))


def offset(position: Sequence[int], shape: Sequence[int]) -> int:
    """Where an index stands in C order."""
    at = 0
    for i, d in zip(position, shape, strict=True):
        at = at * d + i
    return at


def code_of_zero(dtype: str) -> int:
    if dtype == "float8e8m0":
        raise Undecided("float8e8m0 has no zero")
    return 0
