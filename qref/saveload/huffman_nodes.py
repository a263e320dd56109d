"""Huffman coded streams inside an ONNX model, decoded without a loop, so that a runtime does it once, at load.

ONNX Runtime folds constant nodes, but no Loop, If or Scan. So for every bit p of the stream the function finds the
length l(p) of the codeword that would begin there, from a table of all windows of 15 bits, and jumps: jump(p) = p +
l(p), by 2, 4, … 32 symbols through jump ∘ jump. From the bit where each block of 1024 symbols begins, which the model
holds beside the stream, 32 jumps of 32 symbols, and shorter ones between, reach the beginning of each codeword.
"""

from typing import Any

import numpy as np

from qref.compression import huffman
from qref.compression.huffman_coded import counts
from qref.quantizers.encoded import Symbols
from qref.saveload.decoding import DOMAIN, Decoding

HALVINGS = 5
STRIDE = 1 << HALVINGS  # symbols of the longest jump
BLOCK = STRIDE * STRIDE  # symbols of a block

_TWICE = "\n".join(f"  jump{2 << r} = Gather (jump{1 << r}, jump{1 << r})" for r in range(HALVINGS))
_AHEAD = "\n".join(f"  at{i + 1} = Gather (jump{STRIDE}, at{i})" for i in range(STRIDE - 1))
_BETWEEN = "\n".join(
    f"""  from{r} = Reshape ({"strides" if r == HALVINGS else f"found{r}"}, column)
  later{r} = Gather (jump{1 << r - 1}, from{r})
  found{r - 1} = Concat <axis = 1> (from{r}, later{r})"""
    for r in range(HALVINGS, 0, -1)
)

