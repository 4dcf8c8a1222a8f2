"""The segmenter: a timm encoder that may start from a trained classifier's trunk, and a light decoder.

Dense convolutions throughout, because those run best on current CPUs (AMX, VNNI).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_tensors

DECODER = [96, 64, 48, 32]
# By name of the classifier whose trunk the encoder may start from. One block less at the coarsest scale, which costs
# the most weights and adds the least to an outline.
SEGMENTERS: dict[str, dict[str, Any]] = {
    "resnet34_narrow": {
        "encoder": "resnet34",
        "layers": [2, 3, 4, 1],
        "channels": [64, 128, 192, 384],
        "avg_down": True,
        "decoder": DECODER,
    },
}


def segmenter_config(name: str) -> dict[str, Any]:
    """What `build_segmenter` takes for a name of the table or of timm."""
    return SEGMENTERS.get(name, {"encoder": name, "decoder": DECODER})


class Merge(nn.Module):
    """One step up: the coarse map, enlarged, beside a narrowed skip, through a 3x3 convolution."""

    def __init__(self, coarse: int, skip: int, outside: int):
        super().__init__()
        self.narrow = nn.Sequential(
            nn.Conv2d(skip, outside, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
        )
        self.join = nn.Sequential(
            nn.Conv2d(coarse + outside, outside, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )

    def forward(self, coarse: Tensor, skip: Tensor) -> Tensor:
        larger = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return self.join(torch.cat([larger, self.narrow(skip)], 1))


class Segmenter(nn.Module):
    """One logit per pixel, positive on the garment."""

    def __init__(self, encoder: str, decoder: list[int], pretrained: bool = False, **encoder_args: Any):
        super().__init__()
        self.encoder = timm.create_model(encoder, features_only=True, pretrained=pretrained, **encoder_args)
        features: list[int] = self.encoder.feature_info.channels()  # type: ignore[operator, union-attr]
        skips = features[-2::-1]
        inside = [decoder[0], *decoder]
        self.narrow = nn.Conv2d(features[-1], decoder[0], 1)
        self.context = nn.Linear(features[-1], decoder[0])
        self.up = nn.ModuleList(
            Merge(coarse, skip, width) for coarse, skip, width in zip(inside, skips, decoder, strict=False)
        )
        self.out = nn.Conv2d(decoder[len(self.up) - 1], 1, 3, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(n, 3, h, w) normalised, sides divisible by 32 -> (n, 1, h, w) logits."""
        *skips, deep = self.encoder(images)
        # The whole picture's mean lets every pixel know what the floor looks like.
        x = F.relu(self.narrow(deep) + self.context(deep.mean((2, 3)))[:, :, None, None])
        for merge, skip in zip(self.up, skips[::-1], strict=True):
            x = merge(x, skip)
        scale = images.shape[-1] / x.shape[-1]
        return F.interpolate(self.out(x).float(), scale_factor=scale, mode="bilinear", align_corners=False)


def build_segmenter(config: dict[str, Any]) -> Segmenter:
    """A segmenter from {"encoder", "decoder", ...arguments of the timm encoder}.

    Raises ValueError for the configuration of an older network, whose ONNX graph alone can still be served.
    """
    if "encoder" not in config:
        raise ValueError("These weights are of an older segmenter network; use the segmenter.onnx beside them.")
    return Segmenter(**config)


def start_encoder(model: Segmenter, classifier: Path) -> int:
    """Fill the encoder with the trunk of a `classifier.safetensors` where names and shapes agree; how many tensors did.

    Raises ValueError when less than half of the encoder is found there: that is another network.
    """
    trunk = {key.removeprefix("trunk."): value for key, value in load_tensors(classifier)[0].items()}
    # Some of timm's networks are flattened to give their features: stages.0 becomes stages_0.
    trunk |= {key.replace(".", "_", 1): value for key, value in trunk.items()}
    own = model.encoder.state_dict()
    fitting = {key: trunk[key].to(own[key].dtype) for key in own if key in trunk and trunk[key].shape == own[key].shape}
    if 2 * len(fitting) < len(own):
        raise ValueError(
            f"{classifier} holds {len(fitting)} of the segmenter's {len(own)} encoder tensors; "
            "train it with the network that vision.ml.segmenter_net names."
        )
    model.encoder.load_state_dict(own | fitting)
    return len(fitting)
