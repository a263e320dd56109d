"""Fast paths: integers bit-identical to the reference, floats within its bounds.

Convolutions and products of matrices run by tiles of registers, in LLVM's IR, the rest by loops; Numba compiles both.
Importing this package compiles the loops, or loads them from Numba's cache; a tile is compiled when it is first used.
"""

from collections.abc import Callable
from dataclasses import dataclass

from qref.errors import Unsupported
from qref.kernels.add import add
from qref.kernels.average_pool import average_pool
from qref.kernels.batch_normalization import batch_normalization
from qref.kernels.bit_serial_conv import bit_serial_conv
from qref.kernels.clip import clip
from qref.kernels.codebooks.error_corrected import error_corrected_codebook
from qref.kernels.codebooks.hashed_operators import (
    hashed_backward,
    hashed_decode,
    hashed_encode,
    hashed_gemm,
    hashed_step,
)
from qref.kernels.codebooks.kmeans import kmeans_start, kmeans_step, product_codebook, vector_codebook
from qref.kernels.codebooks.optimal_scalar import scalar_codebook
from qref.kernels.codebooks.scalar import scalar_codebook_lloyd, shared_weight_gradient, shared_weight_step
from qref.kernels.compression.huffman import huffman_decode
from qref.kernels.compression.low_rank import in_float64
from qref.kernels.compression.masked_step import masked_step
from qref.kernels.conv.direct import DIRECT
from qref.kernels.conv_integer import conv_integer
from qref.kernels.conv_transpose import conv_transpose
from qref.kernels.dequantize_linear import dequantize_linear
from qref.kernels.div import div
from qref.kernels.dynamic_quantize_linear import dynamic_quantize_linear
from qref.kernels.float_conv import conv
from qref.kernels.gemm import gemm
from qref.kernels.global_average_pool import global_average_pool
from qref.kernels.hard_sigmoid import hard_sigmoid
from qref.kernels.hard_swish import hard_swish
from qref.kernels.leaky_relu import leaky_relu
from qref.kernels.lookup import lookup_conv, lookup_gemm
from qref.kernels.mat_mul import mat_mul
from qref.kernels.mat_mul_integer import mat_mul_integer
from qref.kernels.matrix_product import product
from qref.kernels.max_pool import max_pool
from qref.kernels.mul import mul
from qref.kernels.p_relu import p_relu
from qref.kernels.q_linear_conv import q_linear_conv
from qref.kernels.q_linear_mat_mul import q_linear_mat_mul
from qref.kernels.quantize_linear import quantize_linear
from qref.kernels.quantizers.binary_connect import binary_connect, binary_connect_backward, binary_connect_step
from qref.kernels.quantizers.binary_weight import binary_weight, binary_weight_step
from qref.kernels.quantizers.decoded import decoded
from qref.kernels.quantizers.dorefa import dorefa_activation, dorefa_gradient, dorefa_weight_step
from qref.kernels.quantizers.grid import grid_quantize, lloyd_max_weights, logarithmic_weights, uniform_weights
from qref.kernels.quantizers.hwgq import half_wave_backward
from qref.kernels.quantizers.incremental import incremental_step
from qref.kernels.quantizers.inner_product_hashing import inner_product_hashing
from qref.kernels.quantizers.optimal_scale import optimal_scale
from qref.kernels.quantizers.optimal_scale_global import optimal_scale_global
from qref.kernels.quantizers.semidiscrete import factorized_conv, semidiscrete_decomposition
from qref.kernels.quantizers.sq_bwn import stochastic_quantization, stochastic_quantization_step
from qref.kernels.quantizers.ternary_weight import ternary_weight, ternary_weight_exact, ternary_weight_step
from qref.kernels.quantizers.xnor_net import xnor_activation, xnor_activation_backward, xnor_conv
from qref.kernels.relu import relu
from qref.kernels.requantize import apply, requantize
from qref.kernels.shift_conv import shift_conv
from qref.kernels.sigmoid import sigmoid
from qref.kernels.softmax import softmax
from qref.kernels.sub import sub
from qref.kernels.tanh import tanh
from qref.numerics.tensor import Tensor
from qref.ops import find
from qref.ops.operator import Operator
from qref.ops.request import Request

