"""The golden convolution against exact rationals, special values included."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry
from qref.conv import exact as module
from qref.conv.exact import exact, exact_transposed
from qref.numerics.floats import nearest
from qref.numerics.formats import FORMATS

EDGE = Geometry((2,), (1,), (1,), (1,), (0,))


@pytest.mark.requirement("QREF-CV-006")
@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
@given(data=st.data())
def test_rounded_once(name: str, layers: Any, definition: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = (values.astype(np.float64) for values in drawn.floats())
    fractions = [np.vectorize(Fraction, [object])(values) if values.size else values for values in (x, w)]
    addend = np.random.default_rng(drawn.seed).standard_normal(len(w)).astype(np.float32).astype(np.float64)
    y = exact(x, w, drawn.shapes.geometry, FORMATS[name], addend)
    sums = definition(*(as_items(values) for values in fractions), drawn.shapes.geometry)
    for i in np.ndindex(*y.shape):
        assert y[i] == nearest(sums[i] + Fraction(addend[i[1]]), FORMATS[name])


class Item:
    """A rational that answers `item()`, as NumPy's own numbers do."""

    def __init__(self, value: Any) -> None:
        self.value = Fraction(value)

    def item(self) -> Fraction:
        return self.value


def as_items(values: Any) -> Any:
    found = np.empty(values.shape, object)
    for i in np.ndindex(*values.shape):
        found[i] = Item(values[i])
    return found


@pytest.mark.parametrize("block", [1, 7, 100])
def test_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 4, 5, 4)), rng.standard_normal((6, 2, 2, 3))
    x, w = x.astype(np.float32).astype(np.float64), w.astype(np.float32).astype(np.float64)
    geometry = Geometry((2, 3), (1, 2), (2, 1), (1, 0), (0, 2), 2)
    whole = exact(x, w, geometry, FORMATS["float32"])
    turned = exact_transposed(whole, w, geometry, (5, 4), FORMATS["float32"])
    monkeypatch.setattr(module, "BLOCK", block)
    assert (exact(x, w, geometry, FORMATS["float32"]) == whole).all()
    assert (exact_transposed(whole, w, geometry, (5, 4), FORMATS["float32"]) == turned).all()


@pytest.mark.requirement("QREF-CV-006")
def test_special_values() -> None:
    inf, nan = np.inf, np.nan

    def row(x: list[float], w: list[float], addend: float = 0.0) -> list[float]:
        y = exact(np.array([[x]]), np.array([[w]]), EDGE, FORMATS["float32"], np.array([addend]))
        return [None if np.isnan(v) else float(v) for v in y.ravel()]  # type: ignore[misc]

    assert row([1, 2], [inf, 1]) == [1, inf]  # beside the image an infinite weight adds nothing
    assert row([0, 2], [inf, 1]) == [0, None]
    assert row([inf, 2], [1, 1]) == [inf, inf]
    assert row([inf, -inf], [1, 1]) == [inf, None]
    assert row([1, nan], [1, 1]) == [1, None]
    assert row([1, 2], [1, 1], -inf) == [-inf, -inf]
    assert row([inf, 2], [1, 1], -inf) == [None, None]
    assert row([2.0**127, 2.0**127], [1, 1]) == [2.0**127, inf]
    assert row([2.0**127, 2.0**127], [1, 1], -(2.0**127)) == [0, 2.0**127]


def test_transposed_gives_infinity_only_where_a_pixel_meets_it() -> None:
    geometry = Geometry((2,), (3,), (1,), (0,), (0,))
    x, w = np.array([[[1.0, 2.0]]]), np.array([[[np.inf, 1.0]]])
    y = exact_transposed(x, w, geometry, (6,), FORMATS["float32"])
    assert y.ravel().tolist() == [np.inf, 1, 0, np.inf, 2, 0]
