"""Photos of garments, drawn by code: what the demonstration brands sell."""

from catalog.drawing.garment import Sketch, draw_photo

__all__ = ["Sketch", "draw_photo"]
