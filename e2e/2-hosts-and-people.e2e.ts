import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type ApiClient, signIn } from "./api-client";
import { BASE_URL, OWNER, OWNER_SESSION, STATE_DIR } from "./helpers";
import { look, lookAtOverlay } from "./look";

// One installation, several people: what each sees, may do, and is told.
test.describe.configure({ mode: "serial" });

const run = Date.now().toString(36);
let api: ApiClient;
let acme: `org-${string}`;
let secret: { instanceId: `i-${string}`; name: string };
let simulated: ChildProcess | null = null;

test.beforeAll(async () => {
  api = await signIn(BASE_URL, OWNER.email, OWNER.password);
  const session = await api.session.get.query();
  acme = session.organizations.find(({ name }) => name === "Acme")?.id ?? "org-";
  const images = await api.image.list.query({ organizationId: acme });
  const sizes = await api.size.list.query();
  const name = `secret-${run}`;
  const { instanceId } = await api.instance.create.mutate({
    organizationId: acme,
    name,
    imageId: images.find(({ operatingSystem }) => operatingSystem === "tiny")?.id ?? "img-",
    sizeId: sizes[0]?.id ?? "size-",
    start: false,
    requestKey: `e2e-${run}`,
  });
  secret = { instanceId, name };
});

test.afterAll(async () => {
  simulated?.kill("SIGTERM");
  await api.instance.delete.mutate({ instanceId: secret.instanceId });
  await expect.poll(async () => (await api.instance.list.query({ organizationId: acme, search: secret.name })).total).toBe(0);
});

async function joinBy(browser: Browser, organizationId: `org-${string}`, role: "owner" | "viewer", email: string): Promise<Page> {
  const { link } = await api.invitation.create.mutate({ organizationId, role });
  // A context takes over the session of the tests around it.
  const stranger = { baseURL: BASE_URL, viewport: { width: 1280, height: 860 }, storageState: { cookies: [], origins: [] } };
  const page = await (await browser.newContext(stranger)).newPage();
  await page.goto(link);
  await page.getByLabel("Name", { exact: true }).fill(`New ${role}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill("another long password");
  await page
    .locator("form")
    .getByRole("button", { name: /join|accept|create/i })
    .click();
  await page.waitForURL(/\/o\/org-/);
  return page;
}

test.describe("the owner", () => {
  test.use({ storageState: OWNER_SESSION });

  test("adds a host with one command and sees it come online without a reload", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Hosts" }).click();
    await page.getByRole("link", { name: "Add host" }).first().click();
    await page.getByRole("button", { name: "Make the command" }).click();
    const command = page.getByText(/curl .*install\.sh.*--token/);
    await expect(command).toBeVisible();
    const token = /--token (\S+)/.exec((await command.textContent()) ?? "")?.[1] ?? "";
    expect(token).toMatch(/^indium-enrol-/);
    const stateDir = mkdtempSync(join(STATE_DIR, "simulated-"));
    const start = () =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, "../dist/agent/run/agent-simulated.js"), "run", "--count", "1", "--url", BASE_URL],
        {
          env: { PATH: process.env.PATH ?? "", INDIUM_AGENT_STATE_DIR: stateDir, INDIUM_ENROL_TOKENS: token, INDIUM_HOSTNAME: "lab" },
          stdio: "ignore",
        },
      );
    simulated = start();
    await expect(page.getByText(/ is online$/)).toBeVisible({ timeout: 60_000 });
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Hosts" }).click();
    await expect(page.getByText("simulated", { exact: true }).first()).toBeVisible();
  });

  test("lets two hosts reach each other, which a viewer sees and cannot change, and cuts them off again", async ({ page, browser }) => {
    const hosts = await api.host.list.query({ organizationId: acme });
    const lab = hosts.find((each) => each.simulated && each.state === "online");
    const own = hosts.find((each) => each.id !== lab?.id);
    if (!lab || !own) throw new Error("the simulated host of the journey before, or another one, is missing");
    const pairOn = (at: Page, name: string) => at.getByRole("table", { name: "Paired hosts" }).getByRole("row", { name });
    await page.goto(`/o/${acme}/hosts/${lab.id}`);
    await expect(page.getByText("This host may reach no other.")).toBeVisible();
    await page.getByRole("button", { name: "Allow a host…" }).click();
    const allowing = page.getByRole("dialog", { name: `Let ${lab.name} reach another host` });
    await allowing.getByLabel("Other host").selectOption({ label: own.name });
    await lookAtOverlay(page, "pair-allow");
    await allowing.getByRole("button", { name: "Allow", exact: true }).click();
    await expect(pairOn(page, own.name)).toContainText("on the WireGuard overlay");
    await look(page, "host-pairs");

    const viewer = await joinBy(browser, acme, "viewer", `pairs-${run}@example.org`);
    await viewer.goto(`/o/${acme}/hosts/${own.id}`);
    await expect(pairOn(viewer, lab.name)).toBeVisible();
    for (const name of ["Allow a host…", `Revoke the pair with ${lab.name}`])
      await expect(viewer.getByRole("button", { name })).toHaveAttribute("aria-disabled", "true");

    await page.getByRole("button", { name: `Revoke the pair with ${own.name}` }).click();
    const revoking = page.getByRole("alertdialog", { name: `Cut ${lab.name} off from ${own.name}?` });
    await expect(revoking).toContainText("neither directly nor through the relay");
    await lookAtOverlay(page, "pair-revoke");
    await revoking.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(page.getByText("This host may reach no other.")).toBeVisible();
    // Whoever looks at the other host sees it without a reload.
    await expect(viewer.getByText("This host may reach no other.")).toBeVisible();
    await viewer.context().close();
    await page.goto(`/o/${acme}/audit`);
    await expect(
      page
        .getByText(/no longer lets another host reach/)
        .filter({ visible: true })
        .first(),
    ).toBeVisible();
  });

  test("sees a host that went away as unreachable, and takes it out", async ({ page }) => {
    const host = (await api.host.list.query({ organizationId: acme })).find((each) => each.simulated && each.state === "online");
    if (!host) throw new Error("the simulated host of the journey before is missing");
    await page.goto(`/o/${acme}/hosts/${host.id}`);
    await expect(page.getByText("Online", { exact: true }).first()).toBeVisible();
    simulated?.kill("SIGKILL");
    await expect(page.getByText("Unreachable", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    await page
      .getByRole("button", { name: /remove/i })
      .first()
      .click();
    const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
    const typed = dialog.getByRole("textbox");
    if (await typed.count()) await typed.fill(host.name);
    await dialog.getByRole("button", { name: /remove/i }).click();
    await expect.poll(async () => (await api.host.list.query({ organizationId: acme })).some((each) => each.id === host.id)).toBe(false);
  });

  test("reads everything in German when asked, also on a phone, and in English again", async ({ page }) => {
    await page.goto(`/o/${acme}/instances`);
    await page.getByRole("button", { name: `Account of ${OWNER.name}` }).click();
    await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await page.keyboard.press("Escape");
    const menu = page.getByRole("navigation", { name: "Hauptmenü" });
    await expect(menu.getByRole("link", { name: "Übersicht" })).toBeVisible();
    await menu.getByRole("link", { name: "Einstellungen" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Einstellungen" })).toBeVisible();
    await expect(page).toHaveTitle("Organisation · Einstellungen · Indium");
    for (const path of ["/instances", `/instances/${secret.instanceId}`, "/hosts", "/settings/members", "/audit"]) {
      await page.goto(`/o/${acme}${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await look(page, `german${path.replace(secret.instanceId, "instance").replaceAll("/", "-")}`);
    }
    await page.getByRole("button", { name: `Konto von ${OWNER.name}` }).click();
    await page.getByRole("menuitemradio", { name: "English" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { level: 1, name: "Audit" })).toBeVisible();
  });
});

