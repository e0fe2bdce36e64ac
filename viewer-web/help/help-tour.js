// A first tour in a few steps: a card beside the image, never a veil over it. It can be skipped, and comes once.

/** What each step is about: words, and what is pointed at. */
const STEPS = {
  patient: [
    ["images", null],
    ["scroll", ".slider"],
    ["brightness", ".toolbar"],
    ["report", null],
  ],
  physician: [
    ["scroll", ".slider"],
    ["window", ".toolbar"],
    ["series", ".strip"],
    ["palette", null],
  ],
  radiologist: [
    ["series", ".strip"],
    ["window", ".toolbar"],
    ["palette", null],
    ["keys", null],
  ],
};

export function make(help) {
  const { element, say } = help;
  let card = null;
  let step = 0;

  function point(selector) {
    for (const shown of help.root().querySelectorAll("[data-tour]")) shown.removeAttribute("data-tour");
    if (selector) help.root().querySelector(selector)?.setAttribute("data-tour", "");
  }

  function end() {
    point(null);
    card?.remove();
    card = null;
    help.choices.write("tour", "done");
    const focused = document.activeElement;
    if (!focused || focused === document.body) {
      help.root().querySelector('.pane[data-active="true"]')?.focus({ preventScroll: true });
    }
  }

  function words(key) {
    const hand = matchMedia("(pointer: coarse)").matches ? "touch" : "mouse";
    return help.has(`tour.${key}_${hand}`) ? say(`tour.${key}_${hand}`) : say(`tour.${key}`);
  }

  function show() {
    const steps = STEPS[help.role()];
    const [key, selector] = steps[step];
    const isLast = step === steps.length - 1;
    point(selector);
    const next = help.button(say(isLast ? "tour.done" : "tour.next"), () => {
      step += 1;
      if (isLast) end();
      else show();
    }, { class: "button button-main" });
    const skip = isLast ? null : help.button(say("tour.skip"), end);
    const count = element("span", { class: "tour-count" }, `${step + 1}/${steps.length}`);
    const hadFocus = card.contains(document.activeElement);
    card.lastChild.replaceChildren(count, skip ?? "", next);
    card.firstChild.textContent = words(key);
    if (hadFocus) next.focus();
  }

  function begin() {
    end();
    step = 0;
    const said = element("p", { role: "status" });
    card = element("section", { class: "tour", "aria-label": say("tour.title") }, said, element("div", {}));
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      end();
    });
    help.root().append(card);
    show();
  }

  return { begin };
}
