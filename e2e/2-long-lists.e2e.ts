import { expect, type Locator, type Page, test } from "@playwright/test";
import type { ApiClient } from "./api-client";
import { consoleConnected, OWNER } from "./helpers";
import { axeFindings } from "./look";
import { ownerClient } from "./owner";
import { type SimulatedHost, startSimulatedHost } from "./simulated-hosts";

// Finding a few among many and acting on them at once, by keyboard alone, over a simulated host.
test.describe.configure({ mode: "serial" });

const run = Date.now().toString(36);
const name = (letter: string) => `list-${run}-${letter}`;
/** In the order of their names; the third is never started. */
const LETTERS = ["a", "b", "c", "d", "e"] as const;

let api: ApiClient;
let organizationId: `org-${string}`;
let host: SimulatedHost;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  api = await ownerClient();
  organizationId = (await api.session.get.query()).organizations[0]?.id ?? "org-";
  const { id: siteId } = await api.site.create.mutate({ organizationId, name: `Annex ${run}` });
  host = await startSimulatedHost(api, { organizationId, siteId, hostname: `annex-${run}` });
  // Nothing is really fetched on a simulated host.
  const image = (await api.image.list.query({ organizationId })).find((each) => each.state === "ready");
  const size = (await api.size.list.query()).find((each) => each.memoryBytes >= (image?.minimumMemoryBytes ?? 0));
  for (const letter of LETTERS)
    await api.instance.create.mutate({
      organizationId,
      name: name(letter),
      imageId: image?.id ?? "img-",
      sizeId: size?.id ?? "size-",
      hostId: host.id,
      start: letter !== "c",
      tags: { env: letter === "a" || letter === "c" ? `prod-${run}` : `test-${run}` },
      requestKey: `${run}-list-${letter}`,
    });
  const running = async () => (await api.instance.list.query({ organizationId, hostId: host.id, state: "running" })).total;
  await expect.poll(running, { timeout: 120_000 }).toBe(4);
});

test.afterAll(async () => {
  for (const { id } of (await api.instance.list.query({ organizationId, hostId: host.id })).items)
    await api.instance.delete.mutate({ instanceId: id });
  await expect.poll(async () => (await api.instance.list.query({ organizationId, hostId: host.id })).total, { timeout: 60_000 }).toBe(0);
  host.process.kill("SIGTERM");
  await api.host.remove.mutate({ hostId: host.id, force: true });
});

const shown = (page: Page) => page.getByRole("table", { name: "Instances" }).getByRole("link", { name: new RegExp(`^list-${run}`) });

test("by keyboard alone: narrow a list down, sort it, come back to it, and stop what may be stopped", async ({ page }) => {
  const press = (...keys: string[]) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await press("Enter");
  await page.waitForURL(/\/o\/org-/);
  await page.goto(`/o/${organizationId}/instances`);
  await expect(shown(page)).toHaveCount(5);

  // "/" searches, and the address bar follows.
  await press("/");
  await expect(page.getByRole("searchbox", { name: "Search instances" })).toBeFocused();
  await page.keyboard.type(`list-${run}`);
  await expect(page).toHaveURL(new RegExp(`q=list-${run}`));
  await expect(page.getByRole("status").filter({ hasText: "5 instances" })).toBeVisible();

  // By tag, then by state.
  const tag = page.getByRole("combobox", { name: "Filter by tag" });
  await tag.focus();
  await tag.selectOption({ label: `env: prod-${run} (2)` });
  await expect(shown(page)).toHaveText([name("c"), name("a")]);
  const state = page.getByRole("combobox", { name: "Filter by state" });
  await state.focus();
  await state.selectOption("Stopped");
  await expect(shown(page)).toHaveText([name("c")]);

  // Back undoes the last filter; reload keeps what is left.
  await page.goBack();
  await expect(shown(page)).toHaveText([name("c"), name("a")]);
  await expect(state).toHaveValue("");
  await page.goForward();
  await expect(shown(page)).toHaveText([name("c")]);
  await page.goBack();
  const byName = page.getByRole("columnheader", { name: "Name" });
  await byName.getByRole("button").focus();
  await press("Enter");
  await expect(byName).toHaveAttribute("aria-sort", "ascending");
  await expect(shown(page)).toHaveText([name("a"), name("c")]);
  await page.reload();
  await expect(byName).toHaveAttribute("aria-sort", "ascending");
  await expect(shown(page)).toHaveText([name("a"), name("c")]);
  await expect(page.getByRole("searchbox")).toHaveValue(`list-${run}`);
  await expect(tag).toHaveValue(`env=prod-${run}`);

  // All five again: the first, and with Shift everything to the last.
  await tag.focus();
  await tag.selectOption("");
  await expect(shown(page)).toHaveText(LETTERS.map(name));
  await page.getByRole("checkbox", { name: `Select ${name("a")}` }).focus();
  await press("Space");
  await page.getByRole("checkbox", { name: `Select ${name("e")}` }).focus();
  await press("Shift+Space");
  const bar = page.getByRole("region", { name: "Selected instances" });
  await expect(bar).toContainText("5 selected");
  expect.soft(await axeFindings(page)).toEqual([]);

  await bar.getByRole("button", { name: "Stop 4 instances" }).focus();
  await press("Enter");
  const question = page.getByRole("alertdialog");
  await expect(question).toContainText("Stop 4 instances?");
  const alone = question.getByRole("region", { name: "Left alone" });
  await expect(alone).toContainText("1 instance left alone");
  await expect(alone).toContainText(`${name("c")}: The instance is already stopped.`);
  await question.getByRole("button", { name: "Stop 4 instances" }).focus();
  await press("Enter");

  const results = page.getByRole("dialog");
  await expect(results.getByRole("status")).toHaveText("4 of 4 stopped", { timeout: 120_000 });
  await expect(results.getByRole("list", { name: "Results" }).getByRole("listitem")).toHaveCount(4);
  await expect(results.getByRole("region", { name: "Left alone" })).toContainText(name("c"));
  await press("Escape");
  await expect(bar).toHaveCount(0);
  // The list beneath was told, and stands where it stood.
  await expect(page.locator("[data-instance-state=stopped]")).toHaveCount(5);
  await expect(shown(page)).toHaveText(LETTERS.map(name));
});

