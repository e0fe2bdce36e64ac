"""Encodes the phantom's images in every family that the codec benchmark compares.

    inputs.py OUT CT_FILE CR_FILE US_FILE

writes OUT/cases.json and, for each case, OUT/NAME.bin (one encoded frame) and OUT/NAME.raw (the samples
that went in, little endian, colour interleaved by pixel: what a lossless decoder must give back).
"""

import json
import pathlib
import sys

import imagecodecs
import numpy
import pydicom

TRANSFER_SYNTAX = "1.2.840.10008.1.2."


def ct(path):
    """512 x 512, 16 bits: stored values with padding, shifted so that none is negative."""
    values = pydicom.dcmread(path).pixel_array.astype(numpy.int32) + 2000
    return values.astype(numpy.uint16)


def cr(path):
    """2048 x 2048, 12 bits in 16."""
    return pydicom.dcmread(path).pixel_array.astype(numpy.uint16)


def us(path):
    """640 x 480, RGB: the first frame of the loop."""
    data = pydicom.dcmread(path)
    frame = next(pydicom.encaps.generate_frames(data.PixelData, number_of_frames=data.NumberOfFrames))
    return imagecodecs.jpeg8_decode(frame)


def eight_bits(image):
    """As a window over all values would show it."""
    return (image.astype(numpy.float64) / image.max() * 255).round().astype(numpy.uint8)


def rle(image):
    """PS3.5 annex G: planes from the most significant byte on, each line packed by itself."""
    bytes_of_sample = image.astype(image.dtype.newbyteorder(">"), copy=False)
    planes = bytes_of_sample.reshape(*image.shape[:2], -1).view(numpy.uint8)
    segments = []
    for plane in range(planes.shape[2]):
        lines = (imagecodecs.packbits_encode(line.tobytes()) for line in planes[:, :, plane])
        packed = b"".join(lines)
        segments.append(packed + b"\0" * (len(packed) % 2))
    offsets = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    header = [len(segments), *offsets] + [0] * (15 - len(offsets))
    return numpy.array(header, "<u4").tobytes() + b"".join(segments)


def jpeg(image, **options):
    return imagecodecs.jpeg8_encode(image, **options)


def cases(images):
    """(name, family, transfer syntax, image, encoded)"""
    for name, image in images.items():
        small = image if image.dtype == numpy.uint8 else eight_bits(image)
        yield name, "JPEG baseline", "4.50", small, jpeg(small, level=90)
        bits = image.dtype.itemsize * 8
        yield name, "JPEG lossless", "4.70", image, jpeg(
            image, lossless=True, predictor=1, bitspersample=bits)
        yield name, "JPEG-LS", "4.80", image, imagecodecs.jpegls_encode(image)
        yield name, "JPEG-LS near", "4.81", image, imagecodecs.jpegls_encode(image, level=2)
        yield name, "JPEG 2000", "4.90", image, imagecodecs.jpeg2k_encode(
            image, codecformat="j2k", reversible=True, mct=True)
        yield name, "JPEG 2000 lossy", "4.91", image, imagecodecs.jpeg2k_encode(
            image, codecformat="j2k", level=45 if image.dtype == numpy.uint8 else 80, reversible=False)
        yield name, "HTJ2K", "4.201", image, imagecodecs.htj2k_encode(image, reversible=True)
        yield name, "JPEG XL", "4.110", image, imagecodecs.jpegxl_encode(
            image, lossless=True, effort=4, usecontainer=False)
        yield name, "RLE", "5", image, rle(image)


def photometric(family, image):
    if image.ndim == 2:
        return "MONOCHROME2"
    return {"JPEG baseline": "YBR_FULL_422", "JPEG 2000": "YBR_RCT", "JPEG 2000 lossy": "YBR_ICT",
            "HTJ2K": "YBR_RCT"}.get(family, "RGB")


def image_format(uid, family, image):
    """The attributes as the exam summary gives them."""
    bits = image.dtype.itemsize * 8
    return {
        "transfer_syntax_uid": uid,
        "sop_class_uid": "",
        "rows": image.shape[0],
        "columns": image.shape[1],
        "samples_per_pixel": 1 if image.ndim == 2 else image.shape[2],
        "photometric_interpretation": photometric(family, image),
        "bits_allocated": bits,
        "bits_stored": bits,
        "high_bit": bits - 1,
        "signed": False,
        "planar": False,
        "samples": "integer",
        "spacing": None,
        "aspect_ratio": None,
        "lossy": None,
    }


def main(out, ct_file, cr_file, us_file):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    images = {"CT 512² 16 bit": ct(ct_file), "CR 2048² 16 bit": cr(cr_file), "US 640×480 RGB": us(us_file)}
    described = []
    for number, (name, family, syntax, image, encoded) in enumerate(cases(images)):
        (out / f"{number}.bin").write_bytes(encoded)
        (out / f"{number}.raw").write_bytes(numpy.ascontiguousarray(image).tobytes())
        described.append({"image": name, "family": family,
                          "format": image_format(TRANSFER_SYNTAX + syntax, family, image)})
    (out / "cases.json").write_text(json.dumps(described))


if __name__ == "__main__":
    main(*sys.argv[1:])
