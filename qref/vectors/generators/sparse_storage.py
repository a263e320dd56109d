"""Cases of CSR and of the relative index: sparse weights to arrays, sizes and bytes, and back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

CSR = ("QREF-ST-002", "QREF-ST-003")
CSR_BACK = ("QREF-ST-004",)
GAPS = ("QREF-ST-005", "QREF-ST-008")
CODES = ("QREF-ST-005", "QREF-ST-006", "QREF-ST-008")
BACK = ("QREF-ST-007",)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from _csr(suite, Draw("csr"))
    yield from _relative(suite, Draw("relative-index"))
    yield from _refusals(suite)


def sparse(draw: Draw, shape: tuple[int, ...], one_in: int) -> NDArray[np.float32]:
    """Numbers of either sign, all but about one in `one_in` of them 0."""
    return np.where(draw.integers(0, one_in - 1, shape) == 0, draw.signed_float32(-5, 5, shape), np.float32(0))


def float32(values: Any) -> Tensor:
    return tensor(np.asarray(values, np.float32), "float32")


def _csr(suite: str, draw: Draw) -> Iterator[Case]:
    for shape, one_in in (((4, 6), 3), ((5, 40), 8), ((3, 2, 3, 3), 4), ((2, 150), 12), ((7, 1), 2), ((1, 16), 2)):
        comment = f"weights {list(shape)}, about one in {one_in} not 0"
        yield from _csr_both(suite, float32(sparse(draw, shape, one_in)), ("csr-rows", "stored-size"), comment)
    rows = np.zeros((5, 4), np.float32)
    rows[[1, 1, 3], [0, 3, 2]] = 1, -2, 3
    yield from _csr_both(suite, float32(rows), ("csr-rows", "csr-empty-row"), "first, middle and last rows empty")
    ends = np.zeros((6, 3), np.float32)
    ends[[0, 0, 5], [1, 2, 0]] = 4, 5, 6
    yield from _csr_both(suite, float32(ends), ("csr-rows", "csr-empty-row"), "four empty rows between two")
    minus = float32([[0, -0.0, 1e-45], [-0.0, -3.4e38, 0]])
    yield from _csr_both(suite, minus, ("csr-rows", "stored-zeros"), "−0, a subnormal, a number near the largest")
    signs = float32([[-0.0, 0, 4, -0.0], [0, 0, -0.0, 0], [-0.0, -4, 0, 0.5]])
    yield from _csr_both(suite, signs, ("csr-rows", "stored-zeros"), "zeros of both signs around numbers")
    small: tuple[tuple[str, Any], ...] = (
        ("no weights", np.zeros((2, 0))), ("no channels", np.zeros((0, 3))), ("rank 0", 5.0), ("rank 1", [0, 7, 0]),
        ("zeros alone", np.zeros((2, 3))), ("no zero", [[1, 2], [3, 4]]),
    )  # fmt: skip
    for comment, values in small:
        flag = "zero-size" if not np.size(values) else "csr-rows"
        yield from _csr_both(suite, float32(values), (flag,), comment)


def _csr_both(suite: str, W: Tensor, flags: tuple[str, ...], comment: str) -> Iterator[Case]:
    request = ask("CsrEncode", 1, [W], {}, "qref")
    yield judged(suite, "encoded", request, CSR, flags, comment)
    request = ask("CsrDecode", 1, run(request)[:3], {"shape": list(W.shape)}, "qref")
    yield judged(suite, "decoded", request, CSR_BACK, flags, comment)


def _relative(suite: str, draw: Draw) -> Iterator[Case]:
    usual = ("relative-index", "stored-size")
    for gap_bits in range(1, 9):
        for shape, one_in in (((4, 10), 4), ((3, max(10, 3 << gap_bits - 1)), 1 << gap_bits)):
            W = sparse(draw, shape, one_in)
            flags = (*usual, *(("gap-filler",) if _longest(W) >= 1 << gap_bits else ()))
            comment = f"gaps of {gap_bits} bits, about one weight in {one_in} not 0"
            yield from _both(suite, W, None, gap_bits, flags, comment)
            book = np.concatenate([[0], draw.signed_float32(-3, 3, (6,))]).astype(np.float32)
            chosen = np.where(W != 0, book[draw.integers(1, 6, shape)], np.float32(0))
            coded = (*flags, *(("filler-code",) if "gap-filler" in flags else ()))
            yield from _both(suite, chosen, np.roll(book, gap_bits), gap_bits, coded, f"{comment}, in a codebook")
    for gap_bits in (1, 2, 3, 5):
        for zeros in sorted({(1 << gap_bits) * n + off for n in (1, 2, 3) for off in (-2, -1, 0, 1)}):
            W = np.concatenate([np.zeros(zeros), [1], np.zeros(zeros), [2], np.zeros(zeros)])
            flags = ("relative-index", "gap-limit", *(("gap-filler",) if zeros >= 1 << gap_bits else ()))
            yield from _both(suite, W, None, gap_bits, flags, f"{zeros} zeros three times, gaps of {gap_bits} bits")
    figure = np.zeros(16)
    figure[[1, 4, 15]] = 3.4, 0.9, 1.7
    yield from _both(suite, figure, None, 3, ("relative-index", "gap-filler"), "Deep Compression, figure 2")
    eie = np.array([0, 0, 1, 2, *[0] * 18, 3])
    yield from _both(suite, eie, None, 4, ("relative-index", "gap-filler"), "EIE, section 3: z = [2, 0, 15, 2]")
    small: tuple[tuple[str, Any], ...] = (
        ("no weights", np.zeros((2, 0))), ("rank 0", 5.0), ("rank 0, zero", 0.0), ("zeros alone", np.zeros((2, 9))),
        ("no zero", [[1, 2], [3, 4]]), ("the first alone", [1, *[0] * 9]), ("the last alone", [*[0] * 9, 1]),
        ("−0, a subnormal, a number near the largest", [-0.0, 1e-45, 0, -3.4e38]),
        ("rank 4", np.arange(24).reshape(2, 3, 2, 2) % 5 == 4),
    )  # fmt: skip
    for comment, values in small:
        yield from _both(suite, values, None, 3, ("relative-index",) if np.any(values) else ("zero-size",), comment)


def _longest(W: NDArray[np.float32]) -> int:
    """The most zeros in front of a number."""
    at = np.flatnonzero(W)
    return int((np.diff(at, prepend=-1) - 1).max()) if at.size else 0


def _both(
    suite: str, W: Any, book: NDArray[np.float32] | None, gap_bits: int, flags: tuple[str, ...], comment: str
) -> Iterator[Case]:
    codebook = [] if book is None else [float32(book)]
    for huffman in (0, 1):
        given = {"gap_bits": gap_bits, "huffman": huffman}
        request = ask("RelativeIndexEncode", 1, [float32(W), *codebook], given, "qref")
        more = ("QREF-ST-013",) if huffman else ()
        also = ("huffman-size",) if huffman else ()
        wanted = (*(CODES if codebook else GAPS), *more)
        yield judged(suite, "huffman" if huffman else "encoded", request, wanted, (*flags, *also), comment)
    gaps, values = run(request)[:2]
    back = {"shape": list(np.shape(W)), "gap_bits": gap_bits}
    request = ask("RelativeIndexDecode", 1, [gaps, values, *codebook], back, "qref")
    yield judged(suite, "decoded", request, BACK, flags, comment)


def _refusals(suite: str) -> Iterator[Case]:
    W, nan = float32([[0, 2], [3, 0]]), float32([[0, 2], [np.nan, 0]])
    pointers, columns, values = tensor([0, 1, 2], "int64"), tensor([1, 0], "int64"), float32([2, 3])
    square, gaps, codes = {"shape": [2, 2]}, tensor([1, 0], "uint8"), tensor([1, 2], "uint8")
    book = float32([0, 2, 3])
    far, high = float32([0] * 9 + [2]), tensor([8, 0], "uint8")

    def whole(*numbers: int) -> Tensor:
        return tensor(list(numbers), "int64")

    wrong: tuple[tuple[str, tuple[Tensor | None, ...], dict[str, Any], str, str], ...] = (
        ("CsrEncode", (nan,), {}, "QREF-QZ-001", "NaN among the weights"),
        ("CsrDecode", (whole(0, 1), columns, values), square, "QREF-ST-004", "row pointers without the last"),
        ("CsrDecode", (whole(1, 1, 2), columns, values), square, "QREF-ST-004", "a first row pointer of 1"),
        ("CsrDecode", (whole(0, 2, 1), columns, values), square, "QREF-ST-004", "row pointers that fall"),
        ("CsrDecode", (whole(0, 1, 1), columns, values), square, "QREF-ST-004", "values behind the last row"),
        ("CsrDecode", (pointers, whole(2, 0), values), square, "QREF-ST-004", "a column beyond the matrix"),
        ("CsrDecode", (pointers, whole(1, -1), values), square, "QREF-ST-004", "a column below 0"),
        ("CsrDecode", (whole(0, 2, 2), whole(1, 0), values), square, "QREF-ST-004", "columns that fall inside a row"),
        ("CsrDecode", (whole(0, 2, 2), whole(1, 1), values), square, "QREF-ST-004", "a column twice"),
        ("CsrDecode", (pointers, whole(1), values), square, "QREF-ST-004", "fewer columns than values"),
        ("CsrDecode", (pointers, columns, values), {}, "QREF-ST-004", "no shape"),
        ("RelativeIndexEncode", (nan,), {}, "QREF-QZ-001", "NaN among the weights"),
        ("RelativeIndexEncode", (W,), {"gap_bits": 9}, "QREF-ST-005", "gaps of nine bits"),
        ("RelativeIndexEncode", (W,), {"gap_bits": 0}, "QREF-ST-005", "gaps of no bits"),
        ("RelativeIndexEncode", (W,), {"huffman": 2}, "QREF-ST-005", "huffman is neither 0 nor 1"),
        ("RelativeIndexEncode", (W, float32([0, 2])), {}, "QREF-ST-006", "a weight that the codebook does not hold"),
        ("RelativeIndexEncode", (far, float32([1, 2])), {"gap_bits": 3}, "QREF-ST-006", "a filler, and no 0"),
        ("RelativeIndexEncode", (W, float32([0, 2, 2, 3])), {}, "QREF-ST-006", "a value twice in the codebook"),
        ("RelativeIndexDecode", (gaps, values), {"shape": [2]}, "QREF-ST-007", "an entry beyond the tensor"),
        ("RelativeIndexDecode", (high, values), {"shape": [16], "gap_bits": 3}, "QREF-ST-007", "gap 8"),
        ("RelativeIndexDecode", (gaps, float32([2])), square, "QREF-ST-007", "fewer values than gaps"),
        ("RelativeIndexDecode", (gaps, tensor([1, 3], "uint8"), book), square, "QREF-ST-007", "a code of no value"),
        ("RelativeIndexDecode", (gaps, codes), square, "QREF-ST-007", "codes without a codebook"),
        ("RelativeIndexDecode", (gaps, float32([2, np.inf])), square, "QREF-QZ-001", "infinity among the values"),
        ("RelativeIndexDecode", (gaps, values), {}, "QREF-ST-007", "no shape"),
    )  # fmt: skip
    for op, inputs, attributes, requirement, comment in wrong:
        yield refused(suite, "refused", ask(op, 1, inputs, attributes, "qref"), (requirement,), ("error",), comment)
