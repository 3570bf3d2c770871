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

/** Types into the VM through the browser's console, slowly enough for an emulated guest. */
export async function typeIntoConsole(page: Page, text: string): Promise<void> {
  await page.getByTestId("console-screen").locator("canvas").click();
  await page.keyboard.type(text, { delay: 60 });
  await page.keyboard.press("Enter");
}

/** The console's pixels, to see that a screen changed. */
export async function screenOf(page: Page): Promise<string> {
  return page
    .getByTestId("console-screen")
    .locator("canvas")
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}

export async function createInstance(
  page: Page,
  options: { image: string | RegExp; size: RegExp; name: string; password: string },
): Promise<string> {
  await page.getByRole("navigation").getByRole("link", { name: "Instances" }).click();
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

export async function deleteInstance(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Delete instance" }).first().click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  await expect(dialog).toContainText(name);
  const typed = dialog.getByRole("textbox");
  if (await typed.count()) await typed.fill(name);
  await dialog.getByRole("button", { name: "Delete instance" }).click();
}

export const timelineStep = (page: Page, label: RegExp) =>
  page.getByRole("list", { name: "Timeline" }).getByRole("listitem").filter({ hasText: label });
