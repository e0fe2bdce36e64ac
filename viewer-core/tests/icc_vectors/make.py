"""Writes the profiles by tables and what Little CMS makes of a grid of colours with them and `matrix.icc`.

    python3 make.py    (numpy, imagecodecs 2026.3.6 with Little CMS 2.18)
"""

import struct
from pathlib import Path

import imagecodecs
import numpy as np

HERE = Path(__file__).parent
D50 = np.array([0.9642, 1.0, 0.8249])
PRIMARIES = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
CROSS_TALK = np.array([[0.86, 0.09, 0.05], [0.06, 0.87, 0.07], [0.04, 0.10, 0.86]])


def lab(device, black=0):
    """A made-up scanner: gamma 1.8, cross-talk, and a black of this L*."""
    xyz = (device**1.8) @ CROSS_TALK.T @ PRIMARIES.T / D50
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lightness = black + (116 * f[..., 1] - 16) * (100 - black) / 100
    return np.stack([lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def grid(steps, gamma=1):
    """Colours at equal steps behind a curve."""
    axis = np.linspace(0, 1, steps) ** (1 / gamma)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


def encoded(lab, scales, largest, kind):
    (lightness, colour), offset = scales, 128
    values = [lab[..., 0] * lightness, (lab[..., 1] + offset) * colour, (lab[..., 2] + offset) * colour]
    return np.clip(np.stack(values, -1).round(), 0, largest).astype(kind).tobytes()


def fixed(numbers):
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def lut16(steps, gamma=1, black=0):
    curve = (np.linspace(0, 1, 256) ** gamma * 65535).round().astype(">u2").tobytes()
    table = encoded(lab(grid(steps, gamma), black), (652.8, 256), 65535, ">u2")
    head = b"mft2\0\0\0\0" + bytes([3, 3, steps, 0]) + fixed([1, 0, 0, 0, 1, 0, 0, 0, 1])
    return head + struct.pack(">HH", 256, 2) + curve * 3 + table + struct.pack(">HH", 0, 65535) * 3


def lut8(steps):
    table = encoded(lab(grid(steps)), (2.55, 1), 255, "u1")
    head = b"mft1\0\0\0\0" + bytes([3, 3, steps, 0]) + fixed([1, 0, 0, 0, 1, 0, 0, 0, 1])
    return head + bytes(range(256)) * 3 + table + bytes(range(256)) * 3


def a_to_b(steps, gamma):
    """lutAToBType with all its parts, the matrix not the identity."""
    table = encoded(lab(grid(steps, gamma)), (655.35, 257), 65535, ">u2")
    power = lambda g: b"para\0\0\0\0\0\0\0\0" + fixed([g])
    matrix = fixed([0.96, 0.01, 0, 0, 0.98, 0, 0, 0.02, 1, 0.02, 0.01, -0.01])
    colours = bytes([steps] * 3).ljust(16, b"\0") + bytes([2, 0, 0, 0]) + table
    parts = [power(1) * 3, matrix, b"curv\0\0\0\0\0\0\0\0" * 3, colours + bytes(-len(colours) % 4), power(gamma) * 3]
    offsets = np.cumsum([32] + [len(part) for part in parts[:-1]])
    return b"mAB \0\0\0\0" + bytes([3, 3, 0, 0]) + struct.pack(">5I", *offsets) + b"".join(parts)


def profile(table, version):
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + b"\0-"
    if version == 2:
        text = b"text\0\0\0\0-\0"
    description = text if version == 4 else b"desc\0\0\0\0" + struct.pack(">I", 2) + b"-\0" + bytes(78)
    white = b"XYZ \0\0\0\0" + fixed(D50)
    tags = {b"desc": description, b"cprt": text, b"wtpt": white, b"A2B0": table}
    entries, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        entries += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(entries) + len(data)
    head = struct.pack(">I4sI12s", size, b"none", version << 24, b"scnrRGB Lab ")
    head = head + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    return (head.ljust(68, b"\0") + fixed(D50)).ljust(128, b"\0") + entries + data


def main():
    tables = {
        "table7": profile(lut16(7), 2),
        "table9_curves": profile(lut16(9, gamma=1.8), 2),
        "table11_black": profile(lut16(11, gamma=1.8, black=8), 2),
        "table17_bytes": profile(lut8(17), 2),
        "table9_steps": profile(a_to_b(9, 1.8), 4),
    }
    for name, contents in tables.items():
        (HERE / f"{name}.icc").write_bytes(contents)
    levels = [0, 32, 96, 160, 224, 255]
    colours = np.array([[[r, g, b] for r in levels for g in levels for b in levels]], np.uint8)
    srgb = imagecodecs.cms_profile("srgb")
    for name in ["matrix", *tables]:
        source = (HERE / f"{name}.icc").read_bytes()
        no_optimisation = 0x100
        found = imagecodecs.cms_transform(
            colours, source, srgb, colorspace="rgb", outcolorspace="rgb", intent=0, flags=no_optimisation
        )
        (HERE / f"{name}.rgb").write_bytes(found.tobytes())


main()
