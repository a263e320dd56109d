"""Cases of MatMul and Gemm for the suite `onnx-float`."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, hard_sums, whole
from qref.vectors.generators.matrix_product import SHAPES

SUITE = "onnx-float"
INTEGERS = ("int32", "int64", "uint32", "uint64")


def cases() -> Iterator[Case]:
    """All cases of MatMul and Gemm."""
    yield from shapes()
    yield from sums()
    yield from magnitudes()
    yield from long_rows()
    yield from specials()
    yield from integers()
    yield from opsets()
    yield from gemm()
    yield from gemm_sums()
    yield from gemm_opsets()
    yield from errors()


def opset_of(dtype: str) -> int:
    """The first opset that has a type in both operators, an optional C aside."""
    return {"bfloat16": 13, **dict.fromkeys(INTEGERS, 9)}.get(dtype, 9)


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: tuple[Tensor, ...],
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """A case; the flag of its type is added."""
    dtype = inputs[0].dtype
    own = ("integers",) if dtype in INTEGERS else (dtype,) if dtype != "float32" else ()
    request = ask(op, opset, inputs, attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys((*flags, *own))), comment)


def shapes() -> Iterator[Case]:
    """Every pair of shapes of the integer operators: with small integers, then with all bits in use."""
    draw = Draw("float-products")
    for i, (a, b, flags) in enumerate(SHAPES):
        for j, dtype in enumerate(("float32", DTYPES[1 + i % 2])):
            fill = whole if j == i % 2 else drawn
            inputs = (fill(draw, dtype, a), fill(draw, dtype, b))
            carried = flags + (("whole-numbers",) if fill is whole else ())
            comment = f"{list(a)} times {list(b)}"
            empty = ("QREF-FP-007",) if "zero-size" in flags else ()
            yield make("MatMul", "shape", opset_of(dtype), inputs, ("QREF-FP-015", *empty), carried, comment)


def sums() -> Iterator[Case]:
    """Hard sums as a row times a column, and as one column among others."""
    draw = Draw("float-product-sums")
    for one in hard_sums():
        a, b = floats(one.a.reshape(1, -1), one.dtype), floats(one.b.reshape(-1, 1), one.dtype)
        requirements = (*one.requirements, "QREF-FP-015")
        yield make("MatMul", one.slug, opset_of(one.dtype), (a, b), requirements, one.flags, one.comment)
        if len(one.a) < 50 and "overflow" not in one.flags:
            rows = np.stack([one.a, draw.integers(-4, 4, one.a.shape)])
            columns = np.stack([draw.integers(-4, 4, one.b.shape), one.b], axis=1)
            yield make(
                "MatMul", one.slug, opset_of(one.dtype), (floats(rows, one.dtype), floats(columns, one.dtype)),
                requirements, one.flags, f"beside another row and column: {one.comment}",
            )  # fmt: skip


def magnitudes() -> Iterator[Case]:
    """Rows and columns whose sizes are worlds apart, each result within its own tolerance."""
    draw = Draw("float-product-magnitudes")
    for dtype, far in (("float32", 50), ("float16", 6), ("bfloat16", 50)):
        for K in (5, 40):
            a, b = (draw.signed_float32(-2, 0, shape).astype(np.float64) for shape in ((3, K), (K, 3)))
            a = np.ldexp(a, np.array([[0], [-far], [far // 2]]))
            b = np.ldexp(b, np.array([0, far // 2, -far // 2]))
            comment = f"rows and columns up to 2^{far} apart"
            yield make(
                "MatMul", "magnitudes", opset_of(dtype), (floats(a, dtype), floats(b, dtype)), ("QREF-FS-005",),
                ("magnitudes",), comment,
            )  # fmt: skip


def long_rows() -> Iterator[Case]:
    """More rows, columns and products than any vector register or tile holds."""
    draw = Draw("float-product-long")
    for i, (M, K, N) in enumerate(((5, 133, 17), (19, 20, 5), (1, 260, 33), (7, 9, 31), (16, 16, 16), (3, 64, 65))):
        dtype = DTYPES[i % 3]
        for fill, flags in ((whole, ("whole-numbers",)), (drawn, ())):
            comment = f"[{M}, {K}] times [{K}, {N}]: whole vectors and tails in every direction"
            inputs = (fill(draw, dtype, (M, K)), fill(draw, dtype, (K, N)))
            yield make("MatMul", "long", opset_of(dtype), inputs, ("QREF-FP-015",), flags, comment)


def specials() -> Iterator[Case]:
    """Infinity and NaN reach their row or column and no other."""
    draw = Draw("float-product-specials")
    for dtype in DTYPES:
        for value, flag in ((np.inf, "infinity"), (-np.inf, "infinity"), (np.nan, "not-a-number")):
            a, b = (draw.integers(1, 6, shape).astype(np.float64) for shape in ((3, 4), (4, 2)))
            a[1, 2] = value
            comment = f"{value} in one row of A"
            inputs = (floats(a, dtype), floats(b, dtype))
            yield make("MatMul", "special", opset_of(dtype), inputs, ("QREF-FS-003",), (flag,), comment)
        a, b = np.array([[np.inf, -np.inf, 1.0], [1.0, 2.0, 3.0]]), np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
        inputs = (floats(a, dtype), floats(b, dtype))
        flags = ("infinity", "not-a-number")
        yield make("MatMul", "special", opset_of(dtype), inputs, ("QREF-FS-003",), flags, "∞ − ∞ beside ∞ + ∞")


def integers() -> Iterator[Case]:
    """Integer matrices: small numbers, numbers at the ends of their type, and sums beyond it, which wrap."""
    draw = Draw("integer-products")
    for dtype in INTEGERS:
        bits, signed = int(dtype[-2:]), dtype[0] == "i"
        low = -9 if signed else 0
        inputs = tensor(draw.integers(low, 9, (3, 5)), dtype), tensor(draw.integers(low, 9, (5, 2)), dtype)
        yield make("MatMul", "integers", 9, inputs, ("QREF-FP-016",), (), "small integers")
        near = 2 ** (bits - signed) - 1
        inputs = tensor(np.array([[near, 1, near - 2]], dtype=dtype), dtype), tensor([[1], [0], [0]], dtype)
        yield make("MatMul", "integers", 9, inputs, ("QREF-FP-016",), ("range-ends",), "the largest number of the type")
        half = 2 ** (bits // 2)
        inputs = tensor([[half, 3]], dtype), tensor([[half, 5], [7, half]], dtype)
        comment = f"a product of 2^{bits} and 21: numpy.matmul wraps"
        yield make("MatMul", "integers", 13, inputs, ("QREF-FP-016",), ("range-ends",), comment)
        odd = 2**26 + 1 if bits == 64 else 2**13 + 1
        inputs = tensor([[odd, odd]], dtype), tensor([[odd], [1]], dtype)
        comment = "a product that a float of the same width does not hold"
        yield make("MatMul", "integers", 9, inputs, ("QREF-FP-016",), ("int32-precision",), comment)


def opsets() -> Iterator[Case]:
    """One case of each opset's text of MatMul: 9 adds integers, 13 bfloat16."""
    draw = Draw("float-product-opsets")
    for opset, dtype in ((1, "float32"), (1, "float16"), (9, "float32"), (13, "float32"), (13, "float16")):
        inputs = whole(draw, dtype, (2, 3)), whole(draw, dtype, (3, 2))
        flags = ("opset", "whole-numbers")
        yield make("MatMul", "opset", opset, inputs, ("QREF-FP-015",), flags, f"opset {opset}")


