"""Cases of Huffman's code: lengths and codewords from counts, streams to bytes and back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

LENGTHS = ("QREF-ST-009", "QREF-ST-011", "QREF-ST-013")
LIMITED = (*LENGTHS, "QREF-ST-010")
STREAM = ("QREF-ST-011", "QREF-ST-013")
BACK = ("QREF-ST-012",)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from _codes(suite, Draw("huffman-code"))
    yield from _streams(suite, Draw("huffman-stream"))
    yield from _refusals(suite)


def fibonacci(count: int) -> list[int]:
    """1, 1, 2, 3, 5, …: the counts of the deepest tree."""
    found = [1, 1]
    while len(found) < count:
        found.append(sum(found[-2:]))
    return found[:count]


def _codes(suite: str, draw: Draw) -> Iterator[Case]:
    def case(counts: Any, flags: tuple[str, ...], comment: str) -> Case:
        request = ask("HuffmanCode", 1, [tensor(np.asarray(counts, np.int64), "int64")], {}, "qref")
        deep = "huffman-limit" in flags
        return judged(suite, "code", request, LIMITED if deep else LENGTHS, flags, comment)

    usual = ("huffman-lengths", "huffman-codewords", "huffman-size")
    yield case([15, 7, 6, 6, 5], usual, "where Shannon's and Fano's code takes 89 bits and Huffman's 87")
    yield case([45, 13, 12, 16, 9, 5], usual, "six letters, 224 bits")
    yield case([20, 18, 10, 10, 10, 6, 6, 4, 4, 4, 4, 3, 1], usual, "Huffman 1952, table I, of 100 messages")
    for symbols in (2, 3, 4, 7, 16, 31, 64, 256):
        yield case(draw.integers(1, 1000, (symbols,)), usual, f"{symbols} symbols of drawn counts")
        some = np.where(draw.integers(0, 2, (symbols,)) == 0, 0, draw.integers(1, 60, (symbols,)))
        yield case(some, usual, f"{symbols} symbols, some of which do not occur")
        tied = 2 ** draw.integers(0, 3, (symbols,))
        if symbols < 256:
            yield case(tied, (*usual, "huffman-tie"), f"{symbols} symbols with counts 1, 2, 4 and 8")
    for counts in ([1, 1, 2, 2], [2, 2, 1, 1], [1, 1, 1, 1, 2, 2], [2, 1, 1, 3], [3, 1, 1, 2, 2, 3], [1] * 6, [7] * 5):
        yield case(counts, (*usual, "huffman-tie"), f"counts {counts}")
    for counts in ([0, 0, 9, 0], [5], [0, 1]):
        yield case(counts, ("huffman-single",), f"one symbol that occurs, counts {counts}")
    yield case([0, 0, 0, 0], ("zero-size",), "nothing that occurs")
    yield case([], ("zero-size",), "no symbols")
    for count in (16, 17, 18, 25, 40):
        flags = ("huffman-lengths", "huffman-codewords", *(("huffman-limit",) if count > 16 else ()))
        yield case(fibonacci(count), flags, f"{count} of Fibonacci's numbers: a tree {count - 1} deep")
        yield case(fibonacci(count)[::-1], flags, f"{count} of Fibonacci's numbers, the largest first")
    doubled = [1, *(1 << i for i in range(20))]
    yield case(doubled, ("huffman-lengths", "huffman-limit"), "powers of two, a tree 20 deep")
    many = np.concatenate([fibonacci(24), draw.integers(1, 30, (232,))])
    yield case(many, ("huffman-lengths", "huffman-limit"), "256 symbols, some of them 15 bits long")
    yield case([(1 << 47) - 3, 1 << 40, 3, 1], ("huffman-lengths", "huffman-size"), "counts beyond 2^32")


def _streams(suite: str, draw: Draw) -> Iterator[Case]:
    def both(symbols: NDArray[Any], bits: int, flags: tuple[str, ...], comment: str) -> Iterator[Case]:
        request = ask("HuffmanEncode", 1, [tensor(symbols, "uint8")], {"bits": bits}, "qref")
        yield judged(suite, "encoded", request, STREAM, flags, comment)
        packed, lengths, _ = run(request)
        request = ask("HuffmanDecode", 1, [packed, lengths], {"shape": list(symbols.shape)}, "qref")
        yield judged(suite, "decoded", request, BACK, flags, comment)

    usual = ("huffman-stream", "huffman-codewords", "huffman-size")
    for bits in range(1, 9):
        for count in (5, 30, 100):
            skewed = np.minimum(
                draw.integers(0, (1 << bits) - 1, (count,)), draw.integers(0, (1 << bits) - 1, (count,))
            )
            yield from both(skewed, bits, usual, f"{count} symbols of {bits} bits")
        yield from both(
            np.full(11, (1 << bits) - 1), bits, ("huffman-single",), f"eleven times the last of {bits} bits"
        )
        yield from both(np.zeros(8), bits, ("huffman-single",), f"eight times 0, of {bits} bits")
    yield from both(np.zeros((0, 4)), 3, ("zero-size",), "no symbols")
    yield from both(np.array(5), 3, ("huffman-single",), "a scalar")
    yield from both(draw.integers(0, 6, (2, 3, 2, 2)), 3, usual, "rank 4")
    yield from both(np.arange(256), 8, usual, "every symbol once: eight bits each")
    deep = np.repeat(np.arange(18), fibonacci(18))[::-1]
    yield from both(deep[:: 1 if deep.size < 9000 else 2], 5, ("huffman-stream", "huffman-limit"), "15 bits at most")


def _refusals(suite: str) -> Iterator[Case]:
    def bytes(*values: int) -> Tensor:
        return tensor(list(values), "uint8")

    good, byte = bytes(1, 2, 2), bytes(0b10110000)
    wrong: tuple[tuple[str, tuple[Tensor, ...], dict[str, Any], str, str], ...] = (
        ("HuffmanCode", (tensor([1, -1], "int64"),), {}, "QREF-ST-009", "a count below 0"),
        ("HuffmanCode", (tensor(np.ones(257), "int64"),), {}, "QREF-ST-009", "257 symbols"),
        ("HuffmanCode", (tensor([[1, 1]], "int64"),), {}, "QREF-ST-009", "counts in a matrix"),
        ("HuffmanCode", (tensor([1 << 47, 1 << 47], "int64"),), {}, "QREF-ST-009", "2^48 symbols together"),
        ("HuffmanCode", (tensor([1, 1], "int32"),), {}, "QREF-ST-009", "int32"),
        ("HuffmanEncode", (bytes(3, 4),), {"bits": 2}, "QREF-ST-011", "4 in two bits"),
        ("HuffmanEncode", (bytes(3),), {"bits": 9}, "QREF-ST-011", "nine bits"),
        ("HuffmanDecode", (byte, good), {"shape": [7]}, "QREF-ST-012", "bytes that end early"),
        ("HuffmanDecode", (bytes(0b01011111), good), {"shape": [5]}, "QREF-ST-012", "bytes that end in a symbol"),
        ("HuffmanDecode", (bytes(), good), {"shape": [1]}, "QREF-ST-012", "no bytes for a symbol"),
        ("HuffmanDecode", (bytes(0b10110000, 0), good), {"shape": [4]}, "QREF-ST-012", "a byte too many"),
        ("HuffmanDecode", (bytes(0b10110001), good), {"shape": [3]}, "QREF-ST-012", "a last byte filled up with a one"),
        ("HuffmanDecode", (byte, bytes(1, 1, 2)), {"shape": [3]}, "QREF-ST-012", "too many codewords"),
        ("HuffmanDecode", (byte, bytes(1, 2, 3)), {"shape": [3]}, "QREF-ST-012", "codewords left over"),
        ("HuffmanDecode", (byte, bytes(2, 0, 0)), {"shape": [3]}, "QREF-ST-012", "two bits for one symbol"),
        ("HuffmanDecode", (byte, bytes(*range(1, 17), 16)), {"shape": [3]}, "QREF-ST-012", "16 bits"),
        ("HuffmanDecode", (bytes(0b01000000), bytes(1, 0)), {"shape": [3]}, "QREF-ST-012", "1 where only 0 is a word"),
        ("HuffmanDecode", (bytes(0), bytes(0, 0)), {"shape": [1]}, "QREF-ST-012", "a symbol, and no codewords"),
        ("HuffmanDecode", (bytes(0), good), {}, "QREF-ST-012", "no shape"),
    )  # fmt: skip
    for op, inputs, attributes, requirement, comment in wrong:
        yield refused(suite, "refused", ask(op, 1, inputs, attributes, "qref"), (requirement,), ("error",), comment)
