// Files and folders that are dropped on the viewer: loaded after the first image, for without it the browser would leave the exam for the file.
// Of what is dropped only the first moment is left to ask for it, before local.js is there.

const isOurs = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

/** `open()` is called when something was dropped, which lies in `negatoscopeDropped` then (local.js). */
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
    globalThis.negatoscopeDropped = files.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
    open();
  });
}
