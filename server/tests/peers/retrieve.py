"""Retrieval suite of PyPI dicomweb-client against the server, compared with pydicom's own reading.

usage: retrieve.py URL COOKIE STUDY OTHER_STUDY FOLDER

Prints one line per check and ends with status 1 at the first difference.
"""

import io
import sys
from pathlib import Path
from urllib.parse import urljoin

import numpy
import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from PIL import Image
from pydicom.encaps import generate_frames

STORED = [("application/octet-stream", "*")]


def check(name, found, expected):
    if found != expected:
        sys.exit(f"{name}: found {found!r:.300}, expected {expected!r:.300}")
    print("ok", name)


def raises(name, status, action):
    try:
        action()
    except requests.HTTPError as error:
        check(name, error.response.status_code, status)
    else:
        sys.exit(f"{name}: answered")


def files_of(folder, study):
    datasets = (pydicom.dcmread(path) for path in sorted(Path(folder).rglob("*")) if path.is_file())
    return {ds.SOPInstanceUID: ds for ds in datasets if ds.StudyInstanceUID == study}


def same_data_set(found, expected):
    """Elements as pydicom compares them, without group 2."""
    return list(found) == list(expected)


def search(client, study, files):
    check("search_for_studies", [s["0020000D"]["Value"] for s in client.search_for_studies()], [[study]])
    series = {ds.SeriesInstanceUID for ds in files.values()}
    found = client.search_for_series(study)
    check("search_for_series", {s["0020000E"]["Value"][0] for s in found}, series)
    ct = client.search_for_series(study, search_filters={"Modality": "CT"})
    check("series by modality", {s["00080060"]["Value"][0] for s in ct}, {"CT"})
    found = client.search_for_instances(study)
    check("search_for_instances", {i["00080018"]["Value"][0] for i in found}, set(files))
    fields = client.search_for_instances(study, fields=["SliceThickness"], limit=1)
    check("limit", len(fields), 1)
    name = str(next(iter(files.values())).PatientName)
    check("by name", len(client.search_for_studies(search_filters={"PatientName": name})), 1)
    check("by another name", client.search_for_studies(search_filters={"PatientName": "X" + name}), [])


def objects(client, study, files):
    found = client.retrieve_study(study)
    check("retrieve_study", {ds.SOPInstanceUID for ds in found}, set(files))
    for ds in found:
        if not same_data_set(ds, files[ds.SOPInstanceUID]):
            sys.exit(f"data set of {ds.Modality} differs")
    print("ok data sets")
    by_series = {}
    for uid, ds in files.items():
        by_series.setdefault(ds.SeriesInstanceUID, set()).add(uid)
    for series, uids in by_series.items():
        check("retrieve_series", {d.SOPInstanceUID for d in client.retrieve_series(study, series)}, uids)
        uid = min(uids)
        one = client.retrieve_instance(study, series, uid)
        check("retrieve_instance", same_data_set(one, files[uid]), True)
    iterated = client.iter_study(study)
    check("iter_study", {ds.SOPInstanceUID for ds in iterated}, set(files))


def metadata(client, study, files):
    found = client.retrieve_study_metadata(study)
    check("retrieve_study_metadata", {m["00080018"]["Value"][0] for m in found}, set(files))
    for attributes in found:
        uri = attributes["7FE00010"]["BulkDataURI"]
        expected = files[attributes["00080018"]["Value"][0]]
        attributes = {tag: a for tag, a in attributes.items() if tag not in ("7FE00010", "00083002")}
        ds = pydicom.Dataset.from_json(attributes)
        for element in expected:
            if element.keyword in ("PixelData", "SpecificCharacterSet"):
                continue
            got = ds.get(element.tag)
            if element.VR in ("DS", "FL", "FD"):
                same = numpy.allclose(numpy.atleast_1d(got.value).astype(float),
                                      numpy.atleast_1d(element.value).astype(float), rtol=0, atol=0)
            elif element.VR == "SQ":
                same = len(got.value) == len(element.value)
            else:
                same = (got.value if got is not None else None) == element.value or (
                    not element.value and (got is None or not got.value))
            if not same:
                sys.exit(f"metadata {element.keyword}: {got!r} is not {element!r}")
        base = f"{client.base_url}/"
        bulk = client.retrieve_bulkdata(urljoin(base, uri))
        if expected.file_meta.TransferSyntaxUID.is_encapsulated:
            check("bulk data is encapsulated", bulk[0][:4], b"\xfe\xff\x00\xe0")
        else:
            check("retrieve_bulkdata", bulk, [expected.PixelData])
    series = next(iter(files.values())).SeriesInstanceUID
    uid = next(iter(files))
    one = client.retrieve_instance_metadata(study, series, uid)
    check("retrieve_instance_metadata", one["00080018"]["Value"], [uid])
    check("retrieve_series_metadata", len(client.retrieve_series_metadata(study, series)) > 0, True)


