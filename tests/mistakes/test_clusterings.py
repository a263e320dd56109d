"""Mistakes of k-means: the engine that they alter is right where nothing is altered."""

import numpy as np
import pytest

from qref import ops
from qref.mistakes import kmeans_empty_cells_by_sizes_of_the_start, kmeans_last_codes_filled
from qref.mistakes.clusterings import Engine
from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.vectors.generators.draw import Draw

X = np.random.default_rng(5).standard_normal((14, 6)).astype(np.float32)


@pytest.mark.parametrize(
    ("op", "given", "centroids", "outputs"),
    [
        ("KMeansStart", {"bits": 3, "seed": 2}, None, 1),
        ("KMeansStep", {}, X[:4], 2),
        ("KMeansStep", {}, X[:4] + 9, 2),  # empty cells
        ("VectorCodebook", {"bits": 2}, None, 2),
        ("VectorCodebook", {"bits": 2, "layout": "columns", "iterations": 1}, None, 2),
        ("ProductCodebook", {"bits": 2, "seed": 4}, None, 2),
        ("ProductCodebook", {"bits": 1, "length": 3, "layout": "channels", "iterations": 0}, None, 2),
    ],
)
def test_an_engine_without_a_mistake_gives_the_golden_results(
    op: str, given: dict[str, int | str], centroids: np.ndarray | None, outputs: int
) -> None:
    inputs = (tensor(X, "float32"), *(() if centroids is None else (tensor(centroids, "float32"),)))
    request = Request(op, "qref", 1, given, inputs, outputs)
    for found, wanted in zip(Engine().run(request), ops.run(request), strict=True):
        np.testing.assert_allclose(found.data, wanted.data, rtol=1e-6)


def test_what_two_empty_cells_take() -> None:
    """0 and 5 in a cell, 20 and 21 in another: the first empty cell takes 0, and 5 lies alone then."""
    inputs = tuple(tensor(x, "float32") for x in ([[0], [5], [20], [21]], [[3], [20], [99], [98]]))
    request = Request("KMeansStep", "qref", 1, {}, inputs, 2)
    assert ops.run(request)[0].data.tolist() == [2, 0, 1, 3]
    assert kmeans_empty_cells_by_sizes_of_the_start.MISTAKE.run(request)[0].data.tolist() == [2, 3, 1, 1]


def test_last_codes_filled_leave_the_nearest_centroid() -> None:
    W = Draw("empty 39332").signed_float32(-3, 1, (10, 2))
    given = {"bits": 2, "seed": 39332}
    differ = []
    for iterations in range(1, 9):
        asked = {**given, "iterations": iterations}
        request = Request("VectorCodebook", "qref", 1, asked, (tensor(W, "float32"),), 2)
        codes, wanted = (one.data for one in (kmeans_last_codes_filled.MISTAKE.run(request)[0], ops.run(request)[0]))
        differ.append(int((codes != wanted).sum()))
    assert sorted(set(differ)) == [0, 1]
