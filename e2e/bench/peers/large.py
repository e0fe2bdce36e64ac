"""An exam as large as a long CT: 1300 slices in JPEG-LS, the harness' 300 one after the other, each an instance of its own.

python large.py DATA: reads DATA/jpegls, writes DATA/large and DATA/large.json.
"""

import json
import pathlib
import sys

import pydicom

SLICES = 1300
ROOT = "1.2.826.0.1.3680043.10.999.6"

data = pathlib.Path(sys.argv[1])
sources = sorted((data / "jpegls").glob("*.dcm"))
target = data / "large"
target.mkdir(exist_ok=True)
pixel_bytes = 0
for index in range(SLICES):
    slice_ = pydicom.dcmread(sources[index % len(sources)])
    uid = f"{ROOT}.1.1.{index + 1}"
    slice_.StudyInstanceUID, slice_.SeriesInstanceUID = f"{ROOT}.1", f"{ROOT}.1.1"
    slice_.SOPInstanceUID = slice_.file_meta.MediaStorageSOPInstanceUID = uid
    slice_.FrameOfReferenceUID = f"{ROOT}.9"
    slice_.PatientName, slice_.PatientID = "PHANTOM^LARGE", "PH-large"
    slice_.AccessionNumber, slice_.StudyID = "A6", "6"
    slice_.InstanceNumber = index + 1
    slice_.ImagePositionPatient[2] = slice_.SliceLocation = float(index - SLICES // 2)
    pixel_bytes += len(slice_.PixelData)
    slice_.save_as(target / f"{index + 1:04d}.dcm")
(data / "large.json").write_text(json.dumps({"bytes": pixel_bytes}))
