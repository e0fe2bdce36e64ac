// Files and folders that are dropped on the viewer: loaded after the first image, for without it the browser would leave the exam for the file.
// Of what is dropped only the first moment is left to ask for it, before local.js is there.

const isOurs = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

/** `open(entries)` is called with what was dropped. */
export function attach(open) {
  addEventListener("dragover", (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    const files = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
    open(files.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()));
  });
}
