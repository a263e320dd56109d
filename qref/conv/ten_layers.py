"""The ten layers of the seed's tables of runtime and memory, which it calls conv1 … conv10 and no more.

Recovered from the table "Memory overhead of different algorithms/MB": its row QEngine is 4·(input + output + weights),
Im2col adds the column matrix and MEC its lowered matrix, MB = 10⁶ bytes. They are the layers of AlexNet, GoogLeNet and
ResNet-18 below. [seed: NNLib]
"""

from dataclasses import dataclass

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry


@dataclass(frozen=True)
class Layer:
    """One layer. x: [1, C, H, W]. w: [K, C, R, R]. origin: the network it is taken from."""

    name: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    origin: str

    @property
    def shapes(self) -> Shapes:
        """Its shapes in float32."""
        return Shapes(self.x, self.w, self.geometry)


def layer(name: str, C: int, H: int, K: int, R: int, stride: int, pad: int, origin: str) -> Layer:
    """A square layer of one group."""
    geometry = Geometry((R, R), (stride, stride), (1, 1), (pad, pad), (pad, pad))
    return Layer(name, (1, C, H, H), (K, C, R, R), geometry, origin)


TEN_LAYERS: dict[str, Layer] = {
    one.name: one
    for one in (
        #              C    H    K   R  stride pad
        layer("conv1", 3, 227, 96, 11, 4, 0, "AlexNet"),
        layer("conv2", 96, 27, 256, 5, 1, 2, "AlexNet, ungrouped"),
        layer("conv3", 256, 13, 384, 3, 1, 1, "AlexNet"),
        layer("conv4", 384, 13, 384, 3, 1, 1, "AlexNet, ungrouped"),
        layer("conv5", 3, 224, 64, 7, 2, 3, "ResNet-18"),
        layer("conv6", 64, 56, 192, 3, 1, 1, "GoogLeNet"),
        layer("conv7", 64, 56, 64, 3, 1, 1, "ResNet-18"),
        layer("conv8", 64, 56, 128, 3, 2, 1, "ResNet-18"),
        layer("conv9", 128, 28, 128, 3, 1, 1, "ResNet-18"),
        layer("conv10", 256, 14, 256, 3, 1, 1, "ResNet-18"),
    )
}
