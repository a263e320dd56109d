"""Number formats: what the elements of a tensor mean.

Every format of ONNX opset 25 that a quantized operator can carry, as integers of a given width or as floats given by
exponent bits, mantissa bits and bias. Formats that NumPy lacks are stored as raw codes in unsigned integers.

Sources: IEEE 754-2019 (binary16, binary32, binary64); ONNX "Float stored in 8 bits" (float8e4m3fn, float8e5m2, …fnuz);
OCP Microscaling Formats 1.0 (float4e2m1, float8e8m0).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from qref.errors import BadTensor


@dataclass(frozen=True)
class Integer:
    """Two's complement (signed) or plain binary (unsigned) integers of `bits` bits, stored in `storage`."""

    name: str
    bits: int
    signed: bool
    storage: DTypeLike

    @property
    def lowest(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def highest(self) -> int:
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1


@dataclass(frozen=True)
class Float:
    """Binary floating point: sign, `exponent_bits`, `mantissa_bits`; a normal number is 1.m · 2^(e − bias).

    `specials` says which codes are not finite numbers:
        "ieee": all-ones exponent holds infinity and NaN;
        "fn": no infinity, NaN only where all exponent and mantissa bits are ones;
        "fnuz": no infinity, no negative zero; the code of negative zero is NaN;
        "finite": every code is a number.
    """

    name: str
    exponent_bits: int
    mantissa_bits: int
    bias: int
    specials: str
    storage: DTypeLike

    @property
    def bits(self) -> int:
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def precision(self) -> int:
        """Bits of a normal number's significand, the leading one included (p of IEEE 754)."""
        return self.mantissa_bits + 1

    @property
    def lowest_exponent(self) -> int:
        """Exponent of the smallest normal number (emin of IEEE 754)."""
        return 1 - self.bias

    @property
    def unit_roundoff(self) -> float:
        """Half the distance from 1 to the next number (u of IEEE 754's analyses)."""
        return float(2.0**-self.precision)

    @property
    def smallest_normal(self) -> float:
        """Smallest positive normal number."""
        return float(2.0**self.lowest_exponent)

    @property
    def smallest_subnormal(self) -> float:
        """Smallest positive number."""
        return float(2.0 ** (self.lowest_exponent - self.mantissa_bits))

    @property
    def highest(self) -> float:
        """Largest finite number."""
        fraction_ones = (1 << self.mantissa_bits) - 1
        exponent = (1 << self.exponent_bits) - 1 - self.bias
        if self.specials == "ieee":
            exponent -= 1
        if self.specials == "fn":
            fraction_ones -= 1
        return float((1 + fraction_ones / (1 << self.mantissa_bits)) * 2.0**exponent)


@dataclass(frozen=True)
class PowerOfTwo:
    """float8e8m0: the code c means 2^(c − 127); 0xFF is NaN. No sign, no zero, no infinity."""

    name: str
    storage: DTypeLike
    bias: int = 127
    bits: int = 8


@dataclass(frozen=True)
class Bool:
    """Truth values, one byte each."""

    name: str
    storage: DTypeLike
    bits: int = 1


Format = Integer | Float | PowerOfTwo | Bool

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Bool("bool", np.bool_),
        Integer("int2", 2, True, np.int8),
        Integer("uint2", 2, False, np.uint8),
        Integer("int4", 4, True, np.int8),
        Integer("uint4", 4, False, np.uint8),
        Integer("int8", 8, True, np.int8),
        Integer("uint8", 8, False, np.uint8),
        Integer("int16", 16, True, np.int16),
        Integer("uint16", 16, False, np.uint16),
        Integer("int32", 32, True, np.int32),
        Integer("uint32", 32, False, np.uint32),
        Integer("int64", 64, True, np.int64),
        Integer("uint64", 64, False, np.uint64),
        Float("float16", 5, 10, 15, "ieee", np.float16),
        Float("bfloat16", 8, 7, 127, "ieee", np.uint16),
        Float("float32", 8, 23, 127, "ieee", np.float32),
        Float("float64", 11, 52, 1023, "ieee", np.float64),
        Float("float8e4m3fn", 4, 3, 7, "fn", np.uint8),
        Float("float8e4m3fnuz", 4, 3, 8, "fnuz", np.uint8),
        Float("float8e5m2", 5, 2, 15, "ieee", np.uint8),
        Float("float8e5m2fnuz", 5, 2, 16, "fnuz", np.uint8),
        Float("float4e2m1", 2, 1, 1, "finite", np.uint8),
        PowerOfTwo("float8e8m0", np.uint8),
    )
}


def format_of(name: str) -> Format:
    """The format called `name`. Raises BadTensor for a name that does not exist."""
    if name not in FORMATS:
        raise BadTensor(f"dtype {name!r} is not one of {', '.join(FORMATS)}")
    return FORMATS[name]


def integer(name: str) -> Integer:
    """The integer format called `name`. Raises BadTensor where the name is no integer format's."""
    found = format_of(name)
    if not isinstance(found, Integer):
        raise BadTensor(f"dtype {name!r} is no integer format")
    return found
