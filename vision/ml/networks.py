"""The networks by name: what `--network` may say, beside any model of timm.

Sizes are of the trunk with its neck and heads. The first group is for CPUs without downloaded weights, the second for a
GPU and timm's ImageNet weights (`--pretrained`), the ensemble and the student of the published reference.
"""

from __future__ import annotations

from typing import Any

# Dense 3x3 convolutions: what current CPUs run best. 8.4M.
RESNET34_NARROW: dict[str, Any] = {
    "trunk": "resnet34",
    "layers": [2, 3, 4, 2],
    "channels": [64, 128, 192, 384],
    "avg_down": True,
    "drop_path_rate": 0.05,
}

CLASSIFIERS: dict[str, dict[str, Any]] = {
    "resnet34_narrow": RESNET34_NARROW,
    # The same with squeeze-and-excitation and a last stage at twice the resolution, for fine patterns. 8.4M.
    "seresnet34_fine": RESNET34_NARROW | {"block_args": {"attn_layer": "se"}, "output_stride": 16},
    # Grouped convolutions with squeeze-and-excitation. 5.7M.
    "regnety_008": {"trunk": "regnety_008", "drop_path_rate": 0.05},
    "convnext_base": {"trunk": "convnext_base", "drop_path_rate": 0.2},
    "swin_base": {"trunk": "swin_base_patch4_window7_224", "drop_path_rate": 0.2, "strict_img_size": False},
    "efficientnetv2_s": {"trunk": "tf_efficientnetv2_s", "drop_path_rate": 0.1},
    "convnext_tiny": {"trunk": "convnext_tiny", "drop_path_rate": 0.1},
}
DROP = 0.2


def classifier_config(name: str) -> dict[str, Any]:
    """What `model.build_classifier` takes for a name of the table or of timm."""
    return {"drop": DROP} | CLASSIFIERS.get(name, {"trunk": name})
