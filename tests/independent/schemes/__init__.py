"""The schemes of quantizers, binary and codebooks, from their papers alone, on exact rationals; a table of them."""

from independent.schemes import calibration, compressed_storage
from independent.schemes.binary_connect import binary_connect, binary_connect_backward, binary_connect_step
from independent.schemes.binary_weight import binary_weight
from independent.schemes.bit_serial_conv import bit_serial_conv
from independent.schemes.code_table import logarithmic_decode, logarithmic_encode, non_uniform_encode, uniform_encode
from independent.schemes.decoded import codebook_decode, scaled_decode
from independent.schemes.dorefa import (
    dorefa_activation,
    dorefa_activation_backward,
    dorefa_gradient,
    dorefa_weight,
    dorefa_weight_step,
)
from independent.schemes.error_corrected import error_corrected_codebook
from independent.schemes.grid import grid_backward, grid_dequantize, grid_fit, grid_quantize
from independent.schemes.grid_weights import lloyd_max_weights, logarithmic_weights, uniform_weights
from independent.schemes.hashed import (
    hashed_backward,
    hashed_decode,
    hashed_encode,
    hashed_gemm,
    hashed_indices,
    hashed_step,
)
from independent.schemes.hwgq import half_wave_backward, half_wave_quantize
from independent.schemes.incremental import incremental_encode, incremental_freeze, incremental_step
from independent.schemes.inner_product_hashing import inner_product_hashing
from independent.schemes.lookup import lookup_conv, lookup_gemm
from independent.schemes.low_rank import (
    cp_decomposition,
    low_rank_approximation,
    low_rank_channel,
    low_rank_reconstruct,
    low_rank_spatial,
    low_rank_svd,
    rank_of_energy,
    rank_of_speed,
    singular_values,
    tucker2,
)
from independent.schemes.number_formats import (
    fixed_point_decode,
    fixed_point_encode,
    floating_point_decode,
    floating_point_encode,
)
from independent.schemes.optimal_scale import optimal_scale, optimal_scale_global
from independent.schemes.pruning import (
    gradual_sparsity,
    masked_step,
    prune_global,
    prune_magnitude,
    prune_structured,
)
from independent.schemes.scalar_codebook import (
    scalar_codebook,
    scalar_codebook_lloyd,
    shared_weight_gradient,
    shared_weight_step,
)
from independent.schemes.scheme import Scheme
from independent.schemes.semidiscrete import factorized_conv, factorized_decode, semidiscrete_decomposition
from independent.schemes.shift_conv import shift_conv
from independent.schemes.sq_bwn import stochastic_quantization, stochastic_quantization_step
from independent.schemes.subvectors import subvector_decode
from independent.schemes.ternary_weight import ternary_weight, ternary_weight_exact, ternary_weight_step
from independent.schemes.vector_codebooks import kmeans_start, kmeans_step, product_codebook, vector_codebook
from independent.schemes.xnor_net import binary_weight_step, xnor_activation, xnor_activation_backward, xnor_conv