test("somebody whose browser asks for German signs in, is told what is wrong in German, and may choose English", async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: BASE_URL, locale: "de-DE" })).newPage();
  await page.goto("/sign-in");
  await expect(page).toHaveTitle("Anmelden · Indium");
  await page.getByRole("button", { name: "Anmelden" }).click();
  await expect(page.getByText("Bitte das Passwort angeben.")).toBeVisible();
  await page.getByLabel("E-Mail").fill(OWNER.email);
  await page.getByRole("group", { name: "Sprache" }).getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(OWNER.email);
  await page.context().close();
});

test("a second organization sees none of the first", async ({ browser }) => {
  const { organizationId } = await api.organization.create.mutate({ name: `Other ${run}` });
  const email = `other-${run}@example.org`;
  const page = await joinBy(browser, organizationId, "owner", email);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Instances" }).click();
  await expect(page.getByText(secret.name)).toHaveCount(0);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Hosts" }).click();
  await expect(page.getByText("this machine")).toHaveCount(0);
  await page.goto(`/o/${acme}/instances/${secret.instanceId}`);
  await expect(page.getByText(/not found|does not exist|cannot be found|no such/i).first()).toBeVisible();
  await expect(page.getByText(secret.name)).toHaveCount(0);
  const other = await signIn(BASE_URL, email, "another long password");
  for (const attempt of [
    () => other.instance.get.query({ instanceId: secret.instanceId }),
    () => other.instance.start.mutate({ instanceId: secret.instanceId }),
    () => other.instance.openConsole.mutate({ instanceId: secret.instanceId, kind: "vnc" }),
    () => other.host.list.query({ organizationId: acme }),
  ])
    await expect(attempt()).rejects.toMatchObject({ data: { app: { code: "not_found" } } });
  await page.context().close();
});

test("a viewer sees everything, changes nothing, and is told why", async ({ browser }) => {
  const page = await joinBy(browser, acme, "viewer", `viewer-${run}@example.org`);
  await page.goto(`/o/${acme}/instances/${secret.instanceId}`);
  await expect(page.getByRole("heading", { name: secret.name })).toBeVisible();
  const start = page.getByRole("button", { name: "Start", exact: true });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await start.hover();
  await expect(page.getByRole("tooltip")).toContainText(/viewer|role/i);
  const viewer = await signIn(BASE_URL, `viewer-${run}@example.org`, "another long password");
  await expect(viewer.instance.start.mutate({ instanceId: secret.instanceId })).rejects.toMatchObject({
    data: { app: { code: "forbidden" } },
  });
  await page.context().close();
});
