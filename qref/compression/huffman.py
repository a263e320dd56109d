"""Huffman's code, canonical: frequent symbols get short codewords, none of which begins another.

Huffman, "A method for the construction of minimum-redundancy codes", 1952: the two nodes of the smallest counts become
one, until one is left; the length l_s of a symbol's codeword is its depth in that tree, and Σ n_s·l_s is the least that
any prefix code has. Which tree, among equals, is fixed here: of nodes of equal counts the lower symbol comes first,
symbols come before nodes that were made, and those in the order of their making. That makes the longest codeword as
short as it can be. Codewords are canonical, in the order of (length, symbol), so that lengths are all a decoder needs.

No codeword has more than 15 bits: a length is stored in 4. Where Huffman's tree is deeper, lengths are those of
package-merge (Larmore, Hirschberg, "A fast algorithm for optimal length-limited Huffman codes", 1990), the least
Σ n_s·l_s within 15 bits.

[seed: Code-based quantization; Huffman 1952; Han 2016 section 4]
"""

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.packed_codes import pack

LONGEST = 15
LENGTH_BITS = 4
BLOCK = 1 << 20  # symbols at a time

Lengths = NDArray[np.uint8]


def code_lengths(counts: NDArray[np.int64], longest: int = LONGEST) -> Lengths:
    """The length of each symbol's codeword, 0 for a symbol that does not occur; 1 where only one does.

    counts: how often each symbol occurs, at most 2^longest of them. longest: bits of a codeword at most.
    """
    lengths = np.zeros(counts.size, np.uint8)
    found = [s for s in range(counts.size) if counts[s]]
    if len(found) < 2:
        lengths[found] = 1
        return lengths
    depths = tree_depths([int(counts[s]) for s in found])
    if max(depths) > longest:
        depths = package_merge([int(counts[s]) for s in found], longest)
    lengths[found] = depths
    return lengths


def tree_depths(counts: list[int]) -> list[int]:
    """The depth of each leaf of Huffman's tree; counts: two or more, none of them 0."""
    leaves = len(counts)
    heap = [(count, node) for node, count in enumerate(counts)]
    heapify(heap)
    parent = [0] * (2 * leaves - 1)
    for made in range(leaves, 2 * leaves - 1):
        first, left = heappop(heap)
        second, right = heappop(heap)
        parent[left] = parent[right] = made
        heappush(heap, (first + second, made))
    depth = [0] * (2 * leaves - 1)
    for node in range(2 * leaves - 3, -1, -1):
        depth[node] = depth[parent[node]] + 1
    return depth[:leaves]


def package_merge(counts: list[int], longest: int) -> list[int]:
    """The lengths of the best code of at most `longest` bits; counts: two to 2^longest, none of them 0.

    A row holds the leaves, lightest first, and the pairs of neighbours in the row before, a leaf before a pair of equal
    weight. A symbol's length is the number of the first 2·symbols − 2 items of the last row that hold its leaf.
    """
    order = sorted(range(len(counts)), key=lambda i: counts[i])
    leaves: list[tuple[int, tuple[int, ...]]] = [(counts[i], (i,)) for i in order]
    row = leaves
    for _ in range(longest - 1):
        pairs = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(row[::2], row[1::2])]
        row = sorted(leaves + pairs, key=lambda item: item[0])  # a stable order: leaves stay in front
    lengths = [0] * len(counts)
    for _, held in row[: 2 * len(counts) - 2]:
        for i in held:
            lengths[i] += 1
    return lengths


def codewords(lengths: Lengths) -> NDArray[np.uint16]:
    """The codeword of each symbol as a number of `lengths` bits, by (length, symbol); 0 for one that has none."""
    words = np.zeros(lengths.size, np.uint16)
    word = before = 0
    for s in np.argsort(lengths, kind="stable"):
        length = int(lengths[s])
        if length:
            word <<= length - before
            words[s], word, before = word, word + 1, length
    return words


def check(lengths: Lengths) -> None:
    """Raises InvalidInput unless some Huffman code has these lengths.

    Σ 2^−l is 1; or one symbol has 1 bit, or none has any.
    """
    used = lengths[lengths > 0]
    if used.size and int(used.max()) > LONGEST:
        raise InvalidInput(f"a codeword of {int(used.max())} bits: {LONGEST} at most")
    if used.size < 2 and not (used > 1).any():
        return
    taken = sum(1 << (LONGEST - int(length)) for length in used)
    if taken != 1 << LONGEST:
        how = "more than there are" if taken > 1 << LONGEST else "not all"
        raise InvalidInput(f"code lengths take {taken} of {1 << LONGEST} codewords of {LONGEST} bits, {how}")


def encode(symbols: NDArray[np.uint8], lengths: Lengths) -> bytes:
    """The codewords of the symbols one after the other, each from its highest bit on, bytes from their highest bit on.

    The last byte is filled up with zeros. Every symbol must have a codeword.
    """
    places = np.arange(LONGEST)
    shifts = np.maximum(lengths.astype(np.int64)[:, None] - 1 - places, 0)
    bits = (codewords(lengths).astype(np.int64)[:, None] >> shifts & 1).astype(np.uint8)
    used = places < lengths[:, None]
    flat, parts, rest = symbols.reshape(-1), [], np.zeros(0, np.uint8)
    for begin in range(0, flat.size, BLOCK):
        block = flat[begin : begin + BLOCK]
        line = np.concatenate([rest, bits[block][used[block]]])
        whole = line.size - line.size % 8
        parts.append(np.packbits(line[:whole]).tobytes())
        rest = line[whole:]
    return b"".join([*parts, np.packbits(rest).tobytes()])


def decode(raw: bytes, lengths: Lengths, count: int) -> NDArray[np.uint8]:
    """`count` symbols from the bytes that `encode` made.

    Raises:
        InvalidInput: no code has these lengths; the bytes end early, hold no codeword where one is wanted, or hold more
            than the symbols.
    """
    check(lengths)
    symbol_of = {(int(lengths[s]), int(word)): s for s, word in enumerate(codewords(lengths)) if lengths[s]}
    symbols = np.empty(count, np.uint8)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8)).tolist()
    p = 0
    for i in range(count):
        length = word = 0
        while (length, word) not in symbol_of:
            if length == LONGEST:
                raise InvalidInput(f"symbol {i}: no codeword begins with these {LONGEST} bits")
            if p == len(bits):
                raise InvalidInput(f"the stream ends inside symbol {i} of {count}")
            length, word, p = length + 1, word << 1 | bits[p], p + 1
        symbols[i] = symbol_of[length, word]
    if len(bits) - p > 7 or any(bits[p:]):
        raise InvalidInput(f"{len(raw)} bytes for {count} symbols of {p} bits: fewer than 8 zeros may follow them")
    return symbols


def stream_bits(counts: NDArray[np.int64], lengths: Lengths) -> int:
    """Bits of the encoded stream, whole bytes."""
    return 8 * -(-sum(int(n) * int(length) for n, length in zip(counts, lengths, strict=True)) // 8)


def packed_lengths(lengths: Lengths) -> bytes:
    """The code as it is stored: 4 bits a symbol, packed as codes of 4 bits."""
    return pack(lengths, LENGTH_BITS)
