"""Batched augmentation on tensors: one warp per photo, then light, colour, blur and noise as a phone would add them.

All draws come from a generator on the CPU and none depends on the picture's size, so that one seed shows the same view
at every size; the work is done on whichever device the images are.

Coordinates follow `grid_sample`: both axes run from -1 to 1. Photos are stored squashed to a square, so rotations
are done in the photo's true geometry with its aspect ratio (width / height).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class WarpConfig:
    """Ranges of the random view. A scale of 1 shows the whole photo; below 1 crops, above 1 shows a margin."""

    scale: tuple[float, float] = (0.68, 1.15)
    stretch: float = 0.25
    rotate: float = 25.0
    quarter_turn: float = 0.05
    shift: float = 0.15
    perspective: float = 0.12
    flip: float = 0.5


@dataclass(frozen=True)
class LightConfig:
    """Strengths of the photometric changes; 0 switches one off."""

    brightness: float = 0.3
    contrast: float = 0.35
    saturation: float = 0.4
    white_balance: float = 0.12
    hue: float = 0.06
    gradient: float = 0.3
    sharpness: float = 0.8
    noise: float = 0.04
    erase: float = 0.15
    jpeg: float = 0.2


def uniform(n: int, low: float, high: float, gen: torch.Generator) -> Tensor:
    return torch.rand(n, generator=gen) * (high - low) + low


def place(room: int, gen: torch.Generator) -> int:
    """A random offset from 0 to `room`, at the same share of it whatever the size."""
    return int(float(torch.rand(1, generator=gen)) * (room + 1))


def noise_like(images: Tensor, gen: torch.Generator) -> Tensor:
    """Standard normal noise in the shape of `images`, drawn where they are; takes one number from `gen`."""
    there = torch.Generator(images.device).manual_seed(int(torch.randint(2**31, (1,), generator=gen)))
    return torch.randn(images.shape, generator=there, device=images.device)


def random_warp(aspect: Tensor, config: WarpConfig, gen: torch.Generator) -> Tensor:
    """(n, 3, 3) homographies from output to source coordinates for photos of the given aspect ratios (n,)."""
    n = len(aspect)
    low, high = (math.log(s) for s in config.scale)
    scale = uniform(n, low, high, gen).exp()
    stretch = uniform(n, -config.stretch, config.stretch, gen).exp()
    angle = uniform(n, -config.rotate, config.rotate, gen) * math.pi / 180
    turns = (torch.rand(n, generator=gen) < config.quarter_turn) * torch.randint(1, 4, (n,), generator=gen)
    angle = angle + turns * math.pi / 2
    flip = torch.where(torch.rand(n, generator=gen) < config.flip, -1.0, 1.0)
    root = aspect.sqrt()
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.zeros(n, 3, 3)
    # source = S^-1 R S diag(scale), with S = diag(sqrt(aspect), 1 / sqrt(aspect)).
    matrix[:, 0, 0] = cos * scale * stretch * flip
    matrix[:, 0, 1] = -sin * scale / stretch / (root * root)
    matrix[:, 1, 0] = sin * scale * stretch * flip * (root * root)
    matrix[:, 1, 1] = cos * scale / stretch
    room = (1 - scale).abs().clamp(min=config.shift)
    matrix[:, 0, 2] = uniform(n, -1, 1, gen) * room
    matrix[:, 1, 2] = uniform(n, -1, 1, gen) * room
    matrix[:, 2, 0] = uniform(n, -config.perspective, config.perspective, gen)
    matrix[:, 2, 1] = uniform(n, -config.perspective, config.perspective, gen)
    matrix[:, 2, 2] = 1
    return matrix


def warp(images: Tensor, matrices: Tensor, size: int, padding: str = "reflection") -> Tensor:
    """Sample (n, c, h, w) float images through homographies (n, 3, 3) to (n, c, size, size)."""
    axis = (torch.arange(size, dtype=torch.float32, device=images.device) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], -1).view(1, -1, 3)
    mapped = points @ matrices.to(images.device).transpose(1, 2)
    grid = mapped[..., :2] / mapped[..., 2:].clamp(min=0.3)
    return F.grid_sample(
        images, grid.view(-1, size, size, 2), mode="bilinear", padding_mode=padding, align_corners=False
    )


def soft_blur(images: Tensor, passes: int = 1) -> Tensor:
    """A 3x3 binomial blur, repeated; by shifted sums, several times faster than a depthwise convolution here."""
    for _ in range(passes):
        padded = F.pad(images, (0, 0, 1, 1), mode="replicate")
        images = (padded[:, :, :-2] + padded[:, :, 2:]).add_(padded[:, :, 1:-1], alpha=2).mul_(0.25)
        padded = F.pad(images, (1, 1, 0, 0), mode="replicate")
        images = (padded[..., :-2] + padded[..., 2:]).add_(padded[..., 1:-1], alpha=2).mul_(0.25)
    return images


def change_light(images: Tensor, config: LightConfig, gen: torch.Generator) -> Tensor:
    """(n, 3, h, w) in [0, 1] -> the same photos under other light, white balance, focus and noise."""
    n, _, height, width = images.shape
    where = images.device

    def per_image(strength: float) -> Tensor:
        return uniform(n, -strength, strength, gen).view(n, 1, 1, 1).to(where)

    balance = (torch.rand(n, 3, 1, 1, generator=gen) - 0.5) * 2 * config.white_balance
    images = images * (per_image(config.brightness) + balance.to(where)).exp_()
    if config.gradient:
        x = torch.linspace(-1, 1, width, device=where).view(1, 1, 1, width)
        y = torch.linspace(-1, 1, height, device=where).view(1, 1, height, 1)
        images.mul_((1 + per_image(config.gradient) * x + per_image(config.gradient) * y).clamp_(0.4, 1.6))
    # Saturation, a small turn about the grey axis (a mix of the cyclically shifted channels) and contrast are all
    # linear in the three channels, so they are one 3x3 matrix and one offset per photo.
    eye, ones = torch.eye(3, device=where), torch.full((3, 3), 1 / 3, device=where)
    saturation, contrast = per_image(config.saturation)[:, 0].exp_(), per_image(config.contrast)[:, 0].exp_()
    turn = per_image(config.hue)[:, 0] * (eye.roll(1, 1) - eye.roll(-1, 1))
    matrix = ((eye + turn) @ (ones + (eye - ones) * saturation)) * contrast
    mean = images.mean((1, 2, 3)).view(n, 1, 1)
    images = torch.baddbmm(mean * (1 - contrast), matrix, images.flatten(2)).view(n, 3, height, width)
    if config.sharpness:
        # Every resampling filter leaves its own sharpness; a network that has met one only is lost with another.
        smooth = soft_blur(images, int(torch.randint(1, 3, (1,), generator=gen)))
        images = smooth.lerp(images, 1 + per_image(config.sharpness))
    if config.noise:
        sigma = torch.rand(n, 1, 1, 1, generator=gen) ** 2 * config.noise
        images.add_(noise_like(images, gen).mul_(sigma.to(where)))
    return images.clamp_(0, 1)


def compress(images: Tensor, share: float, gen: torch.Generator) -> Tensor:
    """Store some photos (n, 3, h, w) in [0, 1] as a messenger would: as JPEG of quality 25 to 90."""
    chosen = torch.nonzero(torch.rand(len(images), generator=gen) < share).flatten().tolist()
    for i in chosen:
        quality = int(uniform(1, 25, 90, gen))
        pixels = (images[i].permute(1, 2, 0).cpu().numpy() * 255).round().astype(np.uint8)
        stored = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        images[i] = torch.from_numpy(cv2.imdecode(stored, cv2.IMREAD_COLOR)).to(images.device).permute(2, 0, 1) / 255
    return images


def erase(images: Tensor, share: float, gen: torch.Generator) -> Tensor:
    """Cover a random rectangle of some photos with noise of one random colour."""
    n, _, height, width = images.shape
    for i in torch.nonzero(torch.rand(n, generator=gen) < share).flatten().tolist():
        tall, wide = (uniform(2, 0.15, 0.5, gen) * torch.tensor([height, width])).int().tolist()
        top, left = place(height - tall, gen), place(width - wide, gen)
        images[i, :, top : top + tall, left : left + wide] = torch.rand(3, 1, 1, generator=gen).to(images.device)
    return images


def lay_on(images: Tensor, alpha: Tensor, background: Tensor, gen: torch.Generator) -> Tensor:
    """Composite with a soft shadow: (n, 3, h, w), (n, 1, h, w) alpha, (n, 3, h, w) -> (n, 3, h, w)."""
    n = len(images)
    shade = F.avg_pool2d(alpha, 9, 1, 4)
    dx, dy = (int(v) for v in torch.randint(-5, 6, (2,), generator=gen))
    shade = shade.roll((dy, dx), (2, 3)) * uniform(n, 0, 0.55, gen).view(n, 1, 1, 1).to(images.device)
    return images * alpha + background * (1 - shade) * (1 - alpha)


def cut_mix(images: Tensor, gen: torch.Generator) -> tuple[Tensor, Tensor, float]:
    """Paste one rectangle of a shuffled batch; returns images, the shuffle (n,) and the share left of the first."""
    n, _, height, width = images.shape
    order = torch.randperm(n, generator=gen)
    side = math.sqrt(float(uniform(1, 0.1, 0.5, gen)))
    tall, wide = int(height * side), int(width * side)
    top, left = place(height - tall, gen), place(width - wide, gen)
    mixed = images.clone()
    mixed[:, :, top : top + tall, left : left + wide] = images[order][:, :, top : top + tall, left : left + wide]
    return mixed, order, 1 - tall * wide / (height * width)


def mix_up(images: Tensor, gen: torch.Generator) -> tuple[Tensor, Tensor, float]:
    """Blend a shuffled batch in; returns images, the shuffle (n,) and the share of the first."""
    order = torch.randperm(len(images), generator=gen)
    share = 1 - float(torch.rand(1, generator=gen)) * 0.5
    return images * share + images[order] * (1 - share), order, share