FUNCTIONS = {
    "HuffmanTable": """
HuffmanTable (lengths) => (length_of, symbol_of)
{
  column = Constant <value = int64[2] {-1, 1}> ()
  line = Constant <value = int64[1] {-1}> ()
  axis = Constant <value = int64 {0}> ()
  one = Constant <value = int32 {1}> ()
  halves = Constant <value = uint8[2] {0, 4}> ()
  sixteen = Constant <value = uint8[1] {16}> ()
  none = Constant <value = float {0.0}> ()
  more = Constant <value = float {16.0}> ()
  symbols = Constant <value = float {256.0}> ()
  windows = Constant <value = int64[1] {32768}> ()
  windows_of_length = Constant <value = int32[16]
    {0, 16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1}> ()
  bytes = Reshape (lengths, column)
  shifted = BitShift <direction = "RIGHT"> (bytes, halves)
  four_bits = Mod (shifted, sixteen)
  numbers = Cast <to = 1> (four_bits)
  each = Reshape (numbers, line)
  is_used = Greater (each, none)
  ones_of_used = Cast <to = 1> (is_used)
  total = ReduceSum <keepdims = 0> (ones_of_used)
  total_line = Reshape (total, line)
  used = Cast <to = 7> (total_line)
  is_unused = Not (is_used)
  ones_of_unused = Cast <to = 1> (is_unused)
  behind = Mul (ones_of_unused, more)
  ranked = Add (each, behind)
  by_length = Mul (ranked, symbols)
  shape = Shape (each)
  ones = ConstantOfShape <value = float[1] {1.0}> (shape)
  numbered = CumSum <exclusive = 1> (ones, axis)
  keys = Add (by_length, numbered)
  ordered, order = TopK <largest = 0> (keys, used)
  quotients = Div (ordered, symbols)
  floors = Floor (quotients)
  sorted_lengths = Cast <to = 6> (floors)
  sorted_symbols = Cast <to = 1> (order)
  shares = Gather (windows_of_length, sorted_lengths)
  firsts = CumSum <exclusive = 1> (shares, axis)
  empty = ConstantOfShape <value = int32[1] {0}> (windows)
  marks = ConstantOfShape <value = int32[1] {1}> (used)
  marked = ScatterElements (empty, firsts, marks)
  counted = CumSum (marked, axis)
  places = Sub (counted, one)
  length_of = Gather (sorted_lengths, places)
  symbol_of = Gather (sorted_symbols, places)
}""",
    "UnpackHuffman": f"""
UnpackHuffman (packed, lengths, at0, count) => (codes)
{{
  column = Constant <value = int64[2] {{-1, 1}}> ()
  line = Constant <value = int64[1] {{-1}}> ()
  zero = Constant <value = int64[1] {{0}}> ()
  one = Constant <value = int64[1] {{1}}> ()
  two = Constant <value = int64[1] {{2}}> ()
  first = Constant <value = int32 {{0}}> ()
  step = Constant <value = int32 {{1}}> ()
  no_bytes = Constant <value = uint8[2] {{0, 0}}> ()
  byte = Constant <value = int32 {{256}}> ()
  window = Constant <value = int32 {{32768}}> ()
  below = Constant <value = int32[8] {{512, 256, 128, 64, 32, 16, 8, 4}}> ()
  behind = Constant <value = int32[15] {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}}> ()
  length_of, symbol_of = qref.HuffmanTable (lengths)
  padded = Concat <axis = 0> (packed, no_bytes)
  bytes = Cast <to = 6> (padded)
  size = Shape (packed)
  next_end = Add (size, one)
  last_end = Add (size, two)
  here = Slice (bytes, zero, size)
  next = Slice (bytes, one, next_end)
  last = Slice (bytes, two, last_end)
  shifted_here = Mul (here, byte)
  pair = Add (shifted_here, next)
  shifted_pair = Mul (pair, byte)
  triple = Add (shifted_pair, last)
  triples = Reshape (triple, column)
  shifted = Div (triples, below)
  flat = Reshape (shifted, line)
  windows = Mod (flat, window)
  steps = Gather (length_of, windows)
  length = Shape (windows)
  end = Cast <to = 6> (length)
  beyond = Add (behind, end)
  bits = ReduceSum <keepdims = 0> (end)
  positions = Range (first, bits, step)
  inside = Add (positions, steps)
  jump1 = Concat <axis = 0> (inside, beyond)
{_TWICE}
{_AHEAD}
  strides = Concat <axis = 1> ({", ".join(f"at{i}" for i in range(STRIDE))})
{_BETWEEN}
  all = Reshape (found0, line)
  used = Slice (all, zero, count)
  seen = Gather (windows, used)
  decoded = Gather (symbol_of, seen)
  codes = Reshape (decoded, column)
}}""",
    "HuffmanSigned": """
HuffmanSigned (packed, lengths, at0, count, half, span) => (codes)
{
  symbols = qref.UnpackHuffman (packed, lengths, at0, count)
  halves = Div (symbols, half)
  is_high = Floor (halves)
  turns = Mul (is_high, span)
  codes = Sub (symbols, turns)
}""",
    "HuffmanSigns": """
HuffmanSigns (packed, lengths, at0, count) => (codes)
{
  one = Constant <value = float {1.0}> ()
  symbols = qref.UnpackHuffman (packed, lengths, at0, count)
  doubled = Add (symbols, symbols)
  codes = Sub (doubled, one)
}""",
}
"""The bodies of the model-local functions.

HuffmanTable: code lengths, two a byte → length and symbol of the codeword that each window of 15 bits begins with.
UnpackHuffman: at0 int32 [blocks, 1], the bit where each block begins → codes as float32, a column [count, 1].
HuffmanSigned: two's complement; half and span: 2^(width − 1) and 2^width. HuffmanSigns: bit 1 is +1, 0 is −1.
"""
CALLS = {
    "UnpackHuffman": ("HuffmanTable",),
    "HuffmanSigned": ("UnpackHuffman", "HuffmanTable"),
    "HuffmanSigns": ("UnpackHuffman", "HuffmanTable"),
}
"""The functions that a function calls."""


def unpacked_huffman(stream: Symbols, decoding: Decoding, signed: bool) -> Any:
    """The codes as float32, a column [count, 1]; the stream has one at least."""
    lengths = huffman.code_lengths(counts(stream))
    flat = stream.values.reshape(-1)
    inputs = [
        decoding.tensor("codewords", np.frombuffer(huffman.encode(flat, lengths), np.uint8)),
        decoding.tensor("lengths", np.frombuffer(huffman.packed_lengths(lengths), np.uint8)),
        decoding.tensor("blocks", block_starts(stream, lengths)),
        decoding.ints("count", flat.size),
    ]
    if not signed:
        return decoding.node("unpacked", "UnpackHuffman", inputs, DOMAIN)
    if stream.width == 1:
        return decoding.node("unpacked", "HuffmanSigns", inputs, DOMAIN)
    half, span = (np.array(1 << bits, np.float32) for bits in (stream.width - 1, stream.width))
    inputs += [decoding.tensor("half", half), decoding.tensor("span", span)]
    return decoding.node("unpacked", "HuffmanSigned", inputs, DOMAIN)


def block_starts(stream: Symbols, lengths: huffman.Lengths) -> Any:
    """The bit where the first symbol of each block begins, int32 [blocks, 1]."""
    flat = stream.values.reshape(-1)
    bits = [int(lengths[flat[i : i + BLOCK]].sum(dtype=np.int64)) for i in range(0, flat.size, BLOCK)]
    return (np.cumsum(bits) - bits).astype(np.int32).reshape(-1, 1)