def gemm() -> Iterator[Case]:
    """Both transpositions, factors, and every shape of C, with a type after another."""
    draw = Draw("float-gemm")
    c_shapes: tuple[tuple[int, ...] | None, ...] = (None, (), (1,), (4,), (1, 4), (3, 1), (3, 4), (1, 1))
    factors = ((1.0, 1.0), (0.5, 1.0), (1.0, 2.0), (-0.75, 0.1), (0.0, 1.0), (1.0, 0.0), (0.3, -3.0))
    for i in range(4):
        for j, c in enumerate(c_shapes):
            transA, transB = i // 2, i % 2
            alpha, beta = factors[(i + j) % len(factors)]
            dtype = DTYPES[(i + j) % 3]
            fill = whole if (i + j // 2) % 2 else drawn
            inputs = [fill(draw, dtype, (5, 3) if transA else (3, 5)), fill(draw, dtype, (4, 5) if transB else (5, 4))]
            inputs += [] if c is None else [fill(draw, dtype, c)]
            flags: tuple[str, ...] = ("transpose",) if i else ()
            flags += ("alpha-beta",) if (alpha, beta) != (1.0, 1.0) else ()
            flags += ("bias-broadcast",) if c is not None and c != (3, 4) else ()
            comment = f"transA {transA}, transB {transB}, alpha {alpha:g}, beta {beta:g}, " + (
                "no C" if c is None else f"C {list(c)}"
            )
            attributes = {"transA": transA, "transB": transB, "alpha": alpha, "beta": beta}
            requirements = ("QREF-FP-017", "QREF-FP-018")
            opset = 13 if dtype == "bfloat16" else 11
            yield make("Gemm", "form", opset, tuple(inputs), requirements, flags, comment, attributes)
    for transA, transB in ((0, 0), (1, 0), (0, 1), (1, 1)):
        for c in ((4,), (4, 1), (1, 4)):
            inputs = [whole(draw, "float32", (4, 4)), whole(draw, "float32", (4, 4)), whole(draw, "float32", c)]
            comment = f"square matrices, C {list(c)}: no shape tells rows from columns"
            attributes = {"transA": transA, "transB": transB}
            flags = ("bias-broadcast", "whole-numbers", *(("transpose",) if transA or transB else ()))
            yield make("Gemm", "square", 11, tuple(inputs), ("QREF-FP-017", "QREF-FP-018"), flags, comment, attributes)
    for a, b in (((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0))):
        inputs = [whole(draw, "float32", a), whole(draw, "float32", b), whole(draw, "float32", (b[1],))]
        comment = f"{list(a)} times {list(b)}, and C"
        yield make("Gemm", "empty", 11, tuple(inputs), ("QREF-FP-007", "QREF-FP-018"), ("zero-size",), comment)


def gemm_sums() -> Iterator[Case]:
    """Hard sums with their first term as C, and with factors on both."""
    for i, one in enumerate(hard_sums()):
        if len(one.a) > 600 and i % 2:
            continue
        a, b = floats(one.a.reshape(-1, 1), one.dtype), floats(one.b.reshape(-1, 1), one.dtype)
        opset = 13 if one.dtype == "bfloat16" else 11
        requirements = (*one.requirements, "QREF-FP-017")
        flags = (*one.flags, "transpose")
        yield make("Gemm", one.slug, opset, (a, b), requirements, flags, one.comment, {"transA": 1})
        if one.b[0] == 1 and len(one.a) > 1:
            rest = floats(one.a[None, 1:], one.dtype), floats(one.b[None, 1:], one.dtype)
            inputs = (*rest, floats(one.a[:1], one.dtype))
            comment = f"the first term is C: {one.comment}"
            yield make("Gemm", one.slug, opset, inputs, requirements, flags, comment, {"transB": 1})
            if not {"overflow", "subnormal"} & set(one.flags):
                comment = f"the first term is C, all of it doubled: {one.comment}"
                attributes = {"transB": 1, "alpha": 2.0, "beta": 2.0}
                flags2 = (*flags, "alpha-beta")
                yield make("Gemm", one.slug, opset, inputs, requirements, flags2, comment, attributes)


def gemm_opsets() -> Iterator[Case]:
    """One case of each opset's text: C of the whole shape, `broadcast`, broadcasting, integers, no C, bfloat16."""
    draw = Draw("float-gemm-opsets")
    plain = whole(draw, "float32", (2, 3)), whole(draw, "float32", (3, 4))
    row, full = whole(draw, "float32", (4,)), whole(draw, "float32", (2, 4))
    rows: list[tuple[int, tuple[Tensor, ...], dict[str, Any], str]] = [
        (1, (*plain, full), {}, "opset 1: C of shape [M, N]"),
        (1, (*plain, row), {"broadcast": 1}, "opset 1: broadcast 1 and C of shape [N]"),
        (6, (*plain, full), {"transA": 0, "alpha": 0.5}, "opset 6: C of shape [M, N]"),
        (6, (*plain, row), {"broadcast": 1, "beta": 2.0}, "opset 6: broadcast 1 and C of shape [N]"),
        (7, (*plain, row), {}, "opset 7: C broadcasts by itself"),
        (9, (*plain, row), {"beta": 0.5}, "opset 9"),
        (11, plain, {}, "opset 11: no C"),
        (13, plain, {"alpha": 3.0}, "opset 13: no C"),
    ]
    for opset, inputs, attributes, comment in rows:
        flags = ("opset", "whole-numbers", *(("alpha-beta",) if {"alpha", "beta"} & set(attributes) else ()))
        yield make("Gemm", "opset", opset, inputs, ("QREF-FP-018",), flags, comment, attributes)
    for dtype in INTEGERS:
        low = -9 if dtype[0] == "i" else 0
        abc = [tensor(draw.integers(low, 9, shape), dtype) for shape in ((2, 3), (3, 4))]
        abc.append(tensor(draw.integers(200 * -low // 9, 250, (4,)), dtype))
        for alpha, beta in ((1.0, 1.0), (2.0, 3.0)):
            comment = f"{dtype}, alpha {alpha:g}, beta {beta:g}"
            flags = ("opset", *(("alpha-beta",) if alpha != 1 else ()))
            attributes = {"alpha": alpha, "beta": beta}
            yield make("Gemm", "integers", 9, tuple(abc), ("QREF-FP-017",), flags, comment, attributes)


def errors() -> Iterator[Case]:
    """What the texts rule out."""

    def ones(*shape: int, dtype: str = "float32") -> Tensor:
        return floats(np.ones(shape), dtype)

    rows: list[tuple[str, str, tuple[Tensor, ...], dict[str, Any]]] = [
        ("inner lengths 3 and 4", "MatMul", (ones(2, 3), ones(4, 2)), {}),
        ("stacks of 2 and 3 matrices", "MatMul", (ones(2, 2, 3), ones(3, 3, 4)), {}),
        ("float32 times float16", "MatMul", (ones(2, 3), ones(3, 2, dtype="float16")), {}),
        ("inner lengths 3 and 2 once A is transposed", "Gemm", (ones(3, 2), ones(2, 4)), {"transA": 1}),
        ("C of 3 columns for 4", "Gemm", (ones(2, 3), ones(3, 4), ones(3)), {}),
        ("C of 3 rows for 2", "Gemm", (ones(2, 3), ones(3, 4), ones(3, 1)), {}),
        ("C of more dimensions than two", "Gemm", (ones(2, 3), ones(3, 4), ones(1, 2, 4)), {}),
        ("a stack of matrices", "Gemm", (ones(1, 2, 3), ones(3, 4)), {}),
        ("C that would make the result larger", "Gemm", (ones(1, 3), ones(3, 4), ones(2, 4)), {}),
    ]
    for comment, op, inputs, attributes in rows:
        request = ask(op, 13, inputs, attributes)
        yield refused(SUITE, "error", request, ("QREF-FP-019",), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What the texts leave open, for the suite `open-behaviour`."""
    whole_numbers = tensor([[1, 2], [3, 4]], "int32"), tensor([[1, 0], [0, 1]], "int32")
    request = ask("Gemm", 13, whole_numbers, {"alpha": 0.5})
    yield left_open("open-behaviour", "integers", request, ("integers",), "half of an integer product")
    largest = tensor([[2**31 - 1]], "int32"), tensor([[2]], "int32")
    comment = "an integer result beyond its type"
    yield left_open("open-behaviour", "integers", ask("Gemm", 13, largest), ("integers",), comment)
