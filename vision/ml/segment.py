"""Serving side of segmentation: a soft mask at the photo's own size, the cut-out and the listing picture.

The network answers at a low resolution; a guided filter (He, Sun and Tang, 2010) lets the photo's own colours decide
where the mask's edge runs. NumPy and Pillow only.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

REFINE_SIDE = 512
# Of the guided filter: how much smaller its model of the edge is, its window there, and what colour noise it ignores.
# Measured on composites with known alpha (vision.ml.compare_masks) against grey guides, full size and other windows.
COARSER, RADIUS, EPSILON = 4, 4, 1e-4
# Alpha from which a pixel's colour is the garment's alone, and the side of the copy on which colours are spread.
OPAQUE, SPREAD_SIDE = 240, 400


def box_mean(values: np.ndarray, radius: int) -> np.ndarray:
    """Mean over a (2r+1) squared window, clipped at the border, of (h, w[, c]) float32, through running sums."""
    for axis in (0, 1):
        length = values.shape[axis]
        total = np.concatenate([np.zeros_like(values.take([0], axis)), values.cumsum(axis, dtype=np.float64)], axis)
        high = np.minimum(np.arange(length) + radius + 1, length)
        low = np.maximum(np.arange(length) - radius, 0)
        shape = [1] * values.ndim
        shape[axis] = length
        values = ((total.take(high, axis) - total.take(low, axis)) / (high - low).reshape(shape)).astype(np.float32)
    return values


def solve_symmetric(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """x (..., 3) of matrix x = right; the symmetric matrix as its upper triangle (..., 6): rr, rg, rb, gg, gb, bb."""
    rr, rg, rb, gg, gb, bb = np.moveaxis(matrix, -1, 0)
    # Cofactors; NumPy's own solver takes ten times as long for many small systems.
    a, b, c = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    d, e, f = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    r, g, v = np.moveaxis(right, -1, 0)
    inverse = 1 / (rr * a + rg * b + rb * c)
    return (
        np.stack([(a * r + b * g + c * v), (b * r + d * g + e * v), (c * r + e * g + f * v)], -1) * inverse[..., None]
    )


def edge_model(guide: np.ndarray, mask: np.ndarray, radius: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (h, w, 3) and offsets (h, w) that explain a mask (h, w) by the colours (h, w, 3) around each pixel.

    Mask and guide are float32 in [0, 1].
    """
    mean_guide, mean_mask = box_mean(guide, radius), box_mean(mask, radius)
    covariance = box_mean(guide * mask[..., None], radius) - mean_guide * mean_mask[..., None]
    first, second = [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]
    variance = box_mean(guide[..., first] * guide[..., second], radius)
    variance -= mean_guide[..., first] * mean_guide[..., second]
    slope = solve_symmetric(variance + epsilon * np.array([1, 0, 0, 1, 0, 1], np.float32), covariance)
    offset = mean_mask - (slope * mean_guide).sum(-1)
    return box_mean(slope, radius), box_mean(offset, radius)


def sharpen_alpha(alpha: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Stretch the middle so that the inside is opaque and the outside gone, with a soft step between."""
    step = ((alpha - low) / (high - low)).clip(0, 1)
    return step * step * (3 - 2 * step)


def working_copy(image: Image.Image, side: int = REFINE_SIDE) -> Image.Image:
    """A copy whose longer side is at most `side`, made once: every analysis reads this one, not 12 megapixels."""
    longest = max(image.size)
    if longest <= side:
        return image
    size = (max(round(image.width * side / longest), 1), max(round(image.height * side / longest), 1))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5)


def refine_mask(image: Image.Image, probability: np.ndarray) -> np.ndarray:
    """Network probability (s, s) float32 in [0, 1] -> alpha (h, w) uint8 in the size of `image`, edges by the image.

    Meant for a `working_copy`: a phone photo's extra detail is noise to the filter and costs time. The filter's model
    of the edge is made on a quarter of the size and applied at the full one (He and Sun, "Fast guided filter", 2015):
    its window then spans enough of both sides to mend an edge that is a few pixels off.
    """
    small = max(image.width // COARSER, 8), max(image.height // COARSER, 8)
    guide = np.asarray(image.convert("RGB").resize(small, Image.Resampling.BOX), dtype=np.float32) / 255
    rough = Image.fromarray(np.asarray(probability, dtype=np.float32)).resize(small, Image.Resampling.BICUBIC)
    slope, offset = edge_model(guide, np.asarray(rough).clip(0, 1), RADIUS, EPSILON)
    full = np.asarray(image.convert("RGB"), dtype=np.float32) / 255
    alpha = enlarged(offset, image.size)
    for channel in range(3):
        alpha = alpha + enlarged(slope[..., channel], image.size) * full[..., channel]
    alpha = drop_specks(sharpen_alpha(alpha))
    return (alpha * 255).round().astype(np.uint8)


def enlarged(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w) float32 at another (width, height), bilinear."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(values)).resize(size, Image.Resampling.BILINEAR))


def enlarge_mask(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Alpha (h, w) uint8 at another (width, height)."""
    if mask.shape == (size[1], size[0]):
        return mask
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR))


