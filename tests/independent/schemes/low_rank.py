"""Low rank from the papers, in mpmath: eigenvectors of Gram matrices, normal equations by LU, products of rationals.

Girshick 2015 (SVD), Zhang 2015 (channels), Tai 2016 (spatial), Kim 2016 (Tucker-2), Lebedev 2015 (CP).
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from mpmath import mp, mpf

from independent.refusal import refuse_unless
from independent.schemes.philox import words
from independent.schemes.scheme import float32, integers, numbers, whole
from independent.tensors import Tensor

DIGITS = 150
NOTHING = 60  # digits below which a number is a zero that was rounded
Rows = list[list[Any]]
METHODS = {"svd": (0,), "channel": (1, 2, 3), "spatial": (2,), "tucker2": (1, 2, 3), "cp": (1, 2)}


def exact(value: Any) -> Fraction:
    """What mpmath holds, as a rational."""
    sign, mantissa, exponent, _ = mpf(value)._mpf_
    return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent


def array(W: Tensor | None) -> dict[tuple[int, ...], Any]:
    """Elements by their places."""
    values = numbers(W)
    assert W is not None
    places = product(*(range(n) for n in W.shape))
    return {at: mpf(v.numerator) / v.denominator for at, v in zip(places, values)}


def matrix_of(rows: Iterable[Any], columns: Iterable[Any], element: Callable[[Any, Any], Any]) -> Rows:
    across = list(columns)
    return [[element(r, c) for c in across] for r in rows]


def svd(A: Rows) -> tuple[Rows, list[Any], Rows]:
    """Left vectors, singular values and right vectors, one a row, from the eigenvectors of the smaller Gram matrix."""
    m, n = len(A), len(A[0]) if A else 0
    if m == 0 or n == 0:
        return [], [], []
    if m > n:
        right, values, left = svd([list(column) for column in zip(*A)])
        return signed(left, values, right)
    gram = mp.matrix(m, m)
    for i, j in product(range(m), repeat=2):
        gram[i, j] = mp.fdot(A[i], A[j])
    found, Q = mp.eigsy(gram)
    order = sorted(range(m), key=lambda i: -found[i])
    values = [mp.sqrt(max(found[i], mpf(0))) for i in order]
    values = [s if s > values[0] * mpf(10) ** -NOTHING else mpf(0) for s in values]
    left = [[Q[k, i] if s else mpf(0) for k in range(m)] for i, s in zip(order, values)]
    right = [[mp.fdot(u, column) / s if s else mpf(0) for column in zip(*A)] for u, s in zip(left, values)]
    return signed(left, values, right)


def signed(left: Rows, values: list[Any], right: Rows) -> tuple[Rows, list[Any], Rows]:
    for i, u in enumerate(left):
        if lead(u) < 0:
            left[i], right[i] = [-x for x in u], [-x for x in right[i]]
    return left, values, right


def lead(u: list[Any]) -> Any:
    """The first element of largest magnitude."""
    largest = max((abs(x) for x in u), default=mpf(0))
    return next(x for x in u if abs(x) >= largest * (1 - mpf(10) ** -NOTHING))


def ranked(A: Rows, rank: int, at_left: str) -> tuple[Rows, Rows]:
    """r left vectors and r right ones with what `at_left` says of sigma: all, root or none."""
    refuse_unless(1 <= rank <= min(len(A), len(A[0]) if A else 0), "a rank that the matrix has")
    left, values, right = svd(A)
    given = {"all": lambda s: s, "root": mp.sqrt, "none": lambda s: mpf(1)}
    other = {"all": "none", "root": "root", "none": "all"}[at_left]
    U = [[given[at_left](s) * x for x in u] for s, u in zip(values[:rank], left)]
    V = [[given[other](s) * x for x in v] for s, v in zip(values[:rank], right)]
    return U, V


def layer(shape: tuple[int, ...], values: Iterable[Any]) -> Tensor:
    return float32(shape, [exact(v) for v in values])


def kernel(W: Tensor | None, method: str) -> dict[tuple[int, ...], Any]:
    found = array(W)
    assert W is not None
    refuse_unless(W.rank - 2 in METHODS[method], "a kernel that the method takes")
    return found


def rows_by_output(W: dict[tuple[int, ...], Any], shape: tuple[int, ...]) -> Rows:
    rest = list(product(*(range(n) for n in shape[1:])))
    return matrix_of(range(shape[0]), rest, lambda m, k: W[(m, *k)])


def rows_by_input(W: dict[tuple[int, ...], Any], shape: tuple[int, ...]) -> Rows:
    rest = list(product(*(range(n) for n in (shape[0], *shape[2:]))))
    return matrix_of(range(shape[1]), rest, lambda c, k: W[(k[0], c, *k[1:])])


def rows_by_space(W: dict[tuple[int, ...], Any], shape: tuple[int, ...]) -> Rows:
    N, C, kh, kw = shape
    return matrix_of(product(range(C), range(kh)), product(range(N), range(kw)), lambda r, c: W[c[0], r[0], r[1], c[1]])


def in_precision(scheme: Callable[..., list[Tensor]]) -> Callable[..., list[Tensor]]:
    def run(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
        with mp.workdps(DIGITS):
            return scheme(attributes, inputs)

    return run


def split(attributes: dict[str, Any], usual: str, of_left: str) -> str:
    """What the left vectors take; of_left: the layer that they belong to."""
    sigma = attributes.get("sigma", usual)
    refuse_unless(sigma in ("even", "first", "last"), "a split")
    return "root" if sigma == "even" else "all" if sigma == of_left else "none"


@in_precision
def low_rank_svd(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w, r = kernel(W, "svd"), attributes.get("rank", 1)
    assert W is not None
    U, V = ranked(rows_by_output(w, W.shape), r, split(attributes, "first", "last"))
    A = [U[i][m] for m in range(W.shape[0]) for i in range(r)]
    return [layer((r, W.shape[1]), (x for v in V for x in v)), layer((W.shape[0], r), A)]


@in_precision
def low_rank_channel(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w, r = kernel(W, "channel"), attributes.get("rank", 1)
    assert W is not None
    U, V = ranked(rows_by_output(w, W.shape), r, split(attributes, "even", "last"))
    P = [U[i][m] for m in range(W.shape[0]) for i in range(r)]
    point = (1,) * (W.rank - 2)
    return [layer((r, *W.shape[1:]), (x for v in V for x in v)), layer((W.shape[0], r, *point), P)]


@in_precision
def low_rank_spatial(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w, r = kernel(W, "spatial"), attributes.get("rank", 1)
    assert W is not None
    N, C, kh, kw = W.shape
    U, V = ranked(rows_by_space(w, W.shape), r, split(attributes, "even", "first"))
    H = [V[i][n * kw + x] for n in range(N) for i in range(r) for x in range(kw)]
    return [layer((r, C, kh, 1), (x for u in U for x in u)), layer((N, r, 1, kw), H)]


@in_precision
def tucker2(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w = kernel(W, "tucker2")
    assert W is not None
    P, Q, sweeps = (attributes.get(name, usual) for name, usual in (("rank_in", 1), ("rank_out", 1), ("sweeps", 0)))
    M, C, *k = W.shape
    refuse_unless(1 <= P <= min(C, Q * prod(k)) and 1 <= Q <= min(M, P * prod(k)) and sweeps >= 0, "ranks and sweeps")
    taps = list(product(*(range(n) for n in k)))

    def by_output(U: Rows) -> dict[tuple[int, ...], Any]:
        return {
            (q, c, *t): mp.fsum(U[q][m] * w[(m, c, *t)] for m in range(M))
            for q, c, t in product(range(Q), range(C), taps)
        }

    def by_input(U: Rows) -> dict[tuple[int, ...], Any]:
        return {
            (m, p, *t): mp.fsum(U[p][c] * w[(m, c, *t)] for c in range(C))
            for m, p, t in product(range(M), range(P), taps)
        }

    inner, outer = svd(rows_by_input(w, W.shape))[0][:P], svd(rows_by_output(w, W.shape))[0][:Q]
    for _ in range(sweeps):
        inner = svd(rows_by_input(by_output(outer), (Q, C, *k)))[0][:P]
        outer = svd(rows_by_output(by_input(inner), (M, P, *k)))[0][:Q]
    half = by_output(outer)
    core = [mp.fsum(inner[p][c] * half[(q, c, *t)] for c in range(C)) for q, p, t in product(range(Q), range(P), taps)]
    point = (1,) * len(k)
    last = [outer[q][m] for m in range(M) for q in range(Q)]
    return [layer((P, C, *point), (x for u in inner for x in u)), layer((Q, P, *k), core), layer((M, Q, *point), last)]


@in_precision
def cp_decomposition(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w = kernel(W, "cp")
    assert W is not None
    refuse_unless(W.rank == 4, "two spatial axes")
    r, sweeps, seed = (attributes.get(name, usual) for name, usual in (("rank", 1), ("sweeps", 10), ("seed", 0)))
    refuse_unless(r >= 1 and sweeps >= 1, "terms and sweeps")
    F: list[Rows] = []  # F[axis][term][place]
    for axis, n in enumerate(W.shape):
        drawn = words(seed, axis, n * r)
        F.append([[mpf(2 * drawn[i * r + j] - 2**32) / 2**32 for i in range(n)] for j in range(r)])
    for _ in range(sweeps):
        for axis in range(4):
            F[axis] = fitted(w, W.shape, F, axis, r)
    sizes = [mpf(1)] * r
    for axis in range(1, 4):
        for j in range(r):
            length = mp.sqrt(mp.fdot(F[axis][j], F[axis][j]))
            factor = mp.sign(lead(F[axis][j])) * length
            sizes[j] *= factor
            F[axis][j] = [x / factor if length else mpf(0) for x in F[axis][j]]
    N, C, kh, kw = W.shape
    O = [F[0][j][n] * sizes[j] for n in range(N) for j in range(r)]
    shapes = ((r, C, 1, 1), (r, 1, kh, 1), (r, 1, 1, kw))
    return [*(layer(s, (x for f in F[i + 1] for x in f)) for i, s in enumerate(shapes)), layer((N, r, 1, 1), O)]


def fitted(w: dict[tuple[int, ...], Any], shape: tuple[int, ...], F: list[Rows], axis: int, r: int) -> Rows:
    """The factor of an axis that minimizes the error: the normal equations of every place of the axis."""
    others = [k for k in range(len(shape)) if k != axis]
    G = mp.matrix(r, r)
    for i, j in product(range(r), repeat=2):
        G[i, j] = mp.fprod(mp.fdot(F[k][i], F[k][j]) for k in others)
    N = [[mpf(0)] * shape[axis] for _ in range(r)]
    for at, value in w.items():
        for j in range(r):
            N[j][at[axis]] += value * mp.fprod(F[k][j][at[k]] for k in others)
    if not any(value for value in w.values()):
        return [[mpf(0)] * shape[axis] for _ in range(r)]
    found = mp.inverse(G) * mp.matrix(N)
    return [[found[j, i] for i in range(shape[axis])] for j in range(r)]


def low_rank_reconstruct(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    method = attributes.get("method", "svd")
    refuse_unless(method in METHODS, "a method")
    given = [f for f in inputs if f is not None]
    refuse_unless(len({f.rank for f in given}) == 1 and given[0].rank - 2 in METHODS[method], "axes")
    values = [dict(zip(product(*(range(n) for n in f.shape)), numbers(f))) for f in given]
    k, point = given[0].rank - 2, (0,) * (given[0].rank - 2)
    first, last = given[0].shape, given[-1].shape
    layers = {"svd": 2, "channel": 2, "spatial": 2, "tucker2": 3, "cp": 2 + k}[method]
    refuse_unless(len(given) == layers and last[1] == given[-2].shape[0], "channels that meet")
    M, C, r = last[0], first[1], range(first[0])
    taps = {"svd": (), "channel": first[2:], "spatial": (first[2:3] + last[3:]), "tucker2": given[1].shape[2:]}.get(
        method
    )
    if taps is None:
        taps = tuple(given[1 + axis].shape[2 + axis] for axis in range(k))

    def element(m: int, c: int, t: tuple[int, ...]) -> Fraction:
        if method in ("svd", "channel"):
            return sum((values[1][(m, i, *point)] * values[0][(i, c, *t)] for i in r), Fraction(0))
        if method == "spatial":
            return sum((values[1][m, i, 0, t[1]] * values[0][i, c, t[0], 0] for i in r), Fraction(0))
        if method == "tucker2":
            pairs = product(r, range(last[1]))
            core = values[1]
            return sum(
                (values[2][(m, q, *point)] * core[(q, p, *t)] * values[0][(p, c, *point)] for p, q in pairs),
                Fraction(0),
            )
        total = Fraction(0)
        for i in r:
            term = values[-1][(m, i, *point)] * values[0][(i, c, *point)]
            for axis in range(k):
                term *= values[1 + axis][(i, 0, *(t[axis] if a == axis else 0 for a in range(k)))]
            total += term
        return total

    places = product(range(M), range(C), product(*(range(n) for n in taps)))
    return [float32((M, C, *taps), [element(*at) for at in places])]


def matricized(attributes: dict[str, Any], W: Tensor | None) -> Rows:
    w = array(W)
    assert W is not None
    kind = attributes.get("matricization", "output")
    refuse_unless(kind in ("output", "input", "spatial") and W.rank >= 2 and (kind != "spatial" or W.rank == 4), kind)
    return {"output": rows_by_output, "input": rows_by_input, "spatial": rows_by_space}[kind](w, W.shape)


@in_precision
def singular_values(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    values = svd(matricized(attributes, inputs[0]))[1]
    return [layer((len(values),), values)]


@in_precision
def low_rank_approximation(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    A, r = matricized(attributes, W), attributes.get("rank", 1)
    assert W is not None
    U, V = ranked(A, r, "all")
    values = {(i, j): mp.fsum(u[i] * v[j] for u, v in zip(U, V)) for i, j in product(range(len(A)), range(len(A[0])))}
    kind = attributes.get("matricization", "output")
    found = []
    for at in product(*(range(n) for n in W.shape)):
        m, c, *t = at
        if kind == "output":
            place = (m, flat((c, *t), W.shape[1:]))
        elif kind == "input":
            place = (c, flat((m, *t), (W.shape[0], *W.shape[2:])))
        else:
            place = (c * W.shape[2] + t[0], m * W.shape[3] + t[1])
        found.append(values[place])
    return [layer(W.shape, found)]


def flat(at: tuple[int, ...], shape: tuple[int, ...]) -> int:
    found = 0
    for i, n in zip(at, shape):
        found = found * n + i
    return found


@in_precision
def rank_of_energy(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    energy = Fraction(attributes.get("energy", 0.89999997615814209))
    refuse_unless(0 < energy <= 1, "a share")
    values = svd(matricized(attributes, inputs[0]))[1]
    wanted = mp.fsum(s * s for s in values) * energy.numerator / energy.denominator
    slack = wanted * mpf(10) ** -NOTHING
    reached = [r for r in range(1, len(values) + 1) if mp.fsum(s * s for s in values[:r]) >= wanted - slack]
    return [integers("int64", (), [min(reached, default=0)])]


def work(method: str, shape: list[int], ranks: tuple[int, ...], strides: list[int]) -> int:
    """Multiplications for one output position, counted layer by layer: weights of a layer times its positions."""
    M, C, *k = shape
    r = ranks[0]
    if method in ("svd", "channel"):
        layers = [(r * C * prod(k), 1), (r * M, 1)]
    elif method == "spatial":
        layers = [(r * C * k[0], strides[1]), (r * M * k[1], 1)]
    elif method == "tucker2":
        layers = [(C * r, prod(strides)), (r * ranks[1] * prod(k), 1), (ranks[1] * M, 1)]
    else:
        along = [(r * n, prod(strides[axis + 1 :])) for axis, n in enumerate(k)]
        layers = [(C * r, prod(strides)), *along, (r * M, 1)]
    return sum(weights * positions for weights, positions in layers)


def rank_of_speed(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    shape = whole(inputs[0], "int64")
    method, speed = attributes.get("method", "svd"), Fraction(attributes.get("speed", 2.0))
    refuse_unless(method in METHODS and len(shape) - 2 in METHODS[method] and speed > 0, "method and speed")
    M, C, *k = shape
    strides = attributes.get("strides") or [1] * len(k)
    taps, best = prod(k), (0, 0) if method == "tucker2" else (0,)
    steps = {
        "svd": min(M, C), "channel": min(M, C * taps), "tucker2": max(M, C),
        "spatial": min(C * k[0], M * k[-1]) if k else 0, "cp": M * C * taps,
    }[method]  # fmt: skip
    for step in range(1, steps + 1):
        ranks: tuple[int, ...] = (step,)
        if method == "tucker2":
            P, Q = (-(-n * step // max(M, C)) for n in (C, M))
            ranks = (min(P, Q * taps), min(Q, P * taps))
        if work(method, shape, ranks, strides) * speed > prod(shape):
            break
        best = ranks
    return [integers("int64", (len(best),), list(best))]
