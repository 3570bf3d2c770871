import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { twMerge } from "tailwind-merge";

const DEVICES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ["light", "dark"] as const;
const OVERLAY = "[role=dialog], [role=alertdialog], [role=menu]";
const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/**
 * Looks at what the page shows now, on a desk and on a phone, in both themes: a picture of each is kept in test-results/pictures, nothing
 * scrolls sideways on the phone, axe finds nothing in either theme, and no element has two classes for one thing. `whole`: the page to its end, beyond the window;
 * `within`: what of it axe looks at.
 */
export async function look(page: Page, name: string, { whole = true, within }: { whole?: boolean; within?: string } = {}): Promise<void> {
  await settled(page);
  const before = page.viewportSize();
  for (const [device, size] of Object.entries(DEVICES)) {
    await page.setViewportSize(size);
    // Charts and long lists measure themselves anew.
    await page.waitForTimeout(150);
    if (whole) await page.evaluate(() => window.scrollTo(0, 0));
    if (device === "phone") {
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(sideways, `${name} scrolls sideways on a phone, px`).toBeLessThanOrEqual(0);
    }
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({
        path: `test-results/pictures/${name}-${device}-${colorScheme}.png`,
        fullPage: whole,
        animations: "disabled",
      });
      // Each theme and each layout once.
      if ((device === "desktop") === (colorScheme === "dark"))
        expect.soft(await axeFindings(page, within), `${name}, ${device}, ${colorScheme}`).toEqual([]);
    }
  }
  expect.soft(await contradictions(page), `${name}: one of two classes has no effect, by chance (ui/cn.ts)`).toEqual([]);
  if (before !== null) await page.setViewportSize(before);
}

/** Lists of classes of which Tailwind Merge would leave some out. */
async function contradictions(page: Page): Promise<string[]> {
  const lists = await page.evaluate(() => [...document.querySelectorAll("[class]")].map((element) => element.getAttribute("class") ?? ""));
  return [...new Set(lists)].filter((list) => {
    const classes = new Set(list.split(/\s+/).filter(Boolean));
    return (
      twMerge(...classes)
        .split(" ")
        .filter(Boolean).length !== classes.size
    );
  });
}

/** The same for what covers the page: a dialog, a menu. The page beneath was looked at before. */
export const lookAtOverlay = (page: Page, name: string) => look(page, name, { whole: false, within: OVERLAY });

/** `within`: a selector of the parts that axe is to look at, instead of the whole page. */
export async function axeFindings(page: Page, within?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page }).withTags(RULES);
  const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" · ")}`);
}

/** No placeholder left: what is shown is what there is. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator(".animate-pulse:visible")).toHaveCount(0);
  await expect(page.getByRole("status", { name: /^(Loading|Checking|Looking up)/ })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
