"""Cases of SubvectorDecode: from codes of sub-vectors back to weights."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from qref.codebooks.subvectors import LAYOUTS, matrix_shape
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

REQUIREMENTS = ("QREF-CB-001", "QREF-CB-002")


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("subvectors")

    def operands(shape: tuple[int, ...], layout: str, length: int, values: int) -> tuple[Tensor, Tensor]:
        R, L = matrix_shape(shape, layout)
        codes = draw.integers(0, values - 1, (R, -(-L // length)))
        return tensor(codes, "uint8"), tensor(draw.signed_float32(-9, 3, (values, L)), "float32")

    shapes: tuple[tuple[int, ...], ...] = ((4, 6), (3, 8, 1, 1), (4, 3, 2, 3))
    for shape in shapes:
        for layout in LAYOUTS:
            for length in (1, 2, 4, 64):
                L = matrix_shape(shape, layout)[1]
                flags = (f"layout-{layout}", *(("short-subvector",) if L % length else ()))
                inputs, attributes = operands(shape, layout, length, 5), given(shape, layout, length)
                comment = f"weights {list(shape)} by {layout}, sub-vectors of {length}"
                request = ask("SubvectorDecode", 1, inputs, attributes, "qref")
                yield judged(suite, "decoded", request, REQUIREMENTS, flags, comment)
    small: dict[str, tuple[int, ...]] = {"rank 1": (5,), "rank 0": (), "no weights": (2, 0), "no channels": (0, 3)}
    for comment, shape in small.items():
        flag = "zero-size" if 0 in shape else "one-element"
        request = ask("SubvectorDecode", 1, operands(shape, "rows", 2, 2), given(shape, "rows", 2), "qref")
        yield judged(suite, "small", request, REQUIREMENTS, (flag,), comment)
    codes, books = operands((2, 4), "rows", 2, 3)
    high, nan = tensor([[0, 3], [1, 2]], "uint8"), tensor(np.full((3, 4), np.nan), "float32")
    for slug, inputs, attributes, requirement, comment in (
        ("beyond", (high, books), given((2, 4), "rows", 2), "QREF-CB-002", "code 3 of a codebook of three"),
        ("nan", (codes, nan), given((2, 4), "rows", 2), "QREF-QZ-001", "NaN in a codebook"),
        ("codes", (codes, books), given((2, 4), "rows", 1), "QREF-CB-002", "two codes a row where four are wanted"),
        ("length", (codes, books), given((2, 4), "rows", 0), "QREF-CB-002", "sub-vectors of length 0"),
        ("layout", (codes, books), given((2, 4), "blocks", 2), "QREF-CB-001", "a layout that there is not"),
    ):
        request = ask("SubvectorDecode", 1, inputs, attributes, "qref")
        yield refused(suite, slug, request, (requirement,), ("error",), comment)


def given(shape: tuple[int, ...], layout: str, length: int) -> dict[str, Any]:
    return {"shape": list(shape), "layout": layout, "length": length}
