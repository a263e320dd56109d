"""K-means from the spec's text, on lists of Fractions: the start, a step, and codebooks of vectors and sub-vectors."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.philox import words
from independent.schemes.scheme import float32, integers, numbers
from independent.schemes.subvectors import matrix_places
from independent.tensors import Tensor, rounded

Vector = list[Fraction]


def kmeans_start(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x = vectors(inputs[0])
    draws = words(attributes.get("seed", 0), attributes.get("tensor", 0), how_many(attributes, len(x)))
    chosen = first_centroids(x, draws)
    return [integers("int64", (len(chosen),), chosen)]


def kmeans_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, c = vectors(inputs[0]), vectors(inputs[1])
    assert inputs[1] is not None and inputs[0] is not None and not attributes
    refuse_unless(0 < len(c) < 257 and inputs[0].shape[1] == inputs[1].shape[1], "centroids that fit")
    cells = cells_of(x, c)
    found = moved(x, cells, c)
    return [integers("uint8", (len(x),), cells), float32(inputs[1].shape, [n for row in found for n in row])]


def vector_codebook(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return codebooks(attributes, inputs[0], None)


def product_codebook(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return codebooks(attributes, inputs[0], attributes.get("length", 4))


def codebooks(attributes: dict[str, Any], W: Tensor | None, d: int | None) -> list[Tensor]:
    w = numbers(W)
    assert W is not None
    most = attributes.get("iterations", 25)
    refuse_unless(most >= 0 and (d is None or d > 0), "steps and a length")
    R, L, rows = rows_of(W, w, attributes.get("layout", "rows"))
    d = max(L, 1) if d is None else d
    V, starts = how_many(attributes, R), range(0, L, d)
    drawn = words(attributes.get("seed", 0), attributes.get("tensor", 0), len(starts) * V)
    codes = [[0] * len(starts) for _ in range(R)]
    books: list[Vector] = [[] for _ in range(V)]
    for s, begin in enumerate(starts):
        part, c = clustered([row[begin : begin + d] for row in rows], drawn[s * V : (s + 1) * V], most)
        for r, code in enumerate(part):
            codes[r][s] = code
        books = [left + right for left, right in zip(books, c)]
    flat = [code for row in codes for code in row]
    return [integers("uint8", (R, len(starts)), flat), float32((V, L), [n for row in books for n in row])]


def rows_of(W: Tensor, w: Vector, layout: str) -> tuple[int, int, list[Vector]]:
    """R, L and the rows of the matrix."""
    shape = list(W.shape)
    outer, inner = (shape[0] if shape else 1), prod(shape[1:])
    taps, channels = prod(shape[2:]), shape[1] if len(shape) > 1 else 1
    places = matrix_places(shape, layout)
    R, L = {"rows": (outer, inner), "columns": (inner, outer), "channels": (outer * taps, channels)}[layout]
    rows = [[Fraction(0)] * L for _ in range(R)]
    for value, (r, column) in zip(w, places):
        rows[r][column] = value
    return R, L, rows


def clustered(x: list[Vector], draws: list[int], most: int) -> tuple[list[int], list[Vector]]:
    c = [x[i] for i in first_centroids(x, draws)]
    cells = None
    for _ in range(most):
        new = cells_of(x, c)
        if new == cells:
            break
        cells, c = new, moved(x, new, c)
    return [nearest(one, c) for one in x], c


def how_many(attributes: dict[str, Any], R: int) -> int:
    bits = attributes.get("bits", 4)
    refuse_unless(bits in range(1, 9), "1 to 8 bits")
    return min(2**bits, R)


def first_centroids(x: list[Vector], draws: list[int]) -> list[int]:
    chosen: list[int] = []
    for word in draws:
        weights = [min((apart(one, x[i]) for i in chosen), default=Fraction(1)) for one in x]
        if sum(weights) == 0:
            weights = [Fraction(1)] * len(x)
        u, i, end = Fraction(word, 2**32), 0, weights[0]
        while u * sum(weights) >= end:
            i += 1
            end += weights[i]
        chosen.append(i)
    return chosen


def cells_of(x: list[Vector], c: list[Vector]) -> list[int]:
    cells = [nearest(one, c) for one in x]
    taken: set[int] = set()
    for v in range(len(c)):
        if v in cells:
            continue
        best, largest = None, Fraction(0)
        for i, one in enumerate(x):
            far = Fraction(0) if i in taken else apart(one, c[cells[i]])
            if cells.count(cells[i]) > 1 and far > largest:
                best, largest = i, far
        if best is not None:
            cells[best] = v
            taken.add(best)
    return cells


def moved(x: list[Vector], cells: list[int], c: list[Vector]) -> list[Vector]:
    found = []
    for v, old in enumerate(c):
        cell = [one for one, code in zip(x, cells) if code == v]
        means = [sum(column, Fraction(0)) / len(cell) for column in zip(*cell)] if cell else old
        found.append([Fraction(n) for n in rounded("float32", (len(means),), means).values])
    return found


def nearest(one: Vector, c: list[Vector]) -> int:
    return min(range(len(c)), key=lambda v: (apart(one, c[v]), v))


def apart(a: Vector, b: Vector) -> Fraction:
    return sum(((p - q) ** 2 for p, q in zip(a, b)), Fraction(0))


def vectors(x: Tensor | None) -> list[Vector]:
    flat = numbers(x)
    assert x is not None
    refuse_unless(x.rank == 2, "vectors are the rows of a matrix")
    d = x.shape[1]
    return [flat[i * d : (i + 1) * d] for i in range(x.shape[0])]
