"""Mistakes of k-means: the engine that they alter is right where nothing is altered."""

import numpy as np
import pytest

from qref import ops
from qref.mistakes.clusterings import Engine
from qref.numerics.tensor import tensor
from qref.ops.request import Request

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
