"""The generators give what is published; `qref vectors generate --check` compares every byte."""

from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from qref.vectors import suite_json
from qref.vectors.case import Case
from qref.vectors.generators import (
    activations,
    batch_normalization,
    binary_elementwise,
    code_paths,
    convolution,
    convolution_layouts,
    convolution_mistakes,
    convolution_operands,
    convolution_transforms,
    data_movement,
    dequantize_linear,
    dynamic_quantize_linear,
    float_convolution,
    float_functions,
    float_products,
    matrix_product,
    open_behaviour,
    pooling,
    quantize_linear,
    requantize,
    resize,
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
        float_convolution.cases,
        float_products.cases,
        pooling.cases,
        batch_normalization.cases,
        binary_elementwise.cases,
        activations.cases,
        float_functions.cases,
        resize.cases,
        data_movement.cases,
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
