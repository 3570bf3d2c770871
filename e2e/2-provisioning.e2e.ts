import { expect, type Page, test } from "@playwright/test";
import { OWNER_SESSION, organizationIdOf } from "./helpers";
import { axeFindings } from "./look";

// The editor and the palette: nothing here needs a VM.
test.use({ storageState: OWNER_SESSION });

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
    expect(await axeFindings(page)).toEqual([]);
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
    expect(await axeFindings(page)).toEqual([]);
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
    expect(await axeFindings(page)).toEqual([]);
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
