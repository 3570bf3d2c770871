import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { BASE_URL, OWNER_SESSION, organizationIdOf } from "./helpers";

// The editor, the palette and the gallery: nothing here needs a VM.
test.use({ storageState: OWNER_SESSION });

/** Screenshots to be looked at: test-results is what a run leaves behind. */
const PICTURES = "test-results/pictures";

async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

async function home(page: Page): Promise<`org-${string}`> {
  await page.goto("/");
  await page.waitForURL(/\/o\/org-/);
  await expect(page.getByRole("button", { name: /^Search/ }).first()).toBeVisible();
  return organizationIdOf(page);
}

test.describe("user data", () => {
  test("is checked while it is typed, marked where it is wrong, and the keyboard gets out again", async ({ page }) => {
    const organization = await home(page);
    await page.goto(`/o/${organization}/instances/new`);
    const editor = page.getByRole("textbox", { name: "User data" });
    // Until it is loaded a plain field stands in its place.
    await expect(page.locator(".cm-editor")).toBeVisible();
    await editor.scrollIntoViewIfNeeded();
    await editor.click();
    await page.keyboard.type("#cloud-config\nruncmd: echo hello\npackges: [a]\n");
    const findings = page.getByRole("list", { name: "Findings" });
    await expect(findings).toContainText("`runcmd`");
    await expect(findings).toContainText("Did you mean `packages`?");
    await expect(page.locator(".cm-lintRange-error")).toHaveCount(1);
    await findings.getByRole("button", { name: /packges/ }).click();
    await expect(editor).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(editor, "Tab indents").toBeFocused();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await expect(editor, "Escape, then Tab leaves").not.toBeFocused();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test("begins with an example, and gives back what it replaced", async ({ page }) => {
    const organization = await home(page);
    await page.goto(`/o/${organization}/instances/new`);
    const editor = page.getByRole("textbox", { name: "User data" });
    await expect(page.locator(".cm-editor")).toBeVisible();
    await editor.click();
    await page.keyboard.type("my own");
    await page.getByRole("button", { name: "Examples" }).click();
    await page.getByRole("menuitem", { name: /Install packages/ }).click();
    await expect(editor).toContainText("package_update: true");
    await expect(page.getByText("No problems found.")).toBeVisible();
    await page.getByRole("button", { name: "Put it back" }).click();
    await expect(editor).toHaveText("my own");
  });
});

test.describe("the command palette", () => {
  test("opens by Ctrl-K, finds pages, things and actions, and goes there by keyboard alone", async ({ page }) => {
    await home(page);
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Command palette" });
    await expect(field).toBeFocused();
    await expect(page.getByRole("option", { name: /^Instances/ })).toBeVisible();
    await page.keyboard.type("firewall nothing");
    await expect(page.getByText(/Nothing in .* is called that/)).toBeVisible();
    await field.fill("tiny");
    await expect(page.getByRole("group", { name: "Images" }).getByRole("option").first()).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    await field.fill("security gr");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/security-groups$/);
    await expect(field).toBeHidden();
  });

  test("is opened by its button on a phone, too", async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await home(page);
    await page.getByRole("button", { name: "Search and commands" }).click();
    await page.getByRole("combobox", { name: "Command palette" }).fill("hosts");
    await page.getByRole("option", { name: /^Hosts/ }).click();
    await page.waitForURL(/\/hosts$/);
  });

  test("leaves what is typed alone, and its shortcuts are told and can be switched off", async ({ page }) => {
    const organization = await home(page);
    // A machine under load may take longer from key to key than a sequence is waited for.
    await expect(async () => {
      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await page.waitForURL(/\/hosts$/, { timeout: 5_000 });
    }).toPass();
    await page.keyboard.press("Shift+?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(help).toContainText("Create an instance");
    expect(await seriousFindings(page)).toEqual([]);
    await help.getByRole("switch", { name: /Shortcuts of a single key/ }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    expect(page.url()).toMatch(/\/hosts$/);
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Command palette" })).toBeFocused();
    await page.evaluate(() => localStorage.removeItem("indium-single-keys"));

    await page.goto(`/o/${organization}/instances/new`);
    const name = page.getByRole("textbox", { name: "Name", exact: true });
    await name.fill("");
    await name.pressSequentially("gicg");
    await page.keyboard.press("Control+k");
    await expect(name).toHaveValue("gicg");
    expect(page.url()).toMatch(/\/instances\/new$/);
  });
});

test.describe("the gallery", () => {
  for (const theme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1280, 860],
      [390, 844],
    ] as const) {
      test(`is readable in the ${theme} theme, ${width} wide`, async ({ page, context }) => {
        await context.addCookies([{ name: "indium-theme", value: theme, url: BASE_URL }]);
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ reducedMotion: "reduce" });
        await page.goto("/gallery");
        await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
        await expect(page.locator(".cm-editor")).toBeVisible();
        await expect(page.getByRole("region", { name: "Data" })).toBeVisible();
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `gallery-${theme}-${width}.png`), fullPage: true, animations: "disabled" });
        expect(await seriousFindings(page)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, "wider than the screen").toBeLessThanOrEqual(0);
        for (const name of ["Open dialog", "Open confirmation", "Open form dialog", "Open sheet", "Open command dialog", "Open menu"]) {
          await page.getByRole("button", { name, exact: true }).click();
          const overlay = page.getByRole(name === "Open menu" ? "menu" : /confirmation/.test(name) ? "alertdialog" : "dialog").first();
          await expect(overlay).toBeVisible();
          await page.screenshot({
            path: join(PICTURES, `gallery-${theme}-${width}-${name.replaceAll(" ", "-").toLowerCase()}.png`),
            animations: "disabled",
          });
          expect(await seriousFindings(page), name).toEqual([]);
          await page.keyboard.press("Escape");
          await expect(overlay).toBeHidden();
        }
      });
    }
  }
});
