// Help: every command by its name, keys that are changed, roles, themes and the first tour, by keyboard alone.
import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../../support/axe.js";
import { seriesOf, stand } from "../../support/stand.js";
import { dragMouse, expectImage, expectReady, identify, openExam, openLink, pane } from "../../support/visitor.js";

const CODE_VISITOR = { tour: "done" };

const search = (page) => page.getByRole("combobox", { name: "Que voulez-vous faire ?" });
const status = (page) => page.locator("dialog[open] [role=status]");

/** Opens the sheet of keys by keyboard. */
async function openSheet(page) {
  await page.keyboard.press("Control+k");
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("gestes");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Gestes et touches" })).toBeFocused();
}

test("a command is found by words and run, by keyboard alone", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  const images = seriesOf(stand.exam, "Ct").sop_instance_uids.length;
  await shown.focus();
  await page.keyboard.press("?");
  await expect(search(page)).toBeFocused();
  await expect(page.getByRole("dialog", { name: "Aide" })).toBeVisible();
  // Accents and order of words do not matter.
  await page.keyboard.type("image derniere");
  const only = page.getByRole("listbox").getByRole("option");
  await expect(only).toHaveCount(1);
  await expect(only).toHaveAttribute("aria-selected", "true");
  await expect(search(page)).toHaveAttribute("aria-activedescendant", await only.getAttribute("id"));
  await expect(status(page)).toHaveText("Commandes trouvées : 1");
  await expectNoViolation(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expectImage(shown, images);
  await expect(shown).toBeFocused();
  // A command of the page, not of the image.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("disposition");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("group", { name: "Disposition" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.keyboard.type("xyzzy");
  await expect(status(page)).toHaveText("Aucune commande ne porte ces mots.");
  await expect(search(page)).toHaveAttribute("aria-expanded", "false");
  await expectNoViolation(page);
  // The first Escape clears what was typed, the second closes.
  await page.keyboard.press("Escape");
  await expect(search(page)).toHaveValue("");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("every kind of measurement is found in the palette and begun", async ({ page }) => {
  await openExam(page, stand.exam);
  const start = async (words) => {
    await pane(page).focus();
    await page.keyboard.press("Control+k");
    await expect(search(page)).toBeFocused();
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  // The tools are not there yet: they begin with what was asked for.
  await start("cobb");
  const bar = page.getByRole("toolbar", { name: "Outils de mesure" });
  await expect(bar).toBeVisible();
  await expect(bar.getByRole("combobox")).toHaveValue("cobb");
  // Now they are, and change to another.
  await start("mesurer ellipse");
  await expect(bar.getByRole("button", { name: "Ellipse" })).toHaveAttribute("aria-pressed", "true");
  const box = await pane(page).boundingBox();
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await dragMouse(page, [x, y], [x + 60, y + 40]);
  await expect(pane(page).locator('[data-measure][aria-label*="llipse"]')).toHaveCount(1);
  // Chosen again after another tool, it is the last one that was asked for.
  await page.keyboard.press("s");
  await expect(bar).toBeHidden();
  await start("index cardio");
  await expect(bar.getByRole("combobox")).toHaveValue("cardiothoracic");
  await page.keyboard.press("Control+k");
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("mesurer :");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(17);
});

test("what was typed and confirmed before help was there is done", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await shown.focus();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("image derniere");
  await page.keyboard.press("Enter");
  await expectImage(shown, Number(await shown.getAttribute("data-image-count")));
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(shown).toBeFocused();
});

test("the palette as a screen reader has it", async ({ page }) => {
  await openExam(page, stand.exam);
  // What is typed while help is on its way is not lost, and does nothing to the image.
  await pane(page).focus();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("pivoter");
  await expect(search(page)).toHaveValue("pivoter");
  await expect(page.getByRole("button", { name: "Défiler", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("dialog")).toMatchAriaSnapshot(`
    - dialog "Aide":
      - heading "Aide" [level=2]
      - button "Fermer"
      - text: Que voulez-vous faire ?
      - combobox "Que voulez-vous faire ?" [expanded]: pivoter
      - listbox "Commandes":
        - option "Pivoter à droite Un quart de tour R" [selected]
        - option "Pivoter à gauche Un quart de tour L"
      - status: "Commandes trouvées : 2"
      - text: Présentation
      - combobox "Présentation":
        - option "Patient"
        - option "Médecin" [selected]
        - option "Radiologue"
      - text: Couleurs de l’interface
      - combobox "Couleurs de l’interface":
        - option "Sombre" [selected]
        - option "Claire"
        - option "Contraste élevé"
      - button "Gestes et touches"
      - button "Visite guidée"
      - paragraph:
        - link "Aide à la connexion"
        - link "Accessibilité"
        - link "Données personnelles"
  `);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /gauche/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /droite/ })).toHaveAttribute("aria-selected", "true");
});

test("every command has words in both languages", async ({ page }) => {
  await openExam(page, stand.exam);
  for (const expected of ["Image suivante", "Next image"]) {
    await page.keyboard.press("?");
    await expect(page.getByRole("option").first()).toContainText(expected);
    const names = await page.locator("[role=option] .help-name").allInnerTexts();
    expect(names.length).toBeGreaterThan(35);
    expect(names.filter((name) => /^[a-z]+\.[a-z_.]+$/.test(name))).toEqual([]);
    await expectNoViolation(page);
    // English is found by its own name in the French page, and the other way round.
    await page.keyboard.type(expected === "Next image" ? "francais" : "english");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  await expect(page.locator("html")).toHaveAttribute("lang", "fr");
});

test("a key that was changed acts at once and after a reload; conflicts are said; reset", async ({ page }) => {
  await openExam(page, stand.exam);
  const shown = pane(page);
  await openSheet(page);
  await expectNoViolation(page);
  const chip = page.getByRole("button", { name: /^Changer la touche . : Image suivante|: Outil zoom$/ }).last();
  await expect(chip).toHaveAccessibleName("Changer la touche Z : Outil zoom");
  await chip.focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toContainText("Appuyez sur la nouvelle touche pour « Outil zoom »");
  await page.keyboard.press("p");
  await expect(status(page)).toHaveText(/^P sert déjà à «\sOutil déplacer\s»/);
  await page.keyboard.press("3");
  await expect(status(page)).toHaveText(/^3 sert déjà à «\sFenêtres prédéfinies\s»/);
  await page.keyboard.press("Control+t");
  await expect(status(page)).toHaveText(/^Ctrl T est réservée/);
  await page.keyboard.press("q");
  await expect(status(page)).toHaveText("La touche est maintenant Q.");
  await expectNoViolation(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const zoom = page.getByRole("button", { name: "Zoom", exact: true });
  const expectKey = async (pressed, isOn) => {
    await shown.focus();
    await page.keyboard.press("s");
    await page.keyboard.press(pressed);
    await expect(zoom).toHaveAttribute("aria-pressed", String(isOn));
  };
  await expectKey("q", true);
  await expectKey("z", false);
  await expect(zoom).toHaveAttribute("aria-keyshortcuts", "q");
  await page.reload();
  await expectReady(shown);
  await expectKey("q", true);
  await expectKey("z", false);
  await openSheet(page);
  await page.getByRole("button", { name: "Rétablir les touches d’origine" }).focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText("Les touches d’origine sont rétablies.");
  await page.keyboard.press("Escape");
  await expectKey("z", true);
  await expectKey("q", false);
});

test("the sheet of keys is printed alone, black on white", async ({ page }) => {
  await openExam(page, stand.exam);
  await openSheet(page);
  await page.evaluate(() => (window.print = () => (window.printed = true)));
  await page.getByRole("button", { name: "Imprimer" }).click();
  expect(await page.evaluate(() => window.printed)).toBe(true);
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".stage")).toBeHidden();
  await expect(page.getByRole("button", { name: "Imprimer" })).toBeHidden();
  await expect(page.getByText("Luminosité et contraste").first()).toBeVisible();
  const colours = await page.locator("dialog").evaluate((sheet) => {
    const { color, backgroundColor } = getComputedStyle(sheet);
    return [color, backgroundColor];
  });
  expect(colours).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
});

test("a code makes a patient: three tools, plain words, and all tools a click away", async ({ page }) => {
  await openExam(page, stand.exam, CODE_VISITOR);
  const tools = page.getByRole("region", { name: "Outils" });
  await expect(page.locator(".viewer")).toHaveAttribute("data-role", "patient");
  for (const name of ["Luminosité", "Déplacer", "Zoom", "Aide", "Tous les outils"]) {
    await expect(tools.getByRole("button", { name, exact: true })).toBeVisible();
  }
  await expect(tools.getByRole("button")).toHaveCount(5);
  await expect(tools.getByText("Seul votre médecin peut interpréter ces images.")).toBeVisible();
  await expect(pane(page).locator('[data-test="window"]')).toBeHidden();
  await expectNoViolation(page);
  const height = await tools.getByRole("button", { name: "Zoom" }).evaluate((button) => button.offsetHeight);
  expect(height).toBeGreaterThanOrEqual(44);
  await tools.getByRole("button", { name: "Aide" }).click();
  await expect(page.getByRole("dialog")).toContainText("Ce n’est pas un résultat");
  await expect(page.getByRole("dialog")).toContainText("Centre d’imagerie de test");
  await expectNoViolation(page);
  await page.keyboard.press("Escape");
  await tools.getByRole("button", { name: "Tous les outils" }).click();
  await page.getByRole("button", { name: "Mesurer", exact: true }).click();
  await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
  // Another role, chosen in the menu, is still there after a reload.
  await tools.getByRole("button", { name: "Tous les outils" }).click();
  await page.getByRole("button", { name: "Radiologue" }).click();
  await expect(page.locator(".viewer")).toHaveAttribute("data-role", "radiologist");
  await page.keyboard.press("Escape");
  await expect(tools.getByRole("button", { name: "Inverser les gris" })).toBeVisible();
  await expectNoViolation(page);
  await page.reload();
  await expectReady(pane(page));
  await expect(page.locator(".viewer")).toHaveAttribute("data-role", "radiologist");
});

test("a professional comes in as a physician", async ({ page }) => {
  await openLink(page, stand.identified, CODE_VISITOR);
  await page.getByRole("link", { name: "S’identifier avec Pro Santé Connect", exact: true }).click();
  await page.getByLabel("Person").selectOption("professional");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("MAISON DE SANTE DES LICES").check();
  await page.getByRole("button", { name: "Voir l’examen" }).click();
  await expectReady(pane(page));
  await expect(page.locator(".viewer")).toHaveAttribute("data-role", "physician");
  await expect(page.getByRole("button", { name: "Mesurer", exact: true })).toBeVisible();
});

test("the first tour has at most five steps, leaves the image free, can be skipped and does not come back", async ({ page }) => {
  await openLink(page, stand.exam, {});
  await identify(page, stand.exam);
  const shown = pane(page);
  await expectReady(shown);
  const tour = page.getByRole("region", { name: "Visite guidée" });
  await expect(tour).toBeVisible();
  await expect(tour).toContainText("1/4");
  await expectNoViolation(page);
  // The image takes wheel and keys all the while.
  await shown.focus();
  await page.keyboard.press("ArrowDown");
  await expectImage(shown, 2);
  const [card, image] = [await tour.boundingBox(), await shown.boundingBox()];
  expect((card.width * card.height) / (image.width * image.height)).toBeLessThan(0.08);
  await tour.getByRole("button", { name: "Suivant" }).click();
  await expect(tour).toContainText("2/4");
  await tour.getByRole("button", { name: "Passer la visite" }).click();
  await expect(tour).toHaveCount(0);
  await page.reload();
  await expectReady(shown);
  await page.waitForTimeout(3000);
  await expect(tour).toHaveCount(0);
  // It can be had again, to its end.
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Visite guidée" }).click();
  for (let step = 0; step < 3; step += 1) await tour.getByRole("button", { name: "Suivant" }).click();
  await tour.getByRole("button", { name: "Terminer" }).click();
  await expect(tour).toHaveCount(0);
});

const THEMES = [
  ["light", "light interface: remembered, pictures on black, axe finds nothing"],
  ["contrast", "contrast interface: remembered, pictures on black, axe finds nothing"],
];
for (const [theme, title] of THEMES) {
  test(title, async ({ page }) => {
    await openExam(page, stand.exam);
    await page.keyboard.press("?");
    await page.getByRole("combobox", { name: "Couleurs de l’interface" }).selectOption(theme);
    await expectNoViolation(page);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.reload();
    await expectReady(pane(page));
    const surface = await page.locator(".toolbar").evaluate((bar) => getComputedStyle(bar).getPropertyValue("--surface"));
    expect(surface).toBe(theme === "light" ? "#f4f4f4" : "#000000");
    expect(await page.locator(".stage").evaluate((stage) => getComputedStyle(stage).backgroundColor)).toBe("rgb(0, 0, 0)");
    await expectNoViolation(page);
    for (const opener of ["Choisir une fenêtre", "Plus d’outils"]) {
      await page.getByRole("button", { name: opener }).click();
      await expectNoViolation(page);
      await page.getByRole("button", { name: opener }).click();
    }
    await page.getByRole("button", { name: "Mesurer", exact: true }).click();
    await expect(page.getByRole("toolbar", { name: "Outils de mesure" })).toBeVisible();
    await expectNoViolation(page);
  });
}

test("with the system's own colours what is chosen still differs, and what the system asks of motion is done", async ({ page }) => {
  await openExam(page, stand.exam);
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  const ground = (name) =>
    page.getByRole("button", { name, exact: true }).evaluate((button) => getComputedStyle(button).backgroundColor);
  await page.getByRole("button", { name: "Zoom", exact: true }).click();
  expect(await ground("Zoom")).not.toBe(await ground("Déplacer"));
  // Pictures and the words on them keep their own: white with a dark outline.
  const note = pane(page).locator(".note-view");
  expect(await note.evaluate((words) => getComputedStyle(words).forcedColorAdjust)).toBe("none");
  await page.keyboard.press("?");
  await expect(search(page)).toBeVisible();
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration].some((time) => parseFloat(time) > 0);
      }).length,
    );
  expect(await moving()).toBe(0);
});

test("at 200 % zoom and at 320 px nothing sticks out sideways", async ({ page }) => {
  await openExam(page, stand.exam);
  // A window half as wide in CSS pixels is what zooming to 200 % makes of it.
  for (const size of [{ width: 640, height: 400 }, { width: 320, height: 640 }]) {
    await page.setViewportSize(size);
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await pane(page).focus();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await overflow()).toBe(0);
    const sideways = () => page.locator("dialog").evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
    expect(await sideways()).toBeLessThanOrEqual(0);
    await expectNoViolation(page);
    await page.getByRole("button", { name: "Gestes et touches" }).click();
    expect(await sideways()).toBeLessThanOrEqual(0);
    await page.keyboard.press("Escape");
  }
});

test("Enter right after measuring was chosen sets the first point", async ({ page }) => {
  await openExam(page, stand.exam);
  await pane(page).focus();
  await page.keyboard.press("d");
  // The script has come; what it needs has not.
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("/measure-")));
  await page.waitForTimeout(20);
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-test="measure-said"]')).toContainText("Viseur");
});
