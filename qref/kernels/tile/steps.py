"""Steps: how a tile moves through memory."""

from dataclasses import dataclass, fields
from typing import Any

from llvmlite import ir

from qref.kernels.ir import I64, Value, load


@dataclass(frozen=True)
class Steps:
    """Distances in bytes, and lengths, as a tile meets them in memory; int, or IR's integers.

    word, block, tap, pixel: in the input, to the next word of channels, block of words, tap of a row, output pixel.
    taps, rows: taps in a row of the kernel, rows of taps in all. words, block_words: of a group's channels, of a block.
    y_pixel, y_channel: in the output.
    """

    word: Any
    block: Any
    tap: Any
    pixel: Any
    taps: Any
    rows: Any
    words: Any
    block_words: Any
    y_pixel: Any
    y_channel: Any

    def emit(self, b: ir.IRBuilder) -> "Steps":
        """As constants of LLVM."""
        return Steps(*(I64(getattr(self, field.name)) for field in fields(self)))

    @classmethod
    def loaded(cls, b: ir.IRBuilder, numbers: Value) -> "Steps":
        """From an array of int64 that holds the fields in their order."""
        return cls(*(load(b, numbers, I64, 8 * i, 8) for i in range(len(fields(cls)))))
