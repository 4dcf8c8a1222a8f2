"""Laying cut-outs into rooms as a phone would find them: framed, lit, with shadows, hands, hangers and other things."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import augment
from .augment import LightConfig, WarpConfig
from .batches import Source
from .cutouts import spread_colours
from .level import Draw

# A garment's own light, before it is laid down: white shirts on white beds and black ones on black must be met often.
OWN_LIGHT = LightConfig(brightness=0.35, contrast=0.25, saturation=0.4, sharpness=0, noise=0, gradient=0.3)
SKIN = ((0.96, 0.8, 0.69), (0.9, 0.69, 0.55), (0.78, 0.56, 0.42), (0.55, 0.37, 0.26), (0.36, 0.23, 0.16))
HANGERS = ((0.12, 0.12, 0.13), (0.93, 0.93, 0.92), (0.68, 0.48, 0.3), (0.72, 0.73, 0.75))


def cut_outs(source: Source, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Images (n, 3, s, s) whose colours reach over their edge, soft alpha (n, 1, s, s) and aspect ratios (n,)."""
    assert source.masks is not None
    pairs = [(np.ascontiguousarray(source.pixels[i]), np.ascontiguousarray(source.masks[i])) for i in rows]
    images = np.stack([spread_colours(image, mask) for image, mask in pairs])
    # What is left of the outermost pixel is mostly the paper or floor it was cut from.
    thick = 2 * max(round(source.pixels.shape[1] / 192), 1) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
    alpha = np.stack([cv2.GaussianBlur(cv2.erode(mask, kernel), (3, 3), 0) for _, mask in pairs])
    as_tensor = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    return as_tensor, torch.from_numpy(alpha).unsqueeze(1).float() / 255, torch.from_numpy(source.aspect[rows])


def framing(alpha: Tensor, share: Tensor, middle: Tensor) -> Tensor:
    """Homographies (n, 3, 3) that show the box of (n, 1, s, s) alpha with its longer side at `share` (n,) of the
    frame and its centre at `middle` (n, 2), in output coordinates.
    """
    result = torch.eye(3).repeat(len(alpha), 1, 1)
    side = alpha.shape[-1]
    for i, solid in enumerate(alpha[:, 0] > 0.5):
        rows, columns = (torch.nonzero(solid.any(d)).flatten() for d in (1, 0))
        if not len(rows):
            continue
        low = torch.stack([columns[0], rows[0]]) / side * 2 - 1
        high = torch.stack([columns[-1] + 1, rows[-1] + 1]) / side * 2 - 1
        scale = (high - low).max() / 2 / share[i]
        result[i, 0, 0] = result[i, 1, 1] = scale
        result[i, :2, 2] = (low + high) / 2 - scale * middle[i]
    return result


def placed(
    source: Source, rows: np.ndarray, share: tuple[float, float], shift: float, draw: Draw
) -> tuple[Tensor, Tensor]:
    """Cut-outs in the frame, images (n, 3, size, size) and alpha (n, 1, size, size): each turned and seen askew."""
    images, alpha, aspect = cut_outs(source, rows)
    n = len(rows)
    view = framing(alpha, augment.uniform(n, *share, draw.gen), (torch.rand(n, 2, generator=draw.gen) * 2 - 1) * shift)
    turn = WarpConfig(scale=(1.0, 1.0), stretch=0.15, rotate=35, quarter_turn=0.12, shift=0.0, perspective=0.12)
    matrices = view @ augment.random_warp(aspect, turn, draw.gen)
    # Past the photo's edge there is nothing; a garment that the edge cuts must not be mirrored there.
    both = augment.warp(torch.cat([images, alpha], 1).to(draw.device), matrices, draw.size, padding="border")
    inside = augment.warp(torch.ones(n, 1, 4, 4, device=draw.device), matrices, draw.size, padding="zeros")
    alpha = (both[:, 3:] * (inside > 0.5)).clamp(0, 1)
    return augment.change_light(both[:, :3], OWN_LIGHT, draw.gen), alpha


def shadow(alpha: Tensor, draw: Draw) -> Tensor:
    """(n, 1, h, w) darkness in [0, 1]: a tight one at the garment's foot, a wide one cast away from the light."""
    n, _, height, width = alpha.shape
    small = F.avg_pool2d(alpha, 4)
    angle = torch.rand(n, generator=draw.gen) * 2 * np.pi
    total = torch.zeros_like(small)
    for reach, passes, strength in (((0.0, 0.025), 1, 0.5), ((0.02, 0.12), 4, 0.55)):
        length = augment.uniform(n, *reach, draw.gen) * 2
        move = torch.eye(3).repeat(n, 1, 1)
        move[:, 0, 2], move[:, 1, 2] = -length * angle.cos(), -length * angle.sin()
        cast = augment.warp(small, move, small.shape[-1], padding="zeros")
        dark = augment.uniform(n, 0, strength, draw.gen).view(n, 1, 1, 1).to(alpha.device)
        total = torch.maximum(total, augment.soft_blur(cast, passes) * dark)
    return F.interpolate(total, size=(height, width), mode="bilinear", align_corners=False)


