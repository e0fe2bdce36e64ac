"""Compares what a PACS stored after an import with the original files, as pydicom reads both.

usage: reconciled.py ORIGINALS STORED TAG…

The pixel data is the same, the elements that differ are among TAG (GGGGEEEE) for each object, and Original Attributes Sequence
has the former value of every one of them. Ends with status 1 where it is not so.
"""

import sys
from pathlib import Path

import pydicom

ORIGINAL = 0x04000561


def read(folder):
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            ds = pydicom.dcmread(path, force=False)
            if ds.SOPInstanceUID in found:
                sys.exit(f"{ds.SOPInstanceUID} twice")
            found[ds.SOPInstanceUID] = ds
    return found


originals, stored = read(sys.argv[1]), read(sys.argv[2])
listed = {int(tag, 16) for tag in sys.argv[3:]}
for uid, new in stored.items():
    old = originals[uid]
    if old.file_meta.TransferSyntaxUID != new.file_meta.TransferSyntaxUID:
        sys.exit(f"{uid}: another transfer syntax")
    if old.get("PixelData") != new.get("PixelData"):
        sys.exit(f"{uid}: other pixel data")
    changed = {int(tag) for tag in set(old.keys()) | set(new.keys()) if old.get(tag) != new.get(tag)}
    if not changed <= listed or ORIGINAL not in changed:
        sys.exit(f"{uid}: changed {[f'{tag:08X}' for tag in sorted(changed - listed)]}")
    item = new[ORIGINAL].value[-1]
    former = item.ModifiedAttributesSequence[0]
    if {int(tag) for tag in former.keys()} != changed - {ORIGINAL}:
        sys.exit(f"{uid}: former {sorted(former.keys())}")
    for element in former:
        was = old.get(element.tag)
        was = was.value if was is not None else None
        is_same = element.value == was or (not element.value and not was)
        if not is_same:
            sys.exit(f"{uid}: {element.tag} was {was!r}, is told as {element.value!r}")
    if old.PatientID and new.OtherPatientIDsSequence[-1].PatientID != old.PatientID:
        sys.exit(f"{uid}: the former patient id is not kept")
    if item.ReasonForTheAttributeModification != "COERCE":
        sys.exit(f"{uid}: no reason")
print(f"{len(stored)} objects as listed")