Answer = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True)
class FastPath:
    """A compiled road to what the reference function with the dotted name `serves` gives.

    An operator's `run` takes a request and its entry in the table of operators; an algorithm's takes the reference
    function's own arguments.
    """

    serves: str
    run: Callable[..., Answer]


OPERATORS: dict[tuple[str, str], FastPath] = {
    ("", "QuantizeLinear"): FastPath("qref.ops.onnx.quantize_linear.quantize_linear", quantize_linear),
    ("", "DequantizeLinear"): FastPath("qref.ops.onnx.dequantize_linear.dequantize_linear", dequantize_linear),
    ("", "DynamicQuantizeLinear"): FastPath(
        "qref.ops.onnx.dynamic_quantize_linear.dynamic_quantize_linear", dynamic_quantize_linear
    ),
    ("", "ConvInteger"): FastPath("qref.ops.onnx.conv_integer.conv_integer", conv_integer),
    ("", "QLinearConv"): FastPath("qref.ops.onnx.q_linear_conv.q_linear_conv", q_linear_conv),
    ("", "MatMulInteger"): FastPath("qref.ops.onnx.mat_mul_integer.mat_mul_integer", mat_mul_integer),
    ("", "QLinearMatMul"): FastPath("qref.ops.onnx.q_linear_mat_mul.q_linear_mat_mul", q_linear_mat_mul),
    ("", "Conv"): FastPath("qref.ops.onnx.conv.conv", conv),
    ("", "ConvTranspose"): FastPath("qref.ops.onnx.conv_transpose.conv_transpose", conv_transpose),
    ("", "MatMul"): FastPath("qref.ops.onnx.mat_mul.mat_mul", mat_mul),
    ("", "Gemm"): FastPath("qref.ops.onnx.gemm.gemm", gemm),
    ("", "AveragePool"): FastPath("qref.ops.onnx.average_pool.average_pool", average_pool),
    ("", "GlobalAveragePool"): FastPath("qref.ops.onnx.global_average_pool.global_average_pool", global_average_pool),
    ("", "MaxPool"): FastPath("qref.ops.onnx.max_pool.max_pool", max_pool),
    ("", "BatchNormalization"): FastPath("qref.ops.onnx.batch_normalization.batch_normalization", batch_normalization),
    ("", "Add"): FastPath("qref.ops.onnx.add.add", add),
    ("", "Sub"): FastPath("qref.ops.onnx.sub.sub", sub),
    ("", "Mul"): FastPath("qref.ops.onnx.mul.mul", mul),
    ("", "Div"): FastPath("qref.ops.onnx.div.div", div),
    ("", "Relu"): FastPath("qref.ops.onnx.relu.relu", relu),
    ("", "LeakyRelu"): FastPath("qref.ops.onnx.leaky_relu.leaky_relu", leaky_relu),
    ("", "PRelu"): FastPath("qref.ops.onnx.p_relu.p_relu", p_relu),
    ("", "Clip"): FastPath("qref.ops.onnx.clip.clip", clip),
    ("", "HardSigmoid"): FastPath("qref.ops.onnx.hard_sigmoid.hard_sigmoid", hard_sigmoid),
    ("", "HardSwish"): FastPath("qref.ops.onnx.hard_swish.hard_swish", hard_swish),
    ("", "Sigmoid"): FastPath("qref.ops.onnx.sigmoid.sigmoid", sigmoid),
    ("", "Tanh"): FastPath("qref.ops.onnx.tanh.tanh", tanh),
    ("", "Softmax"): FastPath("qref.ops.onnx.softmax.softmax", softmax),
    ("qref", "Requantize"): FastPath("qref.ops.qref.requantize.requantize", requantize),
    ("qref", "ScaledDecode"): FastPath("qref.ops.qref.scaled_decode.scaled_decode", decoded),
    ("qref", "CodebookDecode"): FastPath("qref.ops.qref.scaled_decode.codebook_decode", decoded),
    ("qref", "FloatingPointEncode"): FastPath("qref.ops.qref.number_formats.floating_point_encode", decoded),
    ("qref", "FloatingPointDecode"): FastPath("qref.ops.qref.number_formats.floating_point_decode", decoded),
    ("qref", "FixedPointEncode"): FastPath("qref.ops.qref.number_formats.fixed_point_encode", decoded),
    ("qref", "FixedPointDecode"): FastPath("qref.ops.qref.number_formats.fixed_point_decode", decoded),
    ("qref", "UniformEncode"): FastPath("qref.ops.qref.code_table.uniform_encode", decoded),
    ("qref", "LogarithmicEncode"): FastPath("qref.ops.qref.code_table.logarithmic_encode", decoded),
    ("qref", "LogarithmicDecode"): FastPath("qref.ops.qref.code_table.logarithmic_decode", decoded),
    ("qref", "NonUniformEncode"): FastPath("qref.ops.qref.code_table.non_uniform_encode", decoded),
    ("qref", "GridFit"): FastPath("qref.ops.qref.grid.grid_fit", decoded),
    ("qref", "GridQuantize"): FastPath("qref.ops.qref.grid.grid_quantize", grid_quantize),
    ("qref", "GridDequantize"): FastPath("qref.ops.qref.grid.grid_dequantize", decoded),
    ("qref", "GridBackward"): FastPath("qref.ops.qref.grid.grid_backward", decoded),
    ("qref", "UniformWeights"): FastPath("qref.ops.qref.grid_weights.uniform_weights", uniform_weights),
    ("qref", "LogarithmicWeights"): FastPath("qref.ops.qref.grid_weights.logarithmic_weights", logarithmic_weights),
    ("qref", "LloydMaxWeights"): FastPath("qref.ops.qref.grid_weights.lloyd_max_weights", lloyd_max_weights),
    ("qref", "ShiftConv"): FastPath("qref.ops.qref.shift_conv.shift_conv", shift_conv),
    ("qref", "BitSerialConv"): FastPath("qref.ops.qref.bit_serial_conv.bit_serial_conv", bit_serial_conv),
    ("qref", "CalibrateMinMax"): FastPath("qref.ops.qref.calibration.calibrate_min_max", decoded),
    ("qref", "CalibrateMovingAverage"): FastPath("qref.ops.qref.calibration.calibrate_moving_average", decoded),
    ("qref", "CalibratePercentile"): FastPath("qref.ops.qref.calibration.calibrate_percentile", decoded),
    ("qref", "CalibrateSquaredError"): FastPath("qref.ops.qref.calibration.calibrate_squared_error", decoded),
    ("qref", "CalibrateDivergence"): FastPath("qref.ops.qref.calibration.calibrate_divergence", decoded),
    ("qref", "ScaleOfRange"): FastPath("qref.ops.qref.calibration.scale_and_zero_point", decoded),
    ("qref", "OptimalScale"): FastPath("qref.ops.qref.optimal_scale.optimal_scale", optimal_scale),
    ("qref", "OptimalScaleGlobal"): FastPath("qref.ops.qref.optimal_scale.optimal_scale_global", optimal_scale_global),
    ("qref", "BinaryWeight"): FastPath("qref.ops.qref.binary_weight.binary_weight", binary_weight),
    ("qref", "BinaryWeightStep"): FastPath("qref.ops.qref.binary_weight.binary_weight_step", binary_weight_step),
    ("qref", "BinaryConnect"): FastPath("qref.ops.qref.binary_connect.binary_connect", binary_connect),
    ("qref", "BinaryConnectBackward"): FastPath(
        "qref.ops.qref.binary_connect.binary_connect_backward", binary_connect_backward
    ),
    ("qref", "BinaryConnectStep"): FastPath("qref.ops.qref.binary_connect.binary_connect_step", binary_connect_step),
    ("qref", "StochasticQuantization"): FastPath(
        "qref.ops.qref.sq_bwn.stochastic_quantization", stochastic_quantization
    ),
    ("qref", "StochasticQuantizationStep"): FastPath(
        "qref.ops.qref.sq_bwn.stochastic_quantization_step", stochastic_quantization_step
    ),
    ("qref", "XnorActivation"): FastPath("qref.ops.qref.xnor_net.xnor_activation", xnor_activation),
    ("qref", "XnorActivationBackward"): FastPath(
        "qref.ops.qref.xnor_net.xnor_activation_backward", xnor_activation_backward
    ),
    ("qref", "XnorConv"): FastPath("qref.ops.qref.xnor_net.xnor_conv", xnor_conv),
    ("qref", "InnerProductHashing"): FastPath(
        "qref.ops.qref.inner_product_hashing.inner_product_hashing", inner_product_hashing
    ),
    ("qref", "SemidiscreteDecomposition"): FastPath(
        "qref.ops.qref.semidiscrete.semidiscrete_decomposition", semidiscrete_decomposition
    ),
    ("qref", "FactorizedDecode"): FastPath("qref.ops.qref.semidiscrete.factorized_decode", decoded),
    ("qref", "FactorizedConv"): FastPath("qref.ops.qref.semidiscrete.factorized_conv", factorized_conv),
    ("qref", "TernaryWeight"): FastPath("qref.ops.qref.ternary_weight.ternary_weight", ternary_weight),
    ("qref", "TernaryWeightExact"): FastPath("qref.ops.qref.ternary_weight.ternary_weight_exact", ternary_weight_exact),
    ("qref", "TernaryWeightStep"): FastPath("qref.ops.qref.ternary_weight.ternary_weight_step", ternary_weight_step),
    ("qref", "HalfWaveQuantize"): FastPath("qref.ops.qref.hwgq.half_wave_quantize", decoded),
    ("qref", "HalfWaveBackward"): FastPath("qref.ops.qref.hwgq.half_wave_backward", half_wave_backward),
    ("qref", "DoReFaWeight"): FastPath("qref.ops.qref.dorefa.dorefa_weight", decoded),
    ("qref", "DoReFaWeightStep"): FastPath("qref.ops.qref.dorefa.dorefa_weight_step", dorefa_weight_step),
    ("qref", "DoReFaActivation"): FastPath("qref.ops.qref.dorefa.dorefa_activation", dorefa_activation),
    ("qref", "DoReFaActivationBackward"): FastPath("qref.ops.qref.dorefa.dorefa_activation_backward", decoded),
    ("qref", "DoReFaGradient"): FastPath("qref.ops.qref.dorefa.dorefa_gradient", dorefa_gradient),
    ("qref", "IncrementalEncode"): FastPath("qref.ops.qref.incremental.incremental_encode", decoded),
    ("qref", "IncrementalFreeze"): FastPath("qref.ops.qref.incremental.incremental_freeze", decoded),
    ("qref", "IncrementalStep"): FastPath("qref.ops.qref.incremental.incremental_step", incremental_step),
    ("qref", "ScalarCodebook"): FastPath("qref.ops.qref.scalar_codebook.scalar_codebook", scalar_codebook),
    ("qref", "ScalarCodebookLloyd"): FastPath(
        "qref.ops.qref.scalar_codebook.scalar_codebook_lloyd", scalar_codebook_lloyd
    ),
    ("qref", "SharedWeightGradient"): FastPath(
        "qref.ops.qref.scalar_codebook.shared_weight_gradient", shared_weight_gradient
    ),
    ("qref", "SharedWeightStep"): FastPath("qref.ops.qref.scalar_codebook.shared_weight_step", shared_weight_step),
    ("qref", "SubvectorDecode"): FastPath("qref.ops.qref.subvectors.subvector_decode", decoded),
    ("qref", "KMeansStart"): FastPath("qref.ops.qref.kmeans.kmeans_start", kmeans_start),
    ("qref", "KMeansStep"): FastPath("qref.ops.qref.kmeans.kmeans_step", kmeans_step),
    ("qref", "VectorCodebook"): FastPath("qref.ops.qref.product_codebook.vector_codebook", vector_codebook),
    ("qref", "ProductCodebook"): FastPath("qref.ops.qref.product_codebook.product_codebook", product_codebook),
    ("qref", "HashedIndices"): FastPath("qref.ops.qref.hashed.hashed_indices", decoded),
    ("qref", "HashedEncode"): FastPath("qref.ops.qref.hashed.hashed_encode", hashed_encode),
    ("qref", "HashedDecode"): FastPath("qref.ops.qref.hashed.hashed_decode", hashed_decode),
    ("qref", "HashedGemm"): FastPath("qref.ops.qref.hashed.hashed_gemm", hashed_gemm),
    ("qref", "HashedBackward"): FastPath("qref.ops.qref.hashed.hashed_backward", hashed_backward),
    ("qref", "HashedStep"): FastPath("qref.ops.qref.hashed.hashed_step", hashed_step),
    ("qref", "PruneMagnitude"): FastPath("qref.ops.qref.pruning.prune_magnitude", decoded),
    ("qref", "PruneGlobal"): FastPath("qref.ops.qref.pruning.prune_global", decoded),
    ("qref", "PruneStructured"): FastPath("qref.ops.qref.pruning.prune_structured", decoded),
    ("qref", "GradualSparsity"): FastPath("qref.ops.qref.pruning.gradual_sparsity", decoded),
    ("qref", "MaskedStep"): FastPath("qref.ops.qref.pruning.masked_descent", masked_step),
    ("qref", "LookupGemm"): FastPath("qref.ops.qref.lookup_gemm.lookup_gemm", lookup_gemm),
    ("qref", "ErrorCorrectedCodebook"): FastPath(
        "qref.ops.qref.error_corrected.error_corrected_codebook", error_corrected_codebook
    ),
    ("qref", "LookupConv"): FastPath("qref.ops.qref.lookup_conv.lookup_conv", lookup_conv),
    ("qref", "LowRankSvd"): FastPath("qref.ops.qref.low_rank.low_rank_svd", in_float64),
    ("qref", "LowRankChannel"): FastPath("qref.ops.qref.low_rank.low_rank_channel", in_float64),
    ("qref", "LowRankSpatial"): FastPath("qref.ops.qref.low_rank.low_rank_spatial", in_float64),
    ("qref", "Tucker2"): FastPath("qref.ops.qref.low_rank.tucker2", in_float64),
    ("qref", "CpDecomposition"): FastPath("qref.ops.qref.low_rank.cp_decomposition", in_float64),
    ("qref", "LowRankReconstruct"): FastPath("qref.ops.qref.low_rank.low_rank_reconstruct", decoded),
    ("qref", "LowRankApproximation"): FastPath("qref.ops.qref.low_rank.low_rank_approximation", in_float64),
    ("qref", "SingularValues"): FastPath("qref.ops.qref.low_rank.singular_values", in_float64),
    ("qref", "RankOfEnergy"): FastPath("qref.ops.qref.low_rank.rank_of_energy", in_float64),
    ("qref", "RankOfSpeed"): FastPath("qref.ops.qref.low_rank.rank_of_speed", decoded),
    ("qref", "PackCodes"): FastPath("qref.ops.qref.packed_codes.pack_codes", decoded),
    ("qref", "UnpackCodes"): FastPath("qref.ops.qref.packed_codes.unpack_codes", decoded),
    ("qref", "CsrEncode"): FastPath("qref.ops.qref.csr.csr_encode", decoded),
    ("qref", "CsrDecode"): FastPath("qref.ops.qref.csr.csr_decode", decoded),
    ("qref", "RelativeIndexEncode"): FastPath("qref.ops.qref.relative_index.relative_index_encode", decoded),
    ("qref", "RelativeIndexDecode"): FastPath("qref.ops.qref.relative_index.relative_index_decode", decoded),
    ("qref", "HuffmanCode"): FastPath("qref.ops.qref.huffman.huffman_code", decoded),
    ("qref", "HuffmanEncode"): FastPath("qref.ops.qref.huffman.huffman_encode", decoded),
    ("qref", "HuffmanDecode"): FastPath("qref.ops.qref.huffman.huffman_decode", huffman_decode),
}
"""Which fast path serves which reference function, by operator.

Operators that only move data have none: what the reference does with NumPy is as fast. Resize has none yet.
"""

ALGORITHMS = {
    "qref.conv.direct.direct": DIRECT,
    "numpy.matmul": product,
    "qref.ops.requantization.Requantization.apply": apply,
}
"""The loops inside, by the function whose results they give; all those of `qref.conv`: `qref.kernels.conv.table`."""


def run(request: Request) -> list[Tensor]:
    """What `qref.ops.run` gives, by the fast paths.

    Raises:
        InvalidInput: the operator's text rejects the request.
        Unsupported: no fast path for it, or numbers for which no text fixes the answer.
    """
    operator: Operator = find(request)
    fast = OPERATORS.get((request.domain, request.op))
    if fast is None:
        raise Unsupported(f"operator {request.op}: no fast path")
    answer = fast.run(request, operator)
    outputs = [answer] if isinstance(answer, Tensor) else list(answer)
    return outputs[: request.outputs]


__all__ = ["ALGORITHMS", "OPERATORS", "FastPath", "run"]
