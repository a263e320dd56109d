"""Cases of float products and convolution: algorithms agree on whole numbers, ONNX Runtime is within the bounds."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from qref.conv import ALGORITHMS, Shapes
from qref.numerics.floats import decode
from qref.ops.onnx.auto_pad import geometry
from qref.vectors.case import Case
from qref.vectors.generators import (
    batch_normalization,
    convolution_layouts,
    convolution_operands,
    convolution_transforms,
    float_convolution,
    float_products,
    pooling,
    transposed_convolution,
)
from qref.vectors.generators.float_values import floats, hard_sums
from qref.vectors.verdict import fails

FILES = (convolution_layouts, convolution_transforms, convolution_operands)
NUMBERS = [one for one in ALGORITHMS.values() if one.operands == "numbers"]


def whole_convolutions() -> Iterator[Case]:
    """Float convolutions of integers without a bias, every third of them."""
    every = (case for file in FILES for case in file.cases())
    found = [case for case in every if case.request.op == "Conv" and "whole-numbers" in case.flags]
    yield from (case for case in found[::3] if len(case.request.inputs) == 2)


@pytest.mark.requirement("QREF-CV-001", "QREF-CV-003", "QREF-CV-004", "QREF-CV-007", "QREF-CV-008", "QREF-CV-009")
def test_every_algorithm_agrees_on_whole_numbers() -> None:
    used = set()
    for case in whole_convolutions():
        x, w = (decode(tensor).astype(np.int64) for tensor in case.request.inputs if tensor is not None)
        found = geometry(x.shape, w.shape, **case.request.attributes)
        for one in NUMBERS:
            if one.applies(Shapes(x.shape, w.shape, found)) == "":
                y = one.convolve(x, w, found)
                assert np.array_equal(y, decode(case.outputs[0])), f"{one.name} on {case.id}"
                used.add(one.name)
    assert used == {one.name for one in NUMBERS}


@pytest.mark.requirement("QREF-FS-001", "QREF-FS-005")
def test_operands_of_hard_sums_are_numbers_of_their_type() -> None:
    for one in hard_sums():
        for values in (one.a, one.b):
            assert np.array_equal(decode(floats(values, one.dtype)), values), f"{one.slug} {one.dtype}"


# what ONNX Runtime does against the text, each checked by hand: SAME without the dilated kernel, VALID with ceil_mode,
# negative SAME padding that begins inside the image, opset 1's side of an odd element, windows that opset 19 counts
KNOWN = (
    "MaxPool/same-",
    "AveragePool/same-",
    "MaxPool/valid",
    "AveragePool/valid",
    "AveragePool/opset",
    "ConvTranspose/opset",
)


@pytest.mark.requirement("QREF-FP-008", "QREF-FP-015", "QREF-FP-017", "QREF-FP-025", "QREF-FP-034")
@pytest.mark.parametrize(
    "file",
    [float_convolution, float_products, pooling, batch_normalization, convolution_transforms, transposed_convolution],
    ids=lambda file: file.__name__.rpartition(".")[2],
)
def test_onnx_runtime_is_within_the_bounds(file: ModuleType) -> None:
    pytest.importorskip("onnxruntime")
    from qref.engines.onnxruntime_engine import run

    judged = 0
    for case in list(file.cases())[::4]:
        if case.expect.kind == "error":
            continue
        try:
            answer = run(case.request)
        except Exception:
            continue  # not implemented there
        judged += 1
        assert not fails(case, answer) or case.id.startswith(KNOWN), case.id
    assert judged > 5
