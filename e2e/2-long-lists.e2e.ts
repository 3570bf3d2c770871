import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type ApiClient, anonymousClient, signIn } from "./api-client";
import { BASE_URL, OWNER, STATE_DIR } from "./helpers";

// Finding a few among many and acting on them at once, by keyboard alone, over a simulated host.
test.describe.configure({ mode: "serial" });

const run = Date.now().toString(36);
const name = (letter: string) => `list-${run}-${letter}`;
/** In the order of their names; the third is never started. */
const LETTERS = ["a", "b", "c", "d", "e"] as const;

let api: ApiClient;
let organizationId: `org-${string}`;
let host: ChildProcess | null = null;
let hostId: `h-${string}`;
let siteId: `site-${string}`;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  api = await signIn(BASE_URL, OWNER.email, OWNER.password).catch(setUp);
  organizationId = (await api.session.get.query()).organizations[0]?.id ?? "org-";
  ({ id: siteId } = await api.site.create.mutate({ organizationId, name: `Annex ${run}` }));
  const { command } = await api.enrolment.create.mutate({ organizationId, siteId });
  host = spawn(
    process.execPath,
    [join(import.meta.dirname, "../dist/agent/run/agent-simulated.js"), "run", "--count", "1", "--url", BASE_URL],
    {
      env: {
        PATH: process.env.PATH ?? "",
        INDIUM_AGENT_STATE_DIR: mkdtempSync(join(STATE_DIR, "lists-")),
        INDIUM_ENROL_TOKENS: /--token (\S+)/.exec(command)?.[1] ?? "",
        INDIUM_HOSTNAME: `annex-${run}`,
      },
      stdio: "ignore",
    },
  );
  const online = async () =>
    (await api.host.list.query({ organizationId })).find((each) => each.siteId === siteId && each.state === "online");
  await expect.poll(async () => (await online()) !== undefined, { timeout: 60_000 }).toBe(true);
  hostId = (await online())?.id ?? "h-";
  // Nothing is really fetched on a simulated host.
  const image = (await api.image.list.query({ organizationId })).find((each) => each.state === "ready");
  const size = (await api.size.list.query()).find((each) => each.memoryBytes >= (image?.minimumMemoryBytes ?? 0));
  for (const letter of LETTERS)
    await api.instance.create.mutate({
      organizationId,
      name: name(letter),
      imageId: image?.id ?? "img-",
      sizeId: size?.id ?? "size-",
      hostId,
      start: letter !== "c",
      tags: { env: letter === "a" || letter === "c" ? `prod-${run}` : `test-${run}` },
      requestKey: `${run}-list-${letter}`,
    });
  const running = async () => (await api.instance.list.query({ organizationId, hostId, state: "running" })).total;
  await expect.poll(running, { timeout: 120_000 }).toBe(4);
});

test.afterAll(async () => {
  for (const { id } of (await api.instance.list.query({ organizationId, hostId })).items)
    await api.instance.delete.mutate({ instanceId: id });
  await expect.poll(async () => (await api.instance.list.query({ organizationId, hostId })).total, { timeout: 60_000 }).toBe(0);
  host?.kill("SIGTERM");
  await api.host.remove.mutate({ hostId, force: true });
});

/** For a run of this file alone. */
async function setUp(): Promise<ApiClient> {
  await anonymousClient(BASE_URL).setup.complete.mutate({
    token: new URL(process.env.E2E_SETUP_URL ?? "").searchParams.get("token") ?? "",
    ...OWNER,
    organizationName: "Acme",
    siteName: "Home",
  });
  return signIn(BASE_URL, OWNER.email, OWNER.password);
}

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
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect.soft(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);

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
