"""Packed codes, CSR, relative index and Huffman's code on strings of bits and lists, from the papers and the chapter.

Huffman's tree is built of nested pairs, package-merge of lists of symbols; codewords are strings of 0 and 1.
"""

from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import numbers, whole
from independent.tensors import Tensor

Node = int | tuple["Node", "Node"]


def pack_codes(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    bits = attributes.get("bits", 8)
    refuse_unless(1 <= bits <= 8 and inputs[0] is not None and inputs[0].dtype in ("int8", "uint8"), "no such codes")
    assert inputs[0] is not None
    codes = inputs[0].integers
    if inputs[0].dtype == "int8" and bits == 1:
        refuse_unless(all(code in (-1, 1) for code in codes), "signs")
        return [stream("".join("1" if code > 0 else "0" for code in codes), lowest_first=True)]
    least = -(2 ** (bits - 1)) if inputs[0].dtype == "int8" else 0
    refuse_unless(all(least <= code < least + 2**bits for code in codes), "a code of more bits")
    return [stream("".join(word(code % 2**bits, bits)[::-1] for code in codes), lowest_first=True)]


def unpack_codes(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    bits, signed = attributes.get("bits", 8), attributes.get("signed", 0)
    count = size(attributes)
    refuse_unless(signed in (0, 1), "signed is a flag")
    line = "".join(word(byte, 8)[::-1] for byte in whole(inputs[0], "uint8"))
    refuse_unless(count * bits <= len(line) < count * bits + 8, "as many bytes as the codes need")
    refuse_unless("1" not in line[count * bits :], "zeros behind the codes")
    codes = [int(line[i * bits : (i + 1) * bits][::-1], 2) for i in range(count)]
    if signed:
        codes = [2 * c - 1 if bits == 1 else c - 2**bits * (c >= 2 ** (bits - 1)) for c in codes]
    return [Tensor("int8" if signed else "uint8", tuple(attributes["shape"]), [code % 256 for code in codes])]


def csr_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    values = numbers(inputs[0])
    assert inputs[0] is not None
    rows, across = matrix(inputs[0].shape)
    pointers, columns, kept = [0], [], []
    for m in range(rows):
        for k in range(across):
            if values[m * across + k]:
                columns.append(k)
                kept.append(inputs[0].codes[m * across + k])
        pointers.append(len(kept))
    pointer_bits = max(len(f"{rows * across:b}"), 1)
    column_bits = len(f"{across - 1:b}") if across > 1 else 0
    raw = packed(pointers, pointer_bits) + packed(columns, column_bits) + words(kept)
    return [
        row("int64", pointers),
        row("int64", columns),
        row("float32", kept),
        scalar(8 * len(raw)),
        row("uint8", raw),
    ]


def csr_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    count = size(attributes)
    pointers, columns = whole(inputs[0], "int64"), whole(inputs[1], "int64")
    numbers(inputs[2])
    assert inputs[2] is not None
    rows, across = matrix(tuple(attributes["shape"]))
    refuse_unless(len(pointers) == rows + 1 and len(columns) == len(inputs[2].codes), "lengths")
    refuse_unless(pointers == sorted(pointers) and pointers[0] == 0 and pointers[-1] == len(columns), "pointers")
    W = [0] * count
    for m in range(rows):
        inside = columns[pointers[m] : pointers[m + 1]]
        refuse_unless(inside == sorted(set(inside)) and all(0 <= k < across for k in inside), "columns")
        for i in range(pointers[m], pointers[m + 1]):
            W[m * across + columns[i]] = inputs[2].codes[i]
    return [Tensor("float32", tuple(attributes["shape"]), W)]


def relative_index_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Walks along the zeros one by one."""
    k, huffman = attributes.get("gap_bits", 8), attributes.get("huffman", 0)
    refuse_unless(1 <= k <= 8 and huffman in (0, 1), "attributes")
    values = numbers(inputs[0])
    assert inputs[0] is not None
    gaps: list[int] = []
    kept: list[int] = []
    pending: list[int] = []
    zeros = 0
    for i, value in enumerate(values):
        if value:
            gaps += [*pending, zeros]
            kept += [0] * len(pending) + [inputs[0].codes[i]]
            zeros, pending = 0, []
        elif zeros == 2**k - 1:
            pending.append(zeros)  # a filler, if a number follows
            zeros = 0
        else:
            zeros += 1
    streams, tables, output = [(gaps, k)], words(kept), row("float32", kept)
    if len(inputs) > 1 and inputs[1] is not None:
        book = numbers(inputs[1])
        refuse_unless(len(inputs[1].shape) == 1 and 1 <= len(book) <= 256 and len(set(book)) == len(book), "codebook")
        exact = numbers(Tensor("float32", (len(kept),), kept))
        refuse_unless(all(value in book for value in exact), "a value that is no codeword")
        codes = [book.index(value) for value in exact]
        streams.append((codes, max(len(f"{len(book) - 1:b}"), 1)))
        tables, output = words(inputs[1].codes), row("uint8", codes)
    raw = []
    for symbols, width in streams:
        if huffman:
            lengths = code_lengths([symbols.count(s) for s in range(2**width)])
            raw += packed(lengths, 4) + codeword_bytes(symbols, lengths)
        else:
            raw += packed(symbols, width)
    raw += tables + words([len(gaps)])
    return [row("uint8", gaps), output, scalar(8 * len(raw)), row("uint8", raw)]


def relative_index_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    count, k = size(attributes), attributes.get("gap_bits", 8)
    gaps = whole(inputs[0], "uint8")
    refuse_unless(1 <= k <= 8 and all(gap < 2**k for gap in gaps), "gaps")
    assert inputs[1] is not None
    if len(inputs) > 2 and inputs[2] is not None:
        numbers(inputs[2])
        refuse_unless(all(code < len(inputs[2].codes) for code in whole(inputs[1], "uint8")), "a code of no value")
        stored = [inputs[2].codes[code] for code in inputs[1].codes]
    else:
        numbers(inputs[1])
        stored = inputs[1].codes
    refuse_unless(len(stored) == len(gaps), "a value a gap")
    W: list[int] = []
    for gap, value in zip(gaps, stored):
        W += [0] * gap + [value]
    refuse_unless(len(W) <= count, "an entry beyond the tensor")
    return [Tensor("float32", tuple(attributes["shape"]), W + [0] * (count - len(W)))]


def huffman_code(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    counts = whole(inputs[0], "int64")
    assert inputs[0] is not None
    refuse_unless(len(inputs[0].shape) == 1 and len(counts) <= 256, "a row of 256 at most")
    refuse_unless(min(counts, default=0) >= 0 and sum(counts) < 2**48, "counts")
    lengths = code_lengths(counts)
    found = codewords(lengths)
    total = sum(n * length for n, length in zip(counts, lengths))
    size_in_bits = 8 * len(packed(lengths, 4)) + total + -total % 8
    return [row("uint8", lengths), row("uint16", [int(w or "0", 2) for w in found]), scalar(size_in_bits)]


def huffman_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    bits = attributes.get("bits", 8)
    symbols = whole(inputs[0], "uint8")
    refuse_unless(1 <= bits <= 8 and all(s < 2**bits for s in symbols), "a symbol of more bits")
    lengths = code_lengths([symbols.count(s) for s in range(2**bits)])
    raw = codeword_bytes(symbols, lengths)
    return [row("uint8", raw), row("uint8", lengths), scalar(8 * (len(raw) + len(packed(lengths, 4))))]


def huffman_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    count = size(attributes)
    line = "".join(word(byte, 8) for byte in whole(inputs[0], "uint8"))
    lengths = whole(inputs[1], "uint8")
    used = [length for length in lengths if length]
    refuse_unless(max(used, default=0) <= 15, "15 bits at most")
    refuse_unless(used in ([], [1]) or sum(2 ** (15 - length) for length in used) == 2**15, "Kraft's sum is 1")
    symbol_of = {w: s for s, w in enumerate(codewords(lengths)) if w}
    symbols: list[int] = []
    begin = 0
    while len(symbols) < count:
        end = next((e for e in range(begin + 1, len(line) + 1) if line[begin:e] in symbol_of), 0)
        refuse_unless(end > 0, "no codeword")
        symbols.append(symbol_of[line[begin:end]])
        begin = end
    refuse_unless(len(line) - begin < 8 and "1" not in line[begin:], "no more than zeros up to the next byte")
    return [Tensor("uint8", tuple(attributes["shape"]), symbols)]


def code_lengths(counts: list[int]) -> list[int]:
    """Depths in Huffman's tree; where one is above 15, package-merge."""
    nodes: list[tuple[int, Node]] = [(n, s) for s, n in enumerate(counts) if n]
    lengths = [0] * len(counts)
    if len(nodes) == 1:
        lengths[nodes[0][1]] = 1  # type: ignore[index]
    while len(nodes) > 1:
        nodes.sort(key=lambda node: node[0])  # stable: those in front stay in front of their equals
        (a, left), (b, right) = nodes[:2]
        nodes = [*nodes[2:], (a + b, (left, right))]  # behind all that there were
        for s in leaves((left, right)):
            lengths[s] += 1
    if max(lengths, default=0) > 15:
        lengths = coin_collector(counts, 15)
    return lengths


def leaves(node: Node) -> list[int]:
    """The symbols below a node; a list, so that deep trees are no deep recursion."""
    found, open_nodes = [], [node]
    while open_nodes:
        one = open_nodes.pop()
        if isinstance(one, tuple):
            open_nodes += one
        else:
            found.append(one)
    return found


def coin_collector(counts: list[int], limit: int) -> list[int]:
    """Larmore and Hirschberg: coins of 2^-limit to 2^-1, each symbol one of each; the cheapest that make S − 1."""
    coins = sorted((n, 0, s, [s]) for s, n in enumerate(counts) if n)
    packages: list[tuple[int, int, int, list[int]]] = []
    for _ in range(limit):
        merged = sorted(coins + packages, key=lambda item: item[:3])
        taken = merged[: 2 * len(coins) - 2]
        packages = [
            (a[0] + b[0], 1, i, a[3] + b[3]) for i, (a, b) in enumerate(zip(merged[0::2], merged[1::2], strict=False))
        ]
    held = [s for item in taken for s in item[3]]
    return [held.count(s) for s in range(len(counts))]


def codewords(lengths: list[int]) -> list[str]:
    """The next free word of each length: counting on, with zeros behind."""
    words_of = [""] * len(lengths)
    value, before = 0, 0
    for length, s in sorted((length, s) for s, length in enumerate(lengths) if length):
        value *= 2 ** (length - before)
        words_of[s], before = word(value, length), length
        value += 1
    return words_of


def codeword_bytes(symbols: list[int], lengths: list[int]) -> list[int]:
    found = codewords(lengths)
    return stream("".join(found[s] for s in symbols), lowest_first=False).codes


def word(value: int, bits: int) -> str:
    """A number in so many bits, the highest first."""
    return f"{value:0{bits}b}"


def packed(codes: list[int], bits: int) -> list[int]:
    return stream("".join(word(code, bits)[::-1] for code in codes) if bits else "", lowest_first=True).codes


def stream(line: str, lowest_first: bool) -> Tensor:
    """The bytes of a line of bits, zeros behind it."""
    line += "0" * (-len(line) % 8)
    each = [line[i : i + 8] for i in range(0, len(line), 8)]
    return row("uint8", [int(byte[::-1] if lowest_first else byte, 2) for byte in each])


def words(values: list[int]) -> list[int]:
    """32 bits each, the lowest byte first."""
    return [value >> shift & 255 for value in values for shift in (0, 8, 16, 24)]


def row(dtype: str, values: list[int]) -> Tensor:
    return Tensor(dtype, (len(values),), list(values))


def scalar(value: int) -> Tensor:
    return Tensor("int64", (), [value])


def matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    return (shape[0] if shape else 1), prod(shape[1:])


def size(attributes: dict[str, Any]) -> int:
    shape = attributes.get("shape")
    refuse_unless(shape is not None and min(shape, default=0) >= 0, "a shape is wanted")
    assert shape is not None
    return prod(shape)
