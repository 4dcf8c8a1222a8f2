"""Rendered textile prints for the patterns that are rare in the photos; laid over plain garments, keeping their folds.

A print is (size, size, 3) float32 in [0, 1]. Two to five dyes, drawn at random, in the arrangements that textile design
knows by name: half-drop dots, tartans, disruptive camouflage, rosettes, tossed flowers.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .backgrounds import fractal_noise, smooth_noise
from .labels import PATTERNS

Array = np.ndarray


def dye(rng: np.random.Generator) -> Array:
    """A textile colour (3,) float32: often black, white or navy, else anything."""
    if rng.random() < 0.4:
        base = np.array([[0.06, 0.06, 0.07], [0.95, 0.95, 0.93], [0.1, 0.13, 0.28]], dtype=np.float32)
        return base[int(rng.integers(3))]
    hsv = np.array([[[rng.uniform(0, 360), rng.uniform(0.1, 0.9), rng.uniform(0.25, 1.0)]]], dtype=np.float32)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


def dyes(rng: np.random.Generator, count: int, gap: float = 0.45) -> Array:
    """(count, 3) colours of which neighbours can be told apart."""
    chosen = [dye(rng)]
    for _ in range(count - 1):
        candidate = dye(rng)
        for _ in range(20):
            if np.abs(candidate - chosen[-1]).sum() > gap:
                break
            candidate = dye(rng)
        chosen.append(candidate)
    return np.stack(chosen).astype(np.float32)


def tossed(rng: np.random.Generator, size: int, period: float, jitter: float) -> Array:
    """(n, 2) float positions on a half-drop grid with jitter, covering the whole square."""
    rows = np.arange(-1, size / period + 2)
    y, x = np.meshgrid(rows, rows, indexing="ij")
    points = np.stack([x + 0.5 * (y % 2), y], -1).reshape(-1, 2) * period
    return points + rng.uniform(-jitter, jitter, points.shape) * period


def dot(rng: np.random.Generator, size: int) -> Array:
    """Polka dots, from pin dots to coin size, at times of several colours."""
    ground, *colours = dyes(rng, int(rng.choice([2, 2, 2, 3])))
    image = np.tile(ground, (size, size, 1))
    period = rng.uniform(9, 38)
    radius = period * rng.uniform(0.16, 0.36)
    jitter = 0.0 if rng.random() < 0.7 else rng.uniform(0, 0.25)
    for point in tossed(rng, size, period, jitter):
        colour = colours[int(rng.integers(len(colours)))].tolist()
        centre = tuple(int(v * 16) for v in point)
        cv2.circle(image, centre, int(radius * 16), colour, -1, cv2.LINE_AA, 4)
    return image


def stripe(rng: np.random.Generator, size: int) -> Array:
    """Breton, pin, bengal or multicolour stripes."""
    colours = dyes(rng, int(rng.choice([2, 2, 3, 4])), gap=0.3)
    widths = rng.uniform(2, 16, len(colours))
    if rng.random() < 0.35:
        widths = np.full(len(colours), widths[0])
    edges = np.cumsum(widths)
    index = np.searchsorted(edges, np.arange(size) % edges[-1], side="right").clip(0, len(colours) - 1)
    return np.repeat(colours[index][:, None], size, 1)


def check(rng: np.random.Generator, size: int) -> Array:
    """Gingham, tartan or window-pane: two stripe sets woven across each other."""
    warp = stripe(rng, size)
    if rng.random() < 0.3:
        ground, line = dyes(rng, 2, gap=0.3)
        period, width = int(rng.integers(10, 40)), int(rng.integers(1, 4))
        on = np.arange(size) % period < width
        lines = (on[:, None] | on[None])[..., None]
        return np.where(lines, line, ground).astype(np.float32)
    return (warp + warp.transpose(1, 0, 2)) / 2


def camouflage(rng: np.random.Generator, size: int) -> Array:
    """Disruptive blotches of four muted colours."""
    base = np.array([[0.33, 0.35, 0.2], [0.55, 0.5, 0.35], [0.25, 0.2, 0.13], [0.12, 0.13, 0.1]], dtype=np.float32)
    if rng.random() < 0.4:
        base = np.array([[0.6, 0.6, 0.6], [0.8, 0.8, 0.78], [0.35, 0.36, 0.38], [0.15, 0.15, 0.17]], dtype=np.float32)
    elif rng.random() < 0.3:
        base = (base * dye(rng) * 1.8).astype(np.float32)
    base = (base + rng.normal(0, 0.05, base.shape)).clip(0, 1).astype(np.float32)
    image: Array = np.tile(base[0], (size, size, 1))
    cells = int(rng.integers(6, 16))
    for colour in base[1:]:
        noise: Array = smooth_noise(rng, size, cells)[..., 0] + 0.5 * smooth_noise(rng, size, cells * 2)[..., 0]
        noise = cv2.resize(noise, (size, int(size * 1.6)))[:size]
        image[noise > np.quantile(noise, rng.uniform(0.6, 0.8))] = colour
    return image


def animal(rng: np.random.Generator, size: int) -> Array:
    """Leopard rosettes, zebra stripes or snake scales."""
    kind = rng.integers(3)
    tan = np.array([0.78, 0.6, 0.38], dtype=np.float32) if rng.random() < 0.7 else dye(rng)
    if kind == 0:
        image = np.tile(tan, (size, size, 1)) * (0.85 + 0.3 * fractal_noise(rng, size))
        period = rng.uniform(11, 26)
        for x, y in tossed(rng, size, period, 0.25):
            radius = period * rng.uniform(0.22, 0.38)
            axes = (int(radius * rng.uniform(0.8, 1.2)) + 1, int(radius * rng.uniform(0.7, 1.0)) + 1)
            cv2.ellipse(
                image, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, (tan * 0.65).tolist(), -1, cv2.LINE_AA
            )
            for _ in range(3):
                start = rng.uniform(0, 360)
                width = max(int(period * 0.14), 1)
                cv2.ellipse(
                    image,
                    (int(x), int(y)),
                    axes,
                    0,
                    start,
                    start + rng.uniform(40, 100),
                    (0.07, 0.05, 0.04),
                    width,
                    cv2.LINE_AA,
                )
        return image.astype(np.float32)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    bend = (smooth_noise(rng, size, 5)[..., 0] - 0.5) * rng.uniform(20, 60)
    period = rng.uniform(10, 26)
    if kind == 1:
        wave = np.sin((x + bend) * 2 * np.pi / period + 2.5 * smooth_noise(rng, size, 9)[..., 0])
        light = np.array([0.95, 0.94, 0.9], dtype=np.float32) if rng.random() < 0.7 else tan
        return np.where((wave > rng.uniform(-0.2, 0.3))[..., None], light, np.float32(0.07)).astype(np.float32)
    scale = np.sin((x + y + bend) * 2 * np.pi / period) * np.sin((x - y + bend) * 2 * np.pi / period)
    tone = (0.45 + 0.55 * (scale > 0.1)) * (0.6 + 0.6 * fractal_noise(rng, size)[..., 0])
    return (tan * tone[..., None]).clip(0, 1).astype(np.float32)


def floral(rng: np.random.Generator, size: int) -> Array:
    """Strewn flowers, large painted blooms or foliage."""
    kind = rng.random()
    if kind < 0.25:
        return blooms(rng, size)
    return foliage(rng, size) if kind < 0.45 else strewn_flowers(rng, size)


def blooms(rng: np.random.Generator, size: int) -> Array:
    """Large roses: rings of petals, each ring smaller, turned and shaded, over a ground of leaves."""
    ground, *colours = dyes(rng, int(rng.integers(3, 5)), gap=0.3)
    image = np.tile(ground, (size, size, 1)).astype(np.float32)
    leaf = np.array([0.15, rng.uniform(0.3, 0.55), 0.25], dtype=np.float32)
    period = rng.uniform(48, 95)
    for x, y in tossed(rng, size, period, 0.3):
        radius, turn = period * rng.uniform(0.3, 0.48), rng.uniform(0, 2 * np.pi)
        colour = colours[int(rng.integers(len(colours)))]
        for k in range(3):
            leaf_at(image, x, y, turn + 2.1 * k, radius * 1.5, radius * 0.28, leaf * rng.uniform(0.7, 1.3))
        for ring in range(4):
            reach, petals = radius * (1 - 0.24 * ring), int(rng.integers(5, 8))
            for k in range(petals):
                angle = turn + 0.5 * ring + 2 * np.pi * k / petals
                tone = (colour * rng.uniform(0.7, 1.15) * (1 - 0.08 * ring)).clip(0, 1)
                leaf_at(image, x, y, angle, reach, reach * 0.42, tone)
    return image


def leaf_at(image: Array, x: float, y: float, angle: float, length: float, width: float, tone: Array) -> None:
    """Draw one leaf or petal from (x, y) outwards, in place."""
    centre = (int(x + np.cos(angle) * length * 0.5), int(y + np.sin(angle) * length * 0.5))
    axes = (max(int(length * 0.5), 1), max(int(width), 1))
    cv2.ellipse(image, centre, axes, np.degrees(angle), 0, 360, tone.clip(0, 1).tolist(), -1, cv2.LINE_AA)


def foliage(rng: np.random.Generator, size: int) -> Array:
    """Palm fronds or branches with leaves along both sides of a stem."""
    ground, *colours = dyes(rng, int(rng.integers(2, 4)), gap=0.3)
    image = np.tile(ground, (size, size, 1)).astype(np.float32)
    green = np.array([0.2, rng.uniform(0.35, 0.65), 0.25], dtype=np.float32)
    colours = [*colours, green] if rng.random() < 0.7 else colours
    period = rng.uniform(30, 75)
    for x, y in tossed(rng, size, period, 0.4):
        angle, colour = rng.uniform(0, 2 * np.pi), colours[int(rng.integers(len(colours)))]
        long, steps, slim = period * rng.uniform(0.6, 0.95), int(rng.integers(5, 11)), rng.uniform(0.06, 0.16)
        end = (int(x + np.cos(angle) * long), int(y + np.sin(angle) * long))
        cv2.line(image, (int(x), int(y)), end, (colour * 0.8).tolist(), 1, cv2.LINE_AA)
        for k in range(steps):
            share = (k + 0.5) / steps
            foot = (x + np.cos(angle) * long * share, y + np.sin(angle) * long * share)
            for side in (-1, 1):
                reach = long * 0.45 * (1 - 0.6 * share)
                tone = colour * rng.uniform(0.8, 1.15)
                leaf_at(image, *foot, angle + side * rng.uniform(0.6, 0.9), reach, reach * slim * 2, tone)
    return image


def strewn_flowers(rng: np.random.Generator, size: int) -> Array:
    """Flowers with leaves, small and strewn."""
    ground, *colours = dyes(rng, int(rng.integers(3, 6)), gap=0.3)
    leaf = np.array([0.2, rng.uniform(0.3, 0.6), 0.2], dtype=np.float32)
    image = np.tile(ground, (size, size, 1)).astype(np.float32)
    period = rng.uniform(16, 56)
    for x, y in tossed(rng, size, period, 0.4):
        radius = period * rng.uniform(0.2, 0.42)
        colour = colours[int(rng.integers(len(colours)))]
        turn = rng.uniform(0, 2 * np.pi)
        for _ in range(int(rng.integers(1, 4))):
            angle = rng.uniform(0, 2 * np.pi)
            tip = (int(x + np.cos(angle) * radius * 1.3), int(y + np.sin(angle) * radius * 1.3))
            axes = (max(int(radius * 0.5), 1), max(int(radius * 0.18), 1))
            cv2.ellipse(image, tip, axes, np.degrees(angle), 0, 360, leaf.tolist(), -1, cv2.LINE_AA)
        petals = int(rng.integers(4, 8))
        for k in range(petals):
            angle = turn + 2 * np.pi * k / petals
            centre = (int(x + np.cos(angle) * radius * 0.55), int(y + np.sin(angle) * radius * 0.55))
            axes = (max(int(radius * 0.5), 1), max(int(radius * 0.32), 1))
            tone = (colour * rng.uniform(0.85, 1.1)).clip(0, 1).tolist()
            cv2.ellipse(image, centre, axes, np.degrees(angle), 0, 360, tone, -1, cv2.LINE_AA)
        cv2.circle(image, (int(x), int(y)), max(int(radius * 0.22), 1), (0.9, 0.75, 0.2), -1, cv2.LINE_AA)
    return image


def color_block(rng: np.random.Generator, size: int) -> Array:
    """Two to four panels of one colour each: bands, halves, sleeves apart from the body, a slant; at times piped."""
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    kind = rng.integers(4)
    if kind == 0:  # bands
        cuts = np.sort(rng.uniform(0.32, 0.68, int(rng.integers(1, 3))))
        if len(cuts) == 2 and cuts[1] - cuts[0] < 0.18:
            cuts = cuts[:1]
        panel = (y[..., None] > cuts).sum(-1)
    elif kind == 1:  # halves
        panel = (x > rng.uniform(0.4, 0.6)).astype(int)
    elif kind == 2:  # sleeves and body, as a raglan seam runs
        half, slope = rng.uniform(0.2, 0.3), rng.uniform(-0.1, 0.3)
        panel = (np.abs(x - 0.5) > half + slope * (y - 0.3)).astype(int)
        panel = np.where((y > rng.uniform(0.55, 0.8)) & (panel == 0) & (rng.random() < 0.3), 2, panel)
    else:  # a slant
        panel = (y + rng.uniform(-1.2, 1.2) * (x - 0.5) > rng.uniform(0.35, 0.65)).astype(int)
    image = dyes(rng, 4, gap=0.5)[panel]
    if rng.random() < 0.25:
        edge = cv2.dilate((cv2.Laplacian(panel.astype(np.float32), cv2.CV_32F) != 0).astype(np.uint8), np.ones((3, 3)))
        image = np.where(edge[..., None] > 0, dye(rng), image)
    return image.astype(np.float32)


def tie_dye(rng: np.random.Generator, size: int, colours: Array) -> Array:
    """Rings or a spiral of bleeding colours about one or two knots."""
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    bleed = 0.35 * (fractal_noise(rng, size, cells=5)[..., 0] - 0.5)
    phase = np.zeros((size, size), dtype=np.float32)
    for _ in range(int(rng.integers(1, 3))):
        cy, cx = rng.uniform(0.2, 0.8, 2)
        turn = np.arctan2(y - cy, x - cx) / (2 * np.pi) * rng.integers(0, 4)
        phase += np.hypot(y - cy, x - cx) * rng.uniform(2, 6) + turn
    place = ((phase + bleed) % 1) * len(colours)
    low = place.astype(int) % len(colours)
    mix = (place - np.floor(place))[..., None] ** 2
    return colours[low] * (1 - mix) + colours[(low + 1) % len(colours)] * mix


def paisley(rng: np.random.Generator, size: int, colours: Array) -> Array:
    """Curved drops with smaller drops inside, in rows."""
    image = np.tile(colours[0], (size, size, 1)).astype(np.float32)
    period = rng.uniform(22, 55)
    t = np.linspace(0, 2 * np.pi, 40)
    drop = np.stack([np.sin(t) * np.sin(t / 2) ** 1.5, -np.cos(t)], -1)
    drop[:, 0] += 0.35 * (drop[:, 1] < 0) * drop[:, 1] ** 2
    for point in tossed(rng, size, period, 0.12):
        angle = rng.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for ring, reach in enumerate((0.42, 0.3, 0.16)):
            shape = (point + drop @ turn * period * reach).astype(np.int32)
            cv2.fillPoly(image, [shape], colours[(1 + ring) % len(colours)].tolist(), cv2.LINE_AA)
    return image


def motif(rng: np.random.Generator, size: int) -> Array:
    """An all-over print that is none of the others: blots, zigzags, ikat lozenges, little shapes, tie-dye, paisley."""
    colours = dyes(rng, int(rng.integers(2, 5)), gap=0.35)
    kind = rng.integers(6)
    if kind >= 4:
        return (tie_dye if kind == 4 else paisley)(rng, size, colours)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    period = rng.uniform(10, 40)
    if kind == 0:
        noise = fractal_noise(rng, size, cells=int(rng.integers(4, 12)), octaves=2)[..., 0]
        return colours[(noise * len(colours) * 0.999).astype(int)]
    if kind == 1:
        wave = (y + np.abs((x % period) - period / 2)) / period * len(colours)
        return colours[wave.astype(int) % len(colours)]
    if kind == 2:
        lozenge = np.abs((x % period) - period / 2) + np.abs((y % period) - period / 2)
        return colours[(lozenge / period * 2 * len(colours)).astype(int) % len(colours)]
    image = np.tile(colours[0], (size, size, 1)).astype(np.float32)
    corners = int(rng.integers(3, 9))
    for point in tossed(rng, size, period, 0.2):
        angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi, corners, endpoint=False)
        radii = period * rng.uniform(0.12, 0.4, corners)[:, None]
        shape = (point + np.stack([np.cos(angles), np.sin(angles)], -1) * radii).astype(np.int32)
        cv2.fillPoly(image, [shape], colours[int(rng.integers(1, len(colours)))].tolist(), cv2.LINE_AA)
    return image


PRINTERS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "dot": dot,
    "stripe": stripe,
    "check": check,
    "camouflage": camouflage,
    "animal": animal,
    "floral": floral,
    "motif": motif,
    "color_block": color_block,
}
# Rare patterns are printed more often; the common ones have enough photos of their own.
SHARES = {
    "dot": 0.17,
    "camouflage": 0.14,
    "animal": 0.15,
    "floral": 0.15,
    "check": 0.08,
    "stripe": 0.05,
    "motif": 0.1,
    "color_block": 0.16,
}


def print_bank(count: int, size: int, seed: int) -> tuple[Array, Array]:
    """(count, size, size, 3) uint8 prints and their pattern indices (count,)."""
    rng = np.random.default_rng(seed)
    names = list(SHARES)
    shares = np.array([SHARES[n] for n in names])
    bank = np.empty((count, size, size, 3), dtype=np.uint8)
    labels = np.empty(count, dtype=np.int64)
    for i in range(count):
        name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
        bank[i] = (PRINTERS[name](rng, size) * 255).clip(0, 255).astype(np.uint8)
        labels[i] = PATTERNS.index(name)
    return bank, labels
