"""Every compiled algorithm of convolution against the readable one, over drawn geometries."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS
from qref.conv.backward import bias_gradient, input_gradient, weight_gradient
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.conv.transposed import output_shape, transposed
from qref.conv.zero_point import int8_direct
from qref.errors import Unsupported, UsageError
from qref.numerics.formats import FORMATS

pytest.importorskip("numba")
from qref.kernels.conv import backward, int8_gemm
from qref.kernels.conv import int8_direct as fast_int8_direct
from qref.kernels.conv.table import KERNELS
from qref.kernels.conv.transposed import transposed as fast_transposed

ROUNDOFF = 2.0**-24
WHOLE = ["direct"]
BYTES = ("int8-direct", "int8-gemm", "bit-serial")
FLOATS = [*WHOLE, "channels-last", "blocked-direct", "im2col", "mec", "fft", "sparse-direct", "sparse-gemm"]


@dataclass(frozen=True)
class Drawn:
    """Shapes of one convolution, and what its numbers are drawn from."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    seed: int
    threads: int = 1

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def whole(self, low: int = -128, high: int = 127) -> tuple[NDArray[Any], NDArray[Any]]:
        rng = self.rng
        x, w = rng.integers(low, high, self.x, endpoint=True), rng.integers(low, high, self.w, endpoint=True)
        x.flags.writeable = w.flags.writeable = False  # as the arrays of decoded tensors are
        return x, w

    def floats(self) -> tuple[NDArray[Any], NDArray[Any]]:
        rng = self.rng
        x, w = rng.standard_normal(self.x).astype(np.float32), rng.standard_normal(self.w).astype(np.float32)
        w[rng.random(self.w) < 0.3] = 0  # sparse kernels have something to leave out
        x.flags.writeable = w.flags.writeable = False
        return x, w