def drop_specks(alpha: np.ndarray, keep: float = 0.06, side: int = 128) -> np.ndarray:
    """Clear islands smaller than `keep` of the largest one: crumbs on the floor are no garment.

    Islands are found on a `side`-pixel copy by spreading the largest label until nothing changes.
    """
    step = max(int(np.ceil(max(alpha.shape) / side)), 1)
    coarse = alpha[::step, ::step] > 0.5
    labels = label_islands(coarse)
    sizes = np.bincount(labels.ravel())
    if len(sizes) <= 2:
        return alpha
    sizes[0] = 0
    kept = sizes >= keep * sizes.max()
    kept[0] = False
    allowed = kept[labels]
    # Grow by two cells so that the soft edge of what is kept stays.
    for _ in range(2):
        allowed = allowed | shift_any(allowed)
    full = np.kron(allowed, np.ones((step, step), dtype=bool))[: alpha.shape[0], : alpha.shape[1]]
    return np.where(full, alpha, 0).astype(alpha.dtype)


def shift_any(mask: np.ndarray) -> np.ndarray:
    """True where a 4-neighbour is."""
    result = np.zeros_like(mask)
    result[1:] |= mask[:-1]
    result[:-1] |= mask[1:]
    result[:, 1:] |= mask[:, :-1]
    result[:, :-1] |= mask[:, 1:]
    return result


def label_islands(mask: np.ndarray) -> np.ndarray:
    """4-connected components (h, w) int of a boolean mask, 0 outside: runs per row, joined by union-find."""
    parent = [0]

    def find(a: int) -> int:
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    labels = np.zeros(mask.shape, dtype=np.int64)
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            above = {find(a) for a in np.unique(labels[y - 1, start:stop]).tolist() if a} if y else set()
            if above:
                root = min(above)
                for other in above:
                    parent[other] = root
            else:
                root = len(parent)
                parent.append(root)
            labels[y, start:stop] = root
    table = np.array([find(a) for a in range(len(parent))])
    _, compact = np.unique(table, return_inverse=True)
    return compact[labels]


def bounding_box(mask: np.ndarray, level: int = 128) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what is at least `level`; None when nothing is."""
    solid = mask >= level
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    if len(rows) == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def clean_edge(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Give half-transparent pixels the colour of the opaque garment next to them, so that no halo of the floor shows.

    `pixels` (h, w, 3) uint8, `alpha` (h, w) uint8 of the same size. The garment's colours are spread over its edge on a
    small copy; the more opaque a pixel is, the more of its own colour it keeps.
    """
    band = (alpha > 0) & (alpha < OPAQUE)
    height, width = alpha.shape
    if not band.any() or not (alpha >= OPAQUE).any():
        return pixels
    step = max(max(height, width) // SPREAD_SIDE, 1)
    small = max(width // step, 1), max(height // step, 1)
    known = (alpha >= OPAQUE).astype(np.float32)
    weight = np.asarray(Image.fromarray(known).resize(small, Image.Resampling.BOX))
    layers = [weight]
    for channel in range(3):
        layer = Image.fromarray(pixels[..., channel] * known)
        layers.append(np.asarray(layer.resize(small, Image.Resampling.BOX)))
    stack = np.stack(layers, -1)
    # The nearest colours count where there are any; a wider look fills what they do not reach.
    stack = box_mean(stack, 2) + 1e-3 * box_mean(stack, 8) + 1e-6 * box_mean(stack, 24)
    spread = stack[..., 1:] / np.maximum(stack[..., :1], 1e-9)
    reached = band & (enlarged(stack[..., 0], (width, height)) > 1e-8)
    own = ((alpha[reached] / 255 - 0.6) / (OPAQUE / 255 - 0.6)).clip(0, 1)
    result = pixels.copy()
    for channel in range(3):
        filled = enlarged(spread[..., channel], (width, height))[reached]
        mixed = own * pixels[..., channel][reached] + (1 - own) * filled
        result[..., channel][reached] = mixed.round().clip(0, 255)
    return result


def cut_out(image: Image.Image, mask: np.ndarray) -> Image.Image:
    """RGBA of the photo's own size: the garment opaque, the rest transparent, its edge freed of the floor's colour."""
    pixels = np.asarray(image.convert("RGB"))
    if mask.shape != pixels.shape[:2]:
        raise ValueError(f"The mask is {mask.shape[::-1]}, the photo {image.size}; they must be the same size.")
    box = bounding_box(mask, level=1)
    rgba = np.dstack([pixels, mask])
    if box is not None:
        left, top, right, bottom = box
        window = (slice(top, bottom), slice(left, right))
        rgba[window][..., :3] = clean_edge(pixels[window], mask[window])
    rgba[mask == 0] = (255, 255, 255, 0)
    return Image.fromarray(rgba)


def on_white(image: Image.Image, mask: np.ndarray, size: int = 1200, margin: float = 0.07) -> Image.Image:
    """A square listing picture: the garment centred on white with a margin; the whole photo when the mask is empty."""
    box = bounding_box(mask, level=40)
    canvas = Image.new("RGB", (size, size), (255, 255, 255))
    room = round(size * (1 - 2 * margin))
    piece = image.convert("RGBA") if box is None else cut_out(image.crop(box), mask[box[1] : box[3], box[0] : box[2]])
    scale = min(room / piece.width, room / piece.height)
    fitted = (max(round(piece.width * scale), 1), max(round(piece.height * scale), 1))
    piece = piece.resize(fitted, Image.Resampling.LANCZOS)
    canvas.paste(piece, ((size - fitted[0]) // 2, (size - fitted[1]) // 2), piece)
    return canvas