test("a search that finds nothing says so, and one press clears it", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/o\/org-/);
  await page.goto(`/o/${organizationId}/instances?q=no-such-${run}&tag=nonsense`);
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await expect(page).toHaveURL(/\/instances$/);
  await expect(shown(page)).toHaveCount(5);

  await page.goto(`/o/${organizationId}/operations?q=list-${run}`);
  const operations = page.getByRole("table", { name: "Operations" });
  await expect(operations.getByRole("row")).toHaveCount(1 + 5 + 4);
  await page.getByRole("combobox", { name: "Filter by state" }).selectOption("Under way");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await page.goto(`/o/${organizationId}/hosts?q=annex%20${run}`);
  await expect(page.getByRole("table", { name: "Hosts" }).getByRole("row")).toHaveCount(2);
});

/** Goes there as one does without a mouse, and so shows that one can: nothing is focused by the test. */
async function tabTo(page: Page, target: Locator, presses = 120): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < presses; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target, `reached within ${presses} presses of Tab`).toBeFocused({ timeout: 1_000 });
}

test("by keyboard alone, with less motion: create an instance, walk its tabs, menu and console, and delete it", async ({ page }) => {
  test.setTimeout(240_000);
  const made = `list-${run}-keys`;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/sign-in");
  await expect(page.getByLabel("E-mail"), "the first field has the focus").toBeFocused();
  await page.keyboard.type(OWNER.email);
  await tabTo(page, page.getByRole("textbox", { name: "Password" }));
  await page.keyboard.type(OWNER.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/o\/org-/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();

  await expect(async () => {
    await page.keyboard.press("c");
    await page.waitForURL(/\/instances\/new$/, { timeout: 5_000 });
  }).toPass();
  await tabTo(page, page.getByRole("radiogroup", { name: "Image" }).getByRole("radio", { checked: true }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await tabTo(page, page.getByRole("textbox", { name: "Password of the new instance" }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type("a long password");
  await tabTo(page, page.getByRole("textbox", { name: "Name", exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type(made);
  const where = page.getByRole("combobox", { name: "Host", exact: true });
  await tabTo(page, where);
  await page.keyboard.type(host.name);
  await expect(where.locator("option:checked")).toContainText(host.name);
  // The editor of the user data keeps Tab; Escape gives it back.
  const create = page.getByRole("button", { name: "Create instance" });
  const editor = page.getByRole("textbox", { name: "User data" });
  await tabTo(page, editor);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await tabTo(page, create);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/instances\/i-[0-9a-f]+/);
  await expect(page.getByRole("heading", { name: made })).toBeVisible();
  await expect(page.locator("[data-instance-state=running]").first()).toBeVisible({ timeout: 60_000 });

  // The console keeps every key but the one that leads out of it, which it tells.
  await consoleConnected(page);
  const screen = page.getByRole("application", { name: `Screen of ${made}` }).locator("canvas");
  const type = page.getByRole("button", { name: "Type into the VM" });
  await tabTo(page, type);
  await page.keyboard.press("Enter");
  await expect(screen).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(screen, "Tab goes to the guest").toBeFocused();
  await expect(page.getByText("Ctrl Alt Enter gives it back")).toBeVisible();
  await page.keyboard.press("Control+Alt+Enter");
  await expect(type).toBeFocused();

  const tab = (label: string) => page.getByRole("tab", { name: label, exact: true });
  for (let n = 0; n < 20 && !(await tab("Overview").evaluate((element) => element === document.activeElement)); n += 1)
    await page.keyboard.press("Shift+Tab");
  await expect(tab("Overview")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(tab("Console")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("End");
  await expect(tab("Danger")).toHaveAttribute("aria-selected", "true");
  await expect(page).toHaveURL(/tab=danger/);

  // A menu opens at its first item, says why not, and gives the focus back.
  const menuButton = page.getByRole("button", { name: `Actions for ${made}` });
  await page.keyboard.press("Shift+Tab");
  await expect(menuButton).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Open console" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Start" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(menuButton).toBeFocused();

  const remove = page.getByRole("tabpanel").getByRole("button", { name: "Delete instance" });
  await tabTo(page, remove);
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog");
  await expect(question).toBeVisible();
  // Whoever asked for less motion sees none: what moves has moved within a frame.
  const moving = await page.evaluate(
    () => document.getAnimations().filter((each) => Number(each.effect?.getComputedTiming().activeDuration) > 1).length,
  );
  expect(moving, "animations for one who asked for less motion").toBe(0);
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(remove, "the focus is back where the question was asked").toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, question.getByRole("textbox"), 10);
  await page.keyboard.type(made);
  await tabTo(page, question.getByRole("button", { name: "Delete instance" }), 10);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`${made} is deleted`)).toBeVisible({ timeout: 60_000 });
});
