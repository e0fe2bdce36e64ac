"""Exams that are large: a long CT of 1300 slices in JPEG-LS, and single images of 3036 × 3036 in JPEG 2000 and HTJ2K.

python large.py DATA: reads DATA/jpegls, which the harness made, writes DATA/large, DATA/wide-j2k, DATA/wide-htj2k, and
DATA/large.json with the bytes of pixel data of each.
"""

import json
import pathlib
import sys

import imagecodecs
import numpy
import pydicom
from pydicom.encaps import encapsulate

SLICES = 1300
WIDE = 3036
ROOT = "1.2.826.0.1.3680043.10.999"
WIDE_SETS = {
    "wide-j2k": (7, pydicom.uid.JPEG2000Lossless, "J2K", {"codecformat": "j2k", "resolutions": 5}),
    "wide-htj2k": (8, pydicom.uid.HTJ2KLossless, "HTJ2K", {}),
}


def save(image, exam, number, folder, patient):
    """As an instance of its own of the exam with this number."""
    image.StudyInstanceUID, image.SeriesInstanceUID = f"{ROOT}.{exam}.1", f"{ROOT}.{exam}.1.1"
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}.{exam}.1.1.{number}"
    image.FrameOfReferenceUID = f"{ROOT}.{exam}.9"
    image.PatientName, image.PatientID = f"PHANTOM^{patient}", f"PH-{patient}"
    image.AccessionNumber, image.StudyID = f"A{exam}", str(exam)
    image.InstanceNumber = number
    folder.mkdir(exist_ok=True)
    image.save_as(folder / f"{number:04d}.dcm")
    return len(image.PixelData)


def long_ct(data):
    """The harness' 300 slices, one after the other, further along the patient each time."""
    sources = sorted((data / "jpegls").glob("*.dcm"))
    written = 0
    for index in range(SLICES):
        image = pydicom.dcmread(sources[index % len(sources)])
        image.ImagePositionPatient[2] = image.SliceLocation = float(index - SLICES // 2)
        written += save(image, 6, index + 1, data / "large", "LARGE")
    return written


def wide_samples():
    """Discs and bars over a slope, with noise, in 14 bits."""
    y, x = numpy.mgrid[0:WIDE, 0:WIDE] / WIDE
    samples = 3000 + 5000 * x + 1500 * numpy.sin(40 * y)
    for number in range(1, 9):
        inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 < (number / 20) ** 2
        samples[inside] += 500
    noise = numpy.random.default_rng(1).normal(0, 110, samples.shape)
    return numpy.clip(samples + noise, 0, 16383).round().astype(numpy.uint16)


def wide_image(data, name, samples):
    exam, syntax, patient, options = WIDE_SETS[name]
    encode = imagecodecs.htj2k_encode if "ht" in name else imagecodecs.jpeg2k_encode
    encoded = encode(samples, reversible=True, **({"level": 0} if options else {}), **options)
    image = pydicom.dcmread(data / "jpegls" / "0001.dcm")
    image.file_meta.TransferSyntaxUID = syntax
    image.Rows = image.Columns = WIDE
    image.PixelSpacing = [0.1, 0.1]
    image.BitsStored, image.HighBit = 14, 13
    image.RescaleIntercept, image.WindowCenter, image.WindowWidth = "0", "7000", "10000"
    image.PixelData = encapsulate([encoded])
    image["PixelData"].is_undefined_length = True
    return save(image, exam, 1, data / name, patient)


data = pathlib.Path(sys.argv[1])
samples = wide_samples()
written = {name: wide_image(data, name, samples) for name in WIDE_SETS}
written["large"] = long_ct(data)
(data / "large.json").write_text(json.dumps(written))
