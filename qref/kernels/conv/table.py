"""The kernels by the names of `qref.conv.ALGORITHMS`. Importing this compiles them, or loads what is cached."""

from qref.kernels.conv.bit_serial import BIT_SERIAL
from qref.kernels.conv.blocked_direct import BLOCKED_DIRECT
from qref.kernels.conv.channels_last import CHANNELS_LAST
from qref.kernels.conv.depthwise import DEPTHWISE
from qref.kernels.conv.direct import DIRECT
from qref.kernels.conv.fft import FFT
from qref.kernels.conv.im2col import IM2COL
from qref.kernels.conv.int8_direct import INT8_DIRECT
from qref.kernels.conv.int8_gemm import INT8_GEMM
from qref.kernels.conv.kernel import Kernel
from qref.kernels.conv.mec import MEC
from qref.kernels.conv.shift import SHIFT
from qref.kernels.conv.sparse_direct import SPARSE_DIRECT
from qref.kernels.conv.sparse_gemm import SPARSE_GEMM
from qref.kernels.conv.winograd import WINOGRAD_2X2, WINOGRAD_2X2_5X5, WINOGRAD_4X4
from qref.kernels.conv.xnor import XNOR

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        DIRECT,
        DEPTHWISE,
        CHANNELS_LAST,
        BLOCKED_DIRECT,
        IM2COL,
        MEC,
        WINOGRAD_2X2,
        WINOGRAD_4X4,
        WINOGRAD_2X2_5X5,
        FFT,
        SPARSE_DIRECT,
        SPARSE_GEMM,
        INT8_DIRECT,
        INT8_GEMM,
        XNOR,
        BIT_SERIAL,
        SHIFT,
    )
}
"""Every kernel by its name: those of the algorithms, and `depthwise`, direct convolution of one channel a group."""
