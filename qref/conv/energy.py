"""What a layer or a model costs in energy, for any width of weights and activations.

The seed's table has a few widths, for 45 nm at 0.9 V (Horowitz, "Computing's energy problem (and what we can do about
it)", 2014). Others are extrapolated by what the circuits are made of: an adder of n bits is n full adders, a multiplier
of n × m bits n·m of them. One constant serves both: a full adder takes a 32nd of the seed's 32-bit addition. Traffic is
counted in bits. [seed: Fixed point Quantization: WHY?, "More Energy Efficient"]
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qref.conv.cost import Shapes
from qref.errors import UsageError

SEED = {
    "8b Add": 0.03,
    "16b Add": 0.05,
    "32b Add": 0.1,
    "16b FP Add": 0.4,
    "32b FP Add": 0.9,
    "8b Mult": 0.2,
    "32b Mult": 3.1,
    "16b FP Mult": 1.1,
    "32b FP Mult": 3.7,
    "32b SRAM Read (8KB)": 5.0,
    "32b DRAM Read": 640.0,
}
"""pJ by operation, as the seed prints them."""
FULL_ADDER = SEED["32b Add"] / 32
"""pJ: 1/320. The seed's 16-bit addition and 8-bit multiplication are 16 and 64 of them exactly."""
MULTIPLEXER = FULL_ADDER / 3
"""pJ, qref's assumption: some ten transistors where a full adder has 28. A shifter has one a bit and stage."""
ACCUMULATOR = 32
"""Bits of an integer sum."""
WORD = 64
"""Bits that are counted at once in binary arithmetic."""


@dataclass(frozen=True)
class Price:
    """pJ of an operation, and whose number that is: the seed's, or extrapolated from it."""

    pj: float
    whose: str


def seeds(operation: str) -> Price:
    """A number of the seed."""
    return Price(SEED[operation], "seed")


def addition(bits: int) -> Price:
    """Of integers: the seed's where it has one, else n full adders."""
    name = f"{bits}b Add"
    return seeds(name) if name in SEED else Price(added(bits), "extrapolated")


def multiplication(x_bits: int, w_bits: int) -> Price:
    """Of integers: the seed's where it has one, else n·m full adders."""
    name = f"{x_bits}b Mult" if x_bits == w_bits else ""
    return seeds(name) if name in SEED else Price(multiplied(x_bits, w_bits), "extrapolated")


def shifting(bits: int, exponents: int) -> Price:
    """Of an integer by one of so many distances, 0 and on: a stage of multiplexers for each bit of the distance."""
    stages = max(exponents - 1, 0).bit_length()
    return Price((bits + exponents - 1) * stages * MULTIPLEXER, "extrapolated")


def added(bits: int) -> float:
    """n full adders, in pJ."""
    return bits * FULL_ADDER


def multiplied(x_bits: int, w_bits: int) -> float:
    """n·m full adders, in pJ."""
    return x_bits * w_bits * FULL_ADDER


@dataclass(frozen=True)
class Arithmetic:
    """How a layer multiplies and adds: bits of an activation and of a weight, the price of a product and of a sum."""

    name: str
    x_bits: int
    w_bits: int
    product: Price
    sum: Price

    @property
    def whose(self) -> str:
        """Whose numbers a layer's energy rests on: the seed's where both prices are, else extrapolated ones too."""
        return "seed" if self.product.whose == self.sum.whose == "seed" else "extrapolated"


def floats(bits: int) -> Arithmetic:
    """float16 or float32. Raises UsageError for other widths: the seed has no number to go by."""
    if bits not in (16, 32):
        raise UsageError(f"floats of {bits} bits: the seed's table has 16 and 32")
    return Arithmetic(f"float{bits}", bits, bits, seeds(f"{bits}b FP Mult"), seeds(f"{bits}b FP Add"))


def integers(x_bits: int, w_bits: int) -> Arithmetic:
    """Integers, summed in 32 bits. Raises UsageError for widths below 1."""
    check(x_bits, w_bits)
    name = f"int{x_bits}" if x_bits == w_bits else f"int{x_bits} · int{w_bits}"
    return Arithmetic(name, x_bits, w_bits, multiplication(x_bits, w_bits), addition(ACCUMULATOR))


