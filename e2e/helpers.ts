import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";

export const OWNER = { name: "Lea Owner", email: "lea@example.org", password: "correct horse battery staple" };
export const STATE_DIR = process.env.E2E_STATE_DIR ?? "";
export const BASE_URL = process.env.E2E_BASE_URL ?? "";
/** Where the owner's session is kept between the journeys. */
export const OWNER_SESSION = join(STATE_DIR, "e2e-owner.json");

export const organizationIdOf = (page: Page): `org-${string}` => {
  const id = /\/o\/(org-[0-9a-f]+)/.exec(page.url())?.[1];
  if (!id) throw new Error(`no organization in ${page.url()}`);
  return id as `org-${string}`;
};

export const instanceIdOf = (page: Page): string => {
  const id = /\/instances\/(i-[0-9a-f]+)/.exec(page.url())?.[1];
  if (!id) throw new Error(`no instance in ${page.url()}`);
  return id;
};

/** The guest's own words on its serial port, as the host keeps them. */
export function serialLog(instanceId: string): string {
  try {
    return readFileSync(join(STATE_DIR, "agent/vms", instanceId, "serial.log"), "latin1");
  } catch {
    return "";
  }
}

export async function consoleConnected(page: Page, timeoutMs = 60_000): Promise<void> {
  await expect(page.locator("[data-console-state]").first()).toHaveAttribute("data-console-state", "connected", { timeout: timeoutMs });
}

/** The live screen; beside it the page keeps the last frame of a lost connection. */
const canvasOf = (page: Page) => page.getByRole("application", { name: /^Screen of/ }).locator("canvas");

const US_SHIFTED: Readonly<Record<string, string>> = {
  $: "Digit4",
  "(": "Digit9",
  ")": "Digit0",
  "*": "Digit8",
  ">": "Period",
  ":": "Semicolon",
  _: "Minus",
  "|": "Backslash",
  S: "KeyS",
};

/** Types into the VM through the browser's console, slowly enough for an emulated guest. */
export async function typeIntoConsole(page: Page, text: string): Promise<void> {
  await canvasOf(page).click();
  for (const character of text) {
    // A person holds Shift; Playwright's type() only claims the character, and the VM is sent keys, not characters.
    const shifted = US_SHIFTED[character];
    await page.keyboard.press(shifted ? `Shift+${shifted}` : character, { delay: 30 });
    await page.waitForTimeout(30);
  }
  await page.keyboard.press("Enter");
}

/** The console's pixels, to see that a screen changed. */
export async function screenOf(page: Page): Promise<string> {
  return canvasOf(page).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}

export async function createInstance(
  page: Page,
  options: { image: string | RegExp; size: RegExp; name: string; password: string },
): Promise<string> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Instances" }).click();
  await page.getByRole("link", { name: "Create instance" }).first().click();
  await page.getByRole("radio", { name: options.image }).click();
  await page.getByRole("radio", { name: options.size }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(options.name);
  await page.getByRole("textbox", { name: "Password of the new instance" }).fill(options.password);
  await page.getByRole("button", { name: "Create instance" }).click();
  await page.waitForURL(/\/instances\/i-[0-9a-f]+/);
  await expect(page.getByRole("heading", { name: options.name })).toBeVisible();
  return instanceIdOf(page);
}

/** A tab of the instance's page. */
export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name, exact: true }).click();
}

export async function deleteInstance(page: Page, name: string): Promise<void> {
  await openTab(page, "Danger");
  await page.getByRole("button", { name: "Delete instance" }).first().click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  await expect(dialog).toContainText(name);
  const typed = dialog.getByRole("textbox");
  if (await typed.count()) await typed.fill(name);
  await dialog.getByRole("button", { name: "Delete instance" }).click();
  await expect(page.getByText(`${name} is deleted`)).toBeVisible({ timeout: 60_000 });
}

export const timelineStep = (page: Page, step: string) => page.getByRole("list", { name: "Timeline" }).locator(`[data-step="${step}"]`);

/** The page is told by the host; nobody reloads. */
export async function stepDone(page: Page, step: string, timeoutMs: number): Promise<void> {
  await expect(timelineStep(page, step)).toHaveAttribute("data-step-state", "succeeded", { timeout: timeoutMs });
}

/** What a page looks like in both themes, on a desk and on a phone, kept to be looked at and for the README. */
export async function pictures(page: Page, name: string): Promise<void> {
  const desk = page.viewportSize();
  for (const [device, size] of [
    ["phone", { width: 390, height: 844 }],
    ["desktop", { width: 1280, height: 860 }],
  ] as const) {
    await page.setViewportSize(size);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.waitForTimeout(500);
      await page.screenshot({ path: `test-results/pictures/${name}-${device}-${colorScheme}.png` });
    }
  }
  if (desk !== null) await page.setViewportSize(desk);
}