@st.composite
def convolutions(draw: st.DrawFn) -> Drawn:
    """Pads longer than the kernel, strides beyond it, dilations beyond the image, outputs of length zero."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    k, strides, dilations = lengths(1, 4 if n < 3 else 2), lengths(1, 4), lengths(1, 3)
    image, begin, end = lengths(1, {1: 20, 2: 9, 3: 5}[n]), lengths(0, 4), lengths(0, 4)
    # an output of length zero is the least there is
    end = tuple(max(e, (k[i] - 1) * dilations[i] + 1 - strides[i] - image[i] - begin[i]) for i, e in enumerate(end))
    group, C_g, M_g, N = (draw(st.integers(1, most)) for most in (3, 5, 9, 2))
    geometry = Geometry(k, strides, dilations, begin, end, group)
    seed, threads = draw(st.integers(0, 2**32)), draw(st.sampled_from([1, 1, 2]))
    return Drawn((N, group * C_g, *image), (group * M_g, C_g, *k), geometry, seed, threads)


def square(x: tuple[int, ...], w: tuple[int, ...], stride: int, pad: int, dilation: int = 1, group: int = 1) -> Drawn:
    geometry = Geometry(w[2:], (stride,) * 2, (dilation,) * 2, (pad,) * 2, (pad,) * 2, group)
    return Drawn(x, w, geometry, 0)


LARGE = square((1, 20, 41, 40), (70, 20, 3, 3), 1, 1)  # more than one block of rows, columns and channels
DEPTHWISE = square((2, 6, 9, 8), (6, 1, 3, 3), 2, 1, group=6)
NO_CHANNELS = square((1, 0, 4, 4), (3, 0, 2, 2), 1, 0)
NO_OUTPUT = square((1, 2, 2, 2), (3, 2, 3, 3), 1, 0)
NO_KERNELS = square((1, 2, 4, 4), (0, 2, 3, 3), 1, 1)
ONE_PIXEL = square((1, 1, 1, 1), (1, 1, 1, 1), 1, 0)


def examples(test: Any) -> Any:
    for case in (LARGE, DEPTHWISE, NO_CHANNELS, NO_OUTPUT, NO_KERNELS, ONE_PIXEL):
        test = example(case=case)(test)
    return test


def test_every_algorithm_has_a_kernel() -> None:
    assert set(KERNELS) == {*ALGORITHMS, "depthwise"}


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=15)
@examples
@given(case=convolutions())
def test_integers_exactly(name: str, case: Drawn) -> None:
    x, w = case.whole()
    expected = ALGORITHMS["direct"].convolve(x, w, case.geometry)
    found = KERNELS[name](x, w, case.geometry, case.threads)
    assert found.dtype == np.int64
    assert np.array_equal(found, expected)


def within_bound(name: str, case: Drawn) -> None:
    x, w = case.floats()
    golden = exact(x.astype(np.float64), w.astype(np.float64), case.geometry, FORMATS["float32"])  # type: ignore[arg-type]
    found = KERNELS[name](x, w, case.geometry, case.threads)
    assert found.dtype == np.float32
    assert found.shape == golden.shape
    assert (np.abs(found - golden) <= ALGORITHMS[name].bound(x, w, case.geometry) * ROUNDOFF).all()


@pytest.mark.parametrize("name", FLOATS)
@settings(max_examples=8)
@examples
@given(case=convolutions())
def test_floats_within_the_bound(name: str, case: Drawn) -> None:
    within_bound(name, case)


@pytest.mark.parametrize("name", ["int8-direct", "int8-gemm"])
@settings(max_examples=15)
@examples
@given(case=convolutions())
def test_int8_exactly(name: str, case: Drawn) -> None:
    rng = case.rng
    (x_type, low_x), (w_type, low_w) = ([(np.int8, -128), (np.uint8, 0)][rng.integers(2)] for _ in range(2))
    x = rng.integers(low_x, low_x + 256, case.x).astype(x_type)
    w = rng.integers(low_w, low_w + 256, case.w).astype(w_type)
    z_x = int(rng.integers(low_x, low_x + 256))
    z_w = rng.integers(low_w, low_w + 256, len(w)) if rng.random() < 0.5 else int(rng.integers(low_w, low_w + 256))
    kernel = {"int8-direct": fast_int8_direct, "int8-gemm": int8_gemm}[name]
    found = KERNELS[name].run(x, kernel.pack(w, case.geometry, z_w), case.geometry, case.threads, z_x=z_x)
    assert found.dtype == np.int32
    assert np.array_equal(found, int8_direct(x, w, case.geometry, z_x, z_w))
    assert np.array_equal(KERNELS[name](x, w, case.geometry), int8_direct(x, w, case.geometry))


@pytest.mark.parametrize("name", ["int8-direct", "int8-gemm"])
def test_int8_at_its_largest_and_beyond_int32(name: str) -> None:
    """All products at their largest, and a sum beyond int32 taken modulo 2³²."""
    for taps in (255, 256, 257, 1025, 33100):
        x, w = np.full((1, taps, 1, 1), 255, np.uint8), np.full((1, taps, 1, 1), 255, np.uint8)
        geometry = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
        exactly = taps * 255 * 255
        assert KERNELS[name](x, w, geometry).item() == (exactly + 2**31) % 2**32 - 2**31


@settings(max_examples=20)
@examples
@example(case=square((1, 130, 6, 5), (3, 130, 3, 2), 1, 1))
@given(case=convolutions())
def test_xnor_exactly(case: Drawn) -> None:
    x, w = (np.where(values > 0, 1, -1).astype(np.int8) for values in case.whole())
    found = KERNELS["xnor"](x, w, case.geometry, case.threads)
    assert found.dtype == np.int32
    assert np.array_equal(found, ALGORITHMS["xnor"].convolve(x, w, case.geometry))


@pytest.mark.parametrize("name", [name for name, kernel in KERNELS.items() if kernel.places])
def test_a_result_goes_where_it_is_told(name: str) -> None:
    case = DEPTHWISE if name == "depthwise" else square((2, 4, 9, 8), (5, 4, 3, 3), 1, 1)
    if name.endswith("5x5"):
        case = square((1, 4, 9, 9), (4, 4, 5, 5), 1, 2)
    x, w = ((values * 4).astype(np.int8) if name in BYTES else values for values in case.floats())
    kernel, geometry = KERNELS[name], case.geometry
    packed = kernel.pack(w, geometry)
    expected = kernel.run(x, packed, geometry, 1)
    out = np.full_like(expected, 7)
    assert kernel.run(x, packed, geometry, 1, out=out) is out
    assert np.array_equal(out, expected)
    for wrong in (out[:, 1:], out.astype(np.float64), np.asfortranarray(np.tile(out, (2, 1, 1, 1)))[: len(out)]):
        with pytest.raises(UsageError, match=r"out is \[.*give a writable array"):
            kernel.run(x, packed, geometry, 1, out=wrong)


@st.composite
def transposed_convolutions(draw: st.DrawFn) -> tuple[Drawn, tuple[int, ...]]:
    case = draw(convolutions())
    image, s = case.x[2:], case.geometry.strides
    padding = [draw(st.integers(0, s[i] - 1)) for i in range(len(image))]
    found = output_shape(image, case.geometry, padding)
    return case, tuple(max(n, 0) for n in found)


@settings(max_examples=25)
@given(drawn=transposed_convolutions())
def test_transposed(drawn: tuple[Drawn, tuple[int, ...]]) -> None:
    case, output = drawn
    G, C_g = case.geometry.group, case.w[1]
    w = case.rng.integers(-128, 127, (G * C_g, 4, *case.geometry.kernel))
    x = case.whole()[0]
    expected = transposed(x, w, case.geometry, output)
    assert np.array_equal(fast_transposed(x, w, case.geometry, output, case.threads), expected)
    floats = fast_transposed(x.astype(np.float32), w.astype(np.float32), case.geometry, output)
    assert floats.dtype == np.float32
    assert np.array_equal(floats, expected)  # whole numbers far below 2^24


@settings(max_examples=25)
@examples
@given(case=convolutions())
def test_backward(case: Drawn) -> None:
    x, w = case.whole()
    geometry = case.geometry
    g = case.rng.integers(-128, 127, (x.shape[0], w.shape[0], *geometry.output(x.shape[2:])))
    of_input = backward.input_gradient(g, w, geometry, x.shape[2:], case.threads)
    assert np.array_equal(of_input, input_gradient(g, w, geometry, x.shape[2:]))
    of_weights = backward.weight_gradient(g, x, geometry, case.threads)
    assert np.array_equal(of_weights, weight_gradient(g, x, geometry))
    assert np.array_equal(backward.bias_gradient(g), bias_gradient(g))
    small, pixels = (g % 8).astype(np.float32), (x % 8).astype(np.float32)
    in_floats = backward.weight_gradient(small, pixels, geometry)
    assert in_floats.dtype == np.float32
    assert np.array_equal(in_floats, weight_gradient(small, pixels, geometry))


def test_operands_that_no_loop_is_for() -> None:
    x, w = LARGE.floats()
    with pytest.raises(Unsupported, match="float64"):
        KERNELS["direct"](x.astype(np.float64), w, LARGE.geometry)
    with pytest.raises(Unsupported, match="int8 and uint8"):
        KERNELS["int8-direct"](x, w, LARGE.geometry)
    four = Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4)
    with pytest.raises(Unsupported, match="4 dimensions"):
        KERNELS["direct"](np.ones((1,) * 6, np.float32), np.ones((1,) * 6, np.float32), four)


def test_weights_packed_once_serve_images_of_other_sizes() -> None:
    w = LARGE.floats()[1]
    for name in FLOATS:
        packed = KERNELS[name].pack(w, LARGE.geometry)
        for height in (6, 41, 6):
            x = LARGE.floats()[0][:, :, :height]
            found = KERNELS[name].run(x, packed, LARGE.geometry, 1)
            assert np.array_equal(found, KERNELS[name](x, w, LARGE.geometry))
