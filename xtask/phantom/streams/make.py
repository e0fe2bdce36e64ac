#!/usr/bin/env python3
"""Makes the video streams beside this file: `python make.py`, with numpy and imageio-ffmpeg (PyPI).

Each frame carries its number, from 1, as src/barcode.rs burns it, five flat patches of known colour
and a bar that moves. The streams are checked in: nobody needs this script to build or test.
"""

import pathlib
import subprocess

import imageio_ffmpeg
import numpy

HERE = pathlib.Path(__file__).parent
COLUMNS, ROWS, FRAMES = 256, 192, 30
# Left to right: the colours that the browser tests look for.
PATCHES = [(200, 40, 40), (40, 160, 60), (50, 70, 200), (128, 128, 128), (235, 200, 60)]


def picture(number):
    shade = numpy.add.outer(numpy.arange(ROWS) // 8, (numpy.arange(COLUMNS) + 3 * number) // 4) % 64
    image = numpy.repeat((20 + shade)[:, :, None], 3, 2).astype(numpy.uint8)
    unit = COLUMNS // 64
    bits = [number >> (15 - bit) & 1 for bit in range(16)]
    for cell, lit in enumerate([1, 0, *bits, sum(bits) % 2, 1]):
        image[unit : 2 * unit, unit * (1 + cell) : unit * (2 + cell)] = 255 * lit
    for index, colour in enumerate(PATCHES):
        image[64:128, 8 + 48 * index : 48 + 48 * index] = colour
    left = 8 * (number - 1) % COLUMNS
    image[148:172, left : left + 12] = 230
    return image


def make(name, *options, frames=FRAMES, matrix="bt709", span="tv"):
    convert = f"scale=out_color_matrix={matrix}:out_range={span}:flags=accurate_rnd+full_chroma_int"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "rawvideo"]
    command += ["-pix_fmt", "rgb24", "-s", f"{COLUMNS}x{ROWS}", "-r", "25", "-i", "-"]
    command += ["-vf", f"{convert},format=yuv420p", "-fflags", "+bitexact", "-flags", "+bitexact"]
    command += ["-colorspace", matrix if matrix != "bt601" else "smpte170m", "-color_range", span]
    raw = b"".join(picture(number).tobytes() for number in range(1, frames + 1))
    subprocess.run([*command, *options, str(HERE / name)], input=raw, check=True)


def copy(source, name):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-i", str(HERE / source)]
    subprocess.run([*command, "-c", "copy", "-fflags", "+bitexact", str(HERE / name)], check=True)


AVC = ["-c:v", "libx264", "-preset", "slow", "-profile:v", "high", "-crf", "23", "-threads", "1"]
HEVC = ["-c:v", "libx265", "-preset", "slow", "-crf", "26"]
# B pyramid; a key frame every ten pictures, so that a seek has to find the right one.
make("avc.mp4", *AVC, "-x264-params", "bframes=3:b-adapt=0:keyint=10")
copy("avc.mp4", "avc.ts")
make("avc-full-601.h264", *AVC, "-g", "6", matrix="bt601", span="pc", frames=6)
# Open groups: pictures before a random access point are shown after it is decoded.
make("hevc.mp4", *HEVC, "-tag:v", "hvc1", "-x265-params", "log-level=none:keyint=10:bframes=3:b-adapt=0:open-gop=1:info=0")
copy("hevc.mp4", "hevc.h265")
make("mpeg2.mpg", "-c:v", "mpeg2video", "-q:v", "8", "-f", "mpeg2video", frames=5)