def laid(images: Tensor, alpha: Tensor, rooms: Tensor, draw: Draw) -> Tensor:
    """Garments (n, 3, h, w) on rooms (n, 3, h, w) with their shadows; now and then a cloth lets the floor through."""
    n = len(images)
    sheer = torch.where(draw.chance(n, 0.06), augment.uniform(n, 0.6, 0.9, draw.gen), torch.ones(n))
    cover = alpha * sheer.view(n, 1, 1, 1).to(alpha.device)
    return images * cover + rooms * (1 - shadow(alpha, draw)) * (1 - cover)


def matched_rooms(rooms: Tensor, images: Tensor, alpha: Tensor, chosen: Tensor, draw: Draw) -> Tensor:
    """The chosen rooms in their garment's own mean colour, nearly: white on white, denim on denim."""
    n = len(rooms)
    area = alpha.sum((2, 3), keepdim=True).clamp(min=1)
    goal = (images * alpha).sum((2, 3), keepdim=True) / area
    goal = goal + (torch.randn(n, 3, 1, 1, generator=draw.gen) * 0.05).to(goal.device)
    relief = augment.uniform(n, 0.2, 0.7, draw.gen).view(n, 1, 1, 1).to(goal.device)
    near = goal + (rooms - rooms.mean((2, 3), keepdim=True)) * relief
    return torch.where(chosen.view(n, 1, 1, 1).to(rooms.device), near.clamp(0, 1), rooms)


def hands(alpha: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """A forearm with fingers from the frame's edge to the garment: colours (n, 3, h, w) and alpha (n, 1, h, w)."""
    layers = [draw_hand(a, draw.rng) for a in alpha[:, 0].cpu().numpy()]
    return as_layers(layers, alpha.device)


def hangers(alpha: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """A hanger's bar and hook behind the top of the garment: colours (n, 3, h, w), alpha (n, 1, h, w)."""
    layers = [draw_hanger(a, draw.rng) for a in alpha[:, 0].cpu().numpy()]
    return as_layers(layers, alpha.device)


def as_layers(layers: list[tuple[np.ndarray, np.ndarray]], device: torch.device) -> tuple[Tensor, Tensor]:
    colours = torch.from_numpy(np.stack([c for c, _ in layers])).permute(0, 3, 1, 2).float()
    return colours.to(device), torch.from_numpy(np.stack([a for _, a in layers])).unsqueeze(1).float().to(device)


def draw_hand(alpha: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One hand over a garment's alpha (h, w): colours (h, w, 3) and alpha (h, w), float32."""
    side = alpha.shape[0]
    mask = np.zeros((side, side), np.uint8)
    edge = np.argwhere(cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    if len(edge):
        tip = edge[rng.integers(len(edge))][::-1].astype(float)
        away = tip - side / 2
        away /= max(float(np.hypot(*away)), 1e-3)
        away = rotated(away, rng.uniform(-0.5, 0.5))
        wide = side * rng.uniform(0.035, 0.075)
        palm = tip + away * wide * 1.6
        line(mask, palm, palm + away * side * 1.5, wide * 1.6)
        cv2.circle(mask, point(palm), int(wide * 1.1), 255, -1)
        for k in range(4):
            base = palm + rotated(away, np.pi / 2) * wide * (k - 1.5) * 0.6
            line(mask, base, base - rotated(away, (k - 1.5) * 0.15) * wide * rng.uniform(1.6, 2.6), wide * 0.55)
    colour = np.array(SKIN[int(rng.integers(len(SKIN)))], np.float32)
    depth = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), side / 40)
    colours = colour * (0.55 + 0.5 * depth)[..., None]
    return colours.astype(np.float32).clip(0, 1), cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32) / 255


def draw_hanger(alpha: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One hanger behind a garment's alpha (h, w): colours (h, w, 3) and alpha (h, w), float32."""
    side = alpha.shape[0]
    mask = np.zeros((side, side), np.uint8)
    solid = alpha > 0.5
    if solid.any():
        rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
        wide = columns[-1] - columns[0] + 1
        neck = np.array([(columns[0] + columns[-1]) / 2 + rng.normal(0, 0.03 * side), rows[0] + 0.02 * side])
        thick = side * rng.uniform(0.008, 0.03)
        for way in (-1, 1):
            line(mask, neck, neck + np.array([way * wide * rng.uniform(0.3, 0.5), side * 0.09]), thick)
        radius = side * rng.uniform(0.03, 0.05)
        top = neck - np.array([0, side * rng.uniform(0.06, 0.1)])
        line(mask, neck, top + np.array([0, radius]), thick * 0.6)
        cv2.ellipse(mask, point(top), (int(radius), int(radius)), 0, -200, 90, 255, max(int(thick * 0.6), 1))
        if rng.random() < 0.4:
            bar = top[1] - radius
            line(mask, np.array([-5, bar]), np.array([side + 5, bar + rng.normal(0, 3)]), thick * 1.4)
    colour = np.array(HANGERS[int(rng.integers(len(HANGERS)))], np.float32) * rng.uniform(0.8, 1.1)
    colours = np.broadcast_to(colour, (side, side, 3)).astype(np.float32).clip(0, 1)
    return colours, cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32) / 255


def rotated(vector: np.ndarray, angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])


def point(place: np.ndarray) -> tuple[int, int]:
    return int(round(float(place[0]))), int(round(float(place[1])))


def line(mask: np.ndarray, start: np.ndarray, stop: np.ndarray, width: float) -> None:
    cv2.line(mask, point(start), point(stop), 255, max(int(round(width)), 1), cv2.LINE_AA)
