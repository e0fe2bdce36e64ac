// The screens that are photographed, in the order of docs/PICTURES.md, and what each shows.

export const DEVICES = ["desktop", "phone"];

/** `[name, what it shows, devices]` in groups. */
export const SCREENS = {
  "The way in": [
    ["card", "The card behind a report's link, of a site with both identity providers"],
    ["refused", "A code or birth date that does not fit"],
    ["link", "A link that cannot be read"],
    ["situation", "A professional with two situations of practice"],
    ["help-page", "Help before the exam"],
    ["accessibility", "The accessibility statement"],
    ["personal-data", "What is done with personal data"],
    ["goodbye", "After logging out"],
  ],
  "A patient": [
    ["tour", "The first visit's tour"],
    ["patient", "First image: three tools, plain words"],
    ["patient-help", "Help: what the images are and are not, whom to ask"],
  ],
  "A physician": [
    ["first-image", "First image"],
    ["windows", "Windows of the file and the usual ones"],
    ["drawer", "The drawer of further tools"],
    ["palette", "The palette of commands"],
    ["keys", "The sheet of keys and gestures"],
    ["measuring", "Measuring, with the list of what was measured"],
    ["export", "Saving, printing, taking the exam away"],
    ["attributes", "DICOM attributes of the image shown"],
    ["magnifier", "The magnifier"],
    ["documents", "Key images, reports and saved presentations of the exam"],
    ["report", "A structured report"],
    ["presentation", "A saved presentation, applied"],
    ["film", "The series as a film or as pictures"],
    ["failed", "An image that could not be read"],
    ["offline", "Without network: what is loaded stays"],
    ["landscape", "A phone on its side: the image alone", ["phone"]],
    ["landscape-controls", "The same after a tap", ["phone"]],
  ],
  "A radiologist": [
    ["layouts", "Layouts, linked panes, reference lines", ["desktop"]],
    ["comparison", "CT and MR side by side, with reference lines"],
    ["many-panes", "Four series at once", ["desktop"]],
    ["consultation", "Exams of another centre: what a manifest lists, before any image"],
    ["import", "Import into the local PACS: what, and who it is there"],
    ["import-plan", "Every attribute that the import will change"],
    ["mammography", "Four views back to back (slices of the phantom's CT, described as mammograms)", ["desktop"]],
  ],
};
