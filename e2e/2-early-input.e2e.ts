import { expect, type Page, test } from "@playwright/test";
import { OWNER, OWNER_SESSION } from "./helpers";

// A page is seen before its scripts are there. What is typed and pressed until then counts.

/** Holds every script back until the returned function is called. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test("who signs in before the scripts are there is signed in, and no password gets into an address", async ({ page }) => {
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  const release = await holdScripts(page);
  await page.goto("/sign-in", { waitUntil: "commit" });
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  release();
  await page.waitForURL(/\/o\/org-/);
  expect(addresses.filter((address) => address.includes("password") || address.includes(encodeURIComponent(OWNER.email)))).toEqual([]);
});

test("without any script a form still does not put a password into an address", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}), javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill("secret words");
  await page.keyboard.press("Enter");
  await page.waitForLoadState();
  expect(page.url()).not.toContain("secret");
  await context.close();
});

test.describe("signed in", () => {
  test.use({ storageState: OWNER_SESSION });

  test("Ctrl-K, a button and a search of before count, too", async ({ page }) => {
    await page.goto("/");
    await page.waitForURL(/\/o\/org-/);
    const home = page.url();
    const release = await holdScripts(page);

    await page.goto(home, { waitUntil: "commit" });
    await expect(page.getByRole("button", { name: /^Search/ }).first()).toBeVisible();
    await page.keyboard.press("Control+k");
    release();
    await expect(page.getByRole("combobox", { name: "Command palette" })).toBeFocused();

    await page.unrouteAll();
    const releaseAgain = await holdScripts(page);
    await page.goto(`${home}/instances`, { waitUntil: "commit" });
    await page.getByRole("searchbox").fill("nothing-of-this-name");
    await page
      .getByRole("button", { name: /^Search/ })
      .first()
      .click();
    releaseAgain();
    await expect(page.getByRole("combobox", { name: "Command palette" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("searchbox")).toHaveValue("nothing-of-this-name");
    await page.waitForURL(/nothing-of-this-name/);
  });
});
