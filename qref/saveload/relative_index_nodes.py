"""Relative indices inside an ONNX model: gaps summed to positions, and the values written there, into zeros."""

from math import prod
from typing import Any

import numpy as np

from qref.compression.relative_index import RelativeIndex
from qref.quantizers.encoded import Symbols
from qref.saveload.decoding import DOMAIN, Decoding
from qref.saveload.symbol_nodes import unpacked

FUNCTIONS = {
    "RelativeIndexDecode": """
RelativeIndexDecode (gaps, values, size, shape) => (W)
{
  axis = Constant <value = int64 {0}> ()
  line = Constant <value = int64[1] {-1}> ()
  one = Constant <value = int32 {1}> ()
  numbers = Cast <to = 6> (gaps)
  flat = Reshape (numbers, line)
  steps = Add (flat, one)
  ends = CumSum (steps, axis)
  positions = Sub (ends, one)
  each = Reshape (values, line)
  zeros = ConstantOfShape <value = float[1] {0.0}> (size)
  filled = ScatterElements (zeros, positions, each)
  W = Reshape (filled, shape)
}""",
    "Zeros": """
Zeros (shape) => (W)
{
  W = ConstantOfShape <value = float[1] {0.0}> (shape)
}""",
}
"""The bodies of the model-local functions.

RelativeIndexDecode: gaps and values, as many of each; size [1], the number of weights; shape, theirs.
"""


def relative_index(encoded: RelativeIndex, values: Any, decoding: Decoding) -> Any:
    """The value of W, output channels first. values: those of the entries, as many as there are gaps."""
    gaps = unpacked(Symbols(encoded.gaps, encoded.gap_bits), decoding.part("gaps"))
    sizes = decoding.ints("size", prod(encoded.shape)), decoding.ints("shape", *encoded.shape)
    return decoding.node("decoded", "RelativeIndexDecode", [gaps, values, *sizes], DOMAIN)


def zeros(shape: tuple[int, ...], decoding: Decoding) -> Any:
    """The value of a tensor whose weights are all 0: there are no entries to be decoded."""
    return decoding.node("decoded", "Zeros", [decoding.tensor("shape", np.array(shape, np.int64))], DOMAIN)