SCHEMES: dict[str, Scheme] = {
    "ScaledDecode": scaled_decode,
    "CodebookDecode": codebook_decode,
    "FloatingPointEncode": floating_point_encode,
    "FloatingPointDecode": floating_point_decode,
    "FixedPointEncode": fixed_point_encode,
    "FixedPointDecode": fixed_point_decode,
    "UniformEncode": uniform_encode,
    "LogarithmicEncode": logarithmic_encode,
    "LogarithmicDecode": logarithmic_decode,
    "NonUniformEncode": non_uniform_encode,
    "GridFit": grid_fit,
    "GridQuantize": grid_quantize,
    "GridDequantize": grid_dequantize,
    "GridBackward": grid_backward,
    "UniformWeights": uniform_weights,
    "LogarithmicWeights": logarithmic_weights,
    "LloydMaxWeights": lloyd_max_weights,
    "ShiftConv": shift_conv,
    "BitSerialConv": bit_serial_conv,
    "BinaryWeight": binary_weight,
    "BinaryWeightStep": binary_weight_step,
    "BinaryConnect": binary_connect,
    "BinaryConnectBackward": binary_connect_backward,
    "BinaryConnectStep": binary_connect_step,
    "XnorActivation": xnor_activation,
    "XnorActivationBackward": xnor_activation_backward,
    "XnorConv": xnor_conv,
    "StochasticQuantization": stochastic_quantization,
    "StochasticQuantizationStep": stochastic_quantization_step,
    "OptimalScale": optimal_scale,
    "OptimalScaleGlobal": optimal_scale_global,
    "CalibrateMinMax": calibration.min_max,
    "CalibrateMovingAverage": calibration.moving_average,
    "CalibratePercentile": calibration.percentile,
    "CalibrateSquaredError": calibration.squared_error,
    "CalibrateDivergence": calibration.divergence,
    "ScaleOfRange": calibration.scale_of_range,
    "InnerProductHashing": inner_product_hashing,
    "SemidiscreteDecomposition": semidiscrete_decomposition,
    "FactorizedDecode": factorized_decode,
    "FactorizedConv": factorized_conv,
    "TernaryWeight": ternary_weight,
    "TernaryWeightExact": ternary_weight_exact,
    "TernaryWeightStep": ternary_weight_step,
    "HalfWaveQuantize": half_wave_quantize,
    "HalfWaveBackward": half_wave_backward,
    "DoReFaWeight": dorefa_weight,
    "DoReFaWeightStep": dorefa_weight_step,
    "DoReFaActivation": dorefa_activation,
    "DoReFaActivationBackward": dorefa_activation_backward,
    "DoReFaGradient": dorefa_gradient,
    "IncrementalEncode": incremental_encode,
    "IncrementalFreeze": incremental_freeze,
    "IncrementalStep": incremental_step,
    "SubvectorDecode": subvector_decode,
    "KMeansStart": kmeans_start,
    "KMeansStep": kmeans_step,
    "VectorCodebook": vector_codebook,
    "ProductCodebook": product_codebook,
    "HashedIndices": hashed_indices,
    "HashedEncode": hashed_encode,
    "HashedDecode": hashed_decode,
    "HashedGemm": hashed_gemm,
    "HashedBackward": hashed_backward,
    "HashedStep": hashed_step,
    "PruneMagnitude": prune_magnitude,
    "PruneGlobal": prune_global,
    "PruneStructured": prune_structured,
    "GradualSparsity": gradual_sparsity,
    "MaskedStep": masked_step,
    "ScalarCodebook": scalar_codebook,
    "ScalarCodebookLloyd": scalar_codebook_lloyd,
    "SharedWeightGradient": shared_weight_gradient,
    "SharedWeightStep": shared_weight_step,
    "LookupGemm": lookup_gemm,
    "LookupConv": lookup_conv,
    "ErrorCorrectedCodebook": error_corrected_codebook,
    "PackCodes": compressed_storage.pack_codes,
    "UnpackCodes": compressed_storage.unpack_codes,
    "CsrEncode": compressed_storage.csr_encode,
    "CsrDecode": compressed_storage.csr_decode,
    "RelativeIndexEncode": compressed_storage.relative_index_encode,
    "RelativeIndexDecode": compressed_storage.relative_index_decode,
    "HuffmanCode": compressed_storage.huffman_code,
    "HuffmanEncode": compressed_storage.huffman_encode,
    "HuffmanDecode": compressed_storage.huffman_decode,
    "LowRankSvd": low_rank_svd,
    "LowRankChannel": low_rank_channel,
    "LowRankSpatial": low_rank_spatial,
    "Tucker2": tucker2,
    "CpDecomposition": cp_decomposition,
    "LowRankReconstruct": low_rank_reconstruct,
    "LowRankApproximation": low_rank_approximation,
    "SingularValues": singular_values,
    "RankOfEnergy": rank_of_energy,
    "RankOfSpeed": rank_of_speed,
}
