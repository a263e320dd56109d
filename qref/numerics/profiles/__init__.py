"""Requantization profiles, one rule a file."""

from qref.numerics.profiles.ncnn import NCNN
from qref.numerics.profiles.onnx import ONNX
from qref.numerics.profiles.profile import Derived, Profile
from qref.numerics.profiles.tflite_double import TFLITE_DOUBLE
from qref.numerics.profiles.tflite_single import TFLITE_SINGLE
from qref.numerics.profiles.xnnpack_fp32 import XNNPACK_FP32

PROFILES: dict[str, Profile] = {
    profile.name: profile for profile in (ONNX, TFLITE_DOUBLE, TFLITE_SINGLE, XNNPACK_FP32, NCNN)
}

__all__ = ["NCNN", "ONNX", "PROFILES", "TFLITE_DOUBLE", "TFLITE_SINGLE", "XNNPACK_FP32", "Derived", "Profile"]
