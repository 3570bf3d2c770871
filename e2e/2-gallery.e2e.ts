import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { BASE_URL, STATE_DIR } from "./helpers";
import { axeFindings } from "./look";
import { keepOwnerSession, ownerClient } from "./owner";

/**
 * Every component in every state against the pictures in e2e/gallery: a change of looks is seen, or meant. What was meant is accepted by
 * `npm run gallery:accept`, and the new pictures are looked at before they are committed.
 */
const SESSION = join(STATE_DIR, "e2e-gallery.json");
// A clock that stands, and words and hours that do not follow the machine's.
const NOW = new Date("2026-03-04T10:20:30Z");
test.use({ storageState: SESSION, locale: "en-US", timezoneId: "UTC" });

const SECTIONS = ["Actions", "Forms", "Feedback", "Data", "Long lists"] as const;
const OVERLAYS = {
  "Open dialog": "dialog",
  "Open confirmation": "alertdialog",
  "Open form dialog": "dialog",
  "Open sheet": "dialog",
  "Open command dialog": "dialog",
  "Open menu": "menu",
} as const;
const slug = (name: string) => name.toLowerCase().replaceAll(" ", "-");

test.beforeAll(async ({ browser }) => {
  await ownerClient();
  await keepOwnerSession(browser, SESSION);
});

for (const theme of ["light", "dark"] as const) {
  for (const [device, width] of [
    ["desktop", 1280],
    ["phone", 390],
  ] as const) {
    test(`the gallery looks as it did, ${theme}, on a ${device}`, async ({ page, context }) => {
      await context.addCookies([{ name: "indium-theme", value: theme, url: BASE_URL }]);
      // High enough that no section is put together of several views.
      await page.setViewportSize({ width, height: 2_400 });
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.clock.setFixedTime(NOW);
      await page.goto("/gallery");
      await expect(page.locator(".cm-editor .cm-lintRange-error")).toBeVisible();
      await page.evaluate(() => document.fonts.ready.then(() => undefined));
      // Both layouts and both themes, each once: what a phone changes does not depend on the theme.
      const compared = device === "desktop" || theme === "light";
      if (compared)
        for (const section of SECTIONS)
          await expect
            .soft(
              page.getByRole("region", { name: section, exact: true }),
              `${section} looks different; if it was meant: npm run gallery:accept`,
            )
            .toHaveScreenshot(`${slug(section)}-${device}-${theme}.png`);
      expect.soft(await axeFindings(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(overflow, "wider than the screen").toBeLessThanOrEqual(0);
      await page.setViewportSize({ width, height: 844 });
      for (const [name, role] of Object.entries(OVERLAYS)) {
        await page.getByRole("button", { name, exact: true }).click();
        const overlay = page.getByRole(role).first();
        await expect(overlay).toBeVisible();
        if (compared)
          await expect
            .soft(overlay, `${name} looks different; if it was meant: npm run gallery:accept`)
            .toHaveScreenshot(`${slug(name)}-${device}-${theme}.png`);
        expect.soft(await axeFindings(page, `[role=${role}]`), name).toEqual([]);
        await page.keyboard.press("Escape");
        await expect(overlay).toBeHidden();
      }
    });
  }
}
