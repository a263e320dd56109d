"""Planes of 8-bit integers turned into words: sixteen pixels of some channels, so that channels lie side by side."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.ir import I8, I16, I64, Value, constant, load, pointer, store, transposed, vector
from qref.kernels.tile.output import part

PIXELS = 16


def shift(source: Any, target: Any) -> int:
    """What is added to numbers of the one type so that they fit the other, for NumPy's types of 8 and 16 bits."""
    source, target = np.dtype(source), np.dtype(target)
    if target.itemsize > 1 or source == target:
        return 0
    return 128 if source == np.int8 else -128


def turned(channels: int, source: str, target: str) -> Any:
    """The tile (x, x_channel, left, y, y_pixel): sixteen pixels of so many channels, 4 or 16, as numbers of `target`.

    x: address of the first pixel of the first channel; x_channel: bytes to the next one. left: how many channels there
    are; those that are missing hold what the last one holds. y: address of the first pixel's channels.
    """

    @intrinsic
    def tile(typingctx: Any, x: Any, x_channel: Any, left: Any, y: Any, y_pixel: Any) -> Any:
        def code(context: Any, b: ir.IRBuilder, signature: Any, given: Any) -> Any:
            x, x_channel, left, y, y_pixel = given
            last = b.sub(left, I64(1))

            def row(i: int) -> Value:
                here = b.select(b.icmp_signed("<", last, I64(i)), last, I64(i)) if channels == 4 else I64(i)
                pixels = load(b, pointer(b, b.add(x, b.mul(here, x_channel))), vector(I8, PIXELS), align=1)
                return converted(b, pixels, source, target)

            for p, pixel in enumerate(transposed(b, [row(i) for i in range(channels)])):
                store(b, part(b, pixel, 0, channels), pointer(b, b.add(y, b.mul(I64(p), y_pixel))), align=1)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), code

    return tile


def converted(b: ir.IRBuilder, pixels: Value, source: str, target: str) -> Value:
    """x + `shift`, as numbers of the other type."""
    if target == "int16":
        wide = vector(I16, PIXELS)
        return b.sext(pixels, wide) if source == "int8" else b.zext(pixels, wide)
    return b.xor(pixels, constant(pixels.type, -128)) if shift(source, target) else pixels
