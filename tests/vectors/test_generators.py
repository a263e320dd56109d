"""The generators give what is published; `qref vectors generate --check` compares every byte."""

from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from qref.vectors import suite_json
from qref.vectors.case import Case
from qref.vectors.generators import (
    code_paths,
    convolution,
    convolution_layouts,
    convolution_mistakes,
    convolution_operands,
    convolution_transforms,
    dequantize_linear,
    dynamic_quantize_linear,
    matrix_product,
    onnx_float,
    open_behaviour,
    quantize_linear,
    requantize,
    transposed_convolution,
)

PUBLISHED = {case.id: case for suite in suite_json.load_all() for case in suite.cases}


@pytest.mark.requirement("QREF-VP-004")
@pytest.mark.parametrize(
    "cases",
    [
        quantize_linear.ties,
        quantize_linear.float8,
        dequantize_linear.every_value,
        dynamic_quantize_linear.cases,
        convolution.pair_sums,
        convolution.errors,
        matrix_product.per_row_and_column,
        code_paths.products,
        requantize.exact_ties,
        requantize.extreme_scales,
        *onnx_float.CASES,
        convolution_layouts.cases,
        convolution_transforms.cases,
        convolution_operands.cases,
        convolution_mistakes.cases,
        transposed_convolution.cases,
        lambda: open_behaviour.suite().cases,
    ],
)
def test_a_generator_gives_what_is_published(cases: Callable[[], Iterable[Case]]) -> None:
    made = list(islice(cases(), 8))
    assert made
    for case in made:
        assert suite_json.case_json(case) == suite_json.case_json(PUBLISHED[case.id])
