"""Steps: how a tile moves through memory."""

from dataclasses import dataclass, fields
from typing import Any, Self

from llvmlite import ir

from qref.kernels.ir import I64, Value, load


@dataclass(frozen=True)
class OutputSteps:
    """Distances in the output, in bytes, to the next pixel and the next channel; int, or IR's integers."""

    y_pixel: Any
    y_channel: Any

    @classmethod
    def emitted(cls, b: ir.IRBuilder, known: Self | None, numbers: Value) -> Self:
        """Constants of LLVM where they are known, else loaded from an array of int64 with the fields in their order."""
        if known is not None:
            return cls(*(I64(getattr(known, field.name)) for field in fields(cls)))
        return cls(*(load(b, numbers, I64, 8 * i, 8) for i in range(len(fields(cls)))))


@dataclass(frozen=True)
class Steps(OutputSteps):
    """Distances in bytes, and lengths, as a tile of pixels meets them in memory.

    word, block, tap, pixel: in the input, to the next word of channels, block of words, tap of a row, output pixel.
    taps, rows: taps in a row of the kernel, rows of taps in all. words, block_words: of a group's channels, of a block.
    """

    word: Any
    block: Any
    tap: Any
    pixel: Any
    taps: Any
    rows: Any
    words: Any
    block_words: Any
