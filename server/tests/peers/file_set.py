"""Reads a copy of an exam as pydicom does: the file-set behind its DICOMDIR, every file of it, every picture.

usage: file_set.py FOLDER STUDIES

Prints one line for each instance: SOP Instance UID, transfer syntax, patient, modality, length of the pixel data. Ends with status 1
where the directory and the files say different things.
"""

import sys
from pathlib import Path

import pydicom
from pydicom.fileset import FileSet

folder = Path(sys.argv[1])
files = FileSet(folder / "DICOMDIR")
if len(files.find_values("StudyInstanceUID")) != int(sys.argv[2]):
    sys.exit("another number of studies")
listed = set()
for instance in files:
    ds = instance.load()
    record = (instance.PatientID, instance.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID)
    if record != (ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID):
        sys.exit(f"{instance.path}: the record says {record}")
    if str(instance.ReferencedTransferSyntaxUIDInFile) != str(ds.file_meta.TransferSyntaxUID):
        sys.exit(f"{instance.path}: another transfer syntax")
    if str(ds.file_meta.MediaStorageSOPInstanceUID) != str(ds.SOPInstanceUID):
        sys.exit(f"{instance.path}: another instance in its meta information")
    listed.add(Path(instance.path).resolve())
    pixels = len(ds.PixelData) if "PixelData" in ds else 0
    print(ds.SOPInstanceUID, ds.file_meta.TransferSyntaxUID, ds.PatientName, ds.Modality, pixels)
stored = {path.resolve() for path in (folder / "DICOM").rglob("*") if path.is_file()}
if stored != listed:
    sys.exit(f"not in the directory: {stored - listed}")