def frames(client, study, files):
    for uid, ds in files.items():
        count = int(ds.get("NumberOfFrames", 1))
        numbers = list(range(count, 0, -1))
        at = (study, ds.SeriesInstanceUID, uid)
        stored = client.retrieve_instance_frames(*at, numbers, media_types=STORED)
        if ds.file_meta.TransferSyntaxUID.is_encapsulated:
            expected = list(generate_frames(ds.PixelData, number_of_frames=count))[::-1]
        else:
            length = len(ds.PixelData) // count
            expected = [ds.PixelData[(n - 1) * length:n * length] for n in numbers]
        if stored != expected:
            sys.exit(f"frames of {ds.Modality} differ")
        decoded = client.retrieve_instance_frames(*at, numbers)
        if ds.SamplesPerPixel == 1:
            own = ds.pixel_array.reshape(count, -1)[::-1]
            kind = numpy.dtype(own.dtype).newbyteorder("<")
            # Native cells come as they are, with what unused bits hold; pydicom clears those.
            unused = int(ds.BitsAllocated) - int(ds.BitsStored)
            used = [numpy.frombuffer(f, kind) << unused >> unused for f in decoded]
            same = all(numpy.array_equal(f, e) for f, e in zip(used, own))
            if not same:
                sys.exit(f"samples of {ds.Modality} differ")
        else:
            check("colour samples", {len(f) for f in decoded}, {ds.Rows * ds.Columns * 3})
    print("ok frames of", len(files), "instances")


def pictures(client, study, files):
    for ds in {ds.SeriesInstanceUID: ds for ds in files.values()}.values():
        at = (study, ds.SeriesInstanceUID, ds.SOPInstanceUID)
        for media, name in (("image/png", "PNG"), ("image/jpeg", "JPEG")):
            picture = Image.open(io.BytesIO(client.retrieve_instance_rendered(*at, media_types=[media])))
            check(f"rendered {media}", (picture.format, picture.size), (name, (ds.Columns, ds.Rows)))
        frame = client.retrieve_instance_frames_rendered(*at, [1], media_types=["image/png"])
        check("rendered frame", Image.open(io.BytesIO(frame)).size, (ds.Columns, ds.Rows))
        url = f"{client.base_url}/studies/{study}/series/{ds.SeriesInstanceUID}/thumbnail"
        thumbnail = client._http_get(url, headers={"Accept": "image/jpeg"})
        check("thumbnail", max(Image.open(io.BytesIO(thumbnail.content)).size), 128)


def refusals(client, url, other):
    raises("other study", 404, lambda: client.retrieve_study_metadata(other))
    raises("other study's files", 404, lambda: client.retrieve_study(other))
    stranger = DICOMwebClient(url, session=requests.Session())
    raises("no session", 401, lambda: stranger.search_for_studies())


def main():
    url, cookie, study, other, folder = sys.argv[1:]
    session = requests.Session()
    session.headers["Cookie"] = cookie
    client = DICOMwebClient(url, session=session)
    files = files_of(folder, study)
    for suite in (search, objects, metadata, frames, pictures):
        suite(client, study, files)
    refusals(client, url, other)
    print("all passed")


if __name__ == "__main__":
    main()
