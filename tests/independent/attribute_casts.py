"""CastLike of a float attribute, as the function bodies have it."""

from fractions import Fraction

from independent.binary_formats import BINARIES, nearest
from independent.extended import Value


def as_type(attribute: Fraction, dtype: str) -> Value:
    return nearest(attribute, BINARIES[dtype])