def powers(x_bits: int, w_bits: int) -> Arithmetic:
    """Integers times powers of two in codes of w_bits: a sign and 2^(w_bits − 1) exponents, one of which means 0.

    Raises:
        UsageError: a width below 1, or a code of one bit, which has no exponent.
    """
    check(x_bits, w_bits - 1)
    exponents = (1 << (w_bits - 1)) - 1
    return Arithmetic(f"int{x_bits} · 2^e", x_bits, w_bits, shifting(x_bits, exponents), addition(ACCUMULATOR))


def signs() -> Arithmetic:
    """±1 by ±1: exclusive or counts as a full adder a bit, so does counting, and each word adds its count once."""
    counting = FULL_ADDER + addition(ACCUMULATOR).pj / WORD
    return Arithmetic("binary", 1, 1, Price(FULL_ADDER, "extrapolated"), Price(counting, "extrapolated"))


def planes(x_bits: int, w_bits: int) -> Arithmetic:
    """Integers bit by bit: for each pair of planes what binary arithmetic costs. Raises UsageError as `integers`."""
    check(x_bits, w_bits)
    pairs, one = x_bits * w_bits, signs()
    product, sum_ = (Price(pairs * price.pj, "extrapolated") for price in (one.product, one.sum))
    return Arithmetic(f"{x_bits} × {w_bits} planes", x_bits, w_bits, product, sum_)


def check(*bits: int) -> None:
    """Raises UsageError for a width below 1."""
    if min(bits) < 1:
        raise UsageError(f"a width of {min(bits)} bits: give 1 or more")


@dataclass(frozen=True)
class Counts:
    """What a layer does: products, sums, bits to and from SRAM, bits to and from DRAM."""

    products: int
    sums: int
    sram_bits: int
    dram_bits: int


def counts(shapes: Shapes, arithmetic: Arithmetic) -> Counts:
    """The counts of a layer whose weights and images lie in DRAM, and which has no registers but that of the sum.

    Products and sums: one a tap on the image. SRAM: each product reads both its operands, each output is written.
    DRAM: input and weights are read once, the output is written once, as wide as an activation. Writing costs what
    reading does.
    """
    x, w, y = (math.prod(shape) for shape in (shapes.x, shapes.w, shapes.output))
    products = shapes.touched
    return Counts(
        products=products,
        sums=products,
        sram_bits=products * (arithmetic.x_bits + arithmetic.w_bits) + y * arithmetic.x_bits,
        dram_bits=(x + y) * arithmetic.x_bits + w * arithmetic.w_bits,
    )


@dataclass(frozen=True)
class Energy:
    """pJ of products and sums, of SRAM and of DRAM."""

    arithmetic: float
    sram: float
    dram: float

    @property
    def total(self) -> float:
        """All three."""
        return self.arithmetic + self.sram + self.dram


def energy(done: Counts, arithmetic: Arithmetic) -> Energy:
    """The energy of counts, however they were counted; a bit of memory is a 32nd of the seed's word."""
    return Energy(
        done.products * arithmetic.product.pj + done.sums * arithmetic.sum.pj,
        done.sram_bits * SEED["32b SRAM Read (8KB)"] / 32,
        done.dram_bits * SEED["32b DRAM Read"] / 32,
    )


def of_layer(shapes: Shapes, arithmetic: Arithmetic) -> Energy:
    """The energy of a layer."""
    return energy(counts(shapes, arithmetic), arithmetic)


def of_model(layers: Iterable[tuple[Shapes, Arithmetic]]) -> Energy:
    """The energy of layers one after the other, each with its arithmetic; images go through DRAM in between."""
    found = [of_layer(shapes, arithmetic) for shapes, arithmetic in layers]
    return Energy(*(math.fsum(getattr(one, part) for one in found) for part in ("arithmetic", "sram", "dram")))
