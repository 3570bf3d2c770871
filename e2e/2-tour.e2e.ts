import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import type { ApiClient } from "./api-client";
import { BASE_URL, consoleConnected, OWNER, STATE_DIR } from "./helpers";
import { look, lookAtOverlay } from "./look";
import { keepOwnerSession, ownerClient } from "./owner";
import { type SimulatedHost, startSimulatedHost } from "./simulated-hosts";

// Every page, and what opens over it, looked at in both themes on a desk and on a phone; over simulated hosts, one of which went away.
// Many pages in a test: a busy machine takes minutes.
test.describe.configure({ timeout: 600_000 });
const SESSION = join(STATE_DIR, "e2e-tour.json");
test.use({ storageState: SESSION });

const run = Date.now().toString(36);
const GIB = 1024 ** 3;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBJ8k3mWkI1p9yqJbX0jv3n2o5wqkU6w9cXo1r4t7y2z lea@workshop";

let api: ApiClient;
let org: `org-${string}`;
let empty: `org-${string}`;
const hosts: SimulatedHost[] = [];
const ids: Record<string, `i-${string}`> = {};
let group: string;
let shareLink: string;
let invitation: string;

const stateOf = async (name: string) => (await api.instance.get.query({ instanceId: ids[name] ?? "i-" })).state;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000);
  api = await ownerClient();
  ({ organizationId: org } = await api.organization.create.mutate({ name: `Northwind ${run}`, siteName: "Main site" }));
  ({ organizationId: empty } = await api.organization.create.mutate({ name: `Nothing yet ${run}` }));
  const [cellar] = await api.site.list.query({ organizationId: org });
  const van = await api.site.create.mutate({ organizationId: org, name: "Office by the harbour" });
  hosts.push(await startSimulatedHost(api, { organizationId: org, siteId: cellar?.id ?? "site-", hostname: "cellar" }));
  hosts.push(await startSimulatedHost(api, { organizationId: org, siteId: van.id, hostname: "harbour" }));

  const ready = async () => (await api.image.list.query({ organizationId: org })).filter(({ state }) => state === "ready");
  await expect.poll(async () => (await ready()).length, { timeout: 120_000 }).toBeGreaterThan(0);
  const images = await ready();
  const image = images.find(({ operatingSystem }) => operatingSystem === "debian") ?? images[0];
  const size = (await api.size.list.query()).find(({ memoryBytes }) => memoryBytes >= (image?.minimumMemoryBytes ?? 0));
  const create = async (name: string, more: { host?: number; start?: boolean; tags?: Record<string, string> } = {}) => {
    const { instanceId } = await api.instance.create.mutate({
      organizationId: org,
      name,
      imageId: image?.id ?? "img-",
      sizeId: size?.id ?? "size-",
      diskBytes: 20 * GIB,
      hostId: hosts[more.host ?? 0]?.id ?? "h-",
      start: more.start ?? true,
      tags: more.tags ?? {},
      password: "a long password",
      userData: "#cloud-config\npackages: [nginx]\n",
      requestKey: `tour-${run}-${name}`,
    });
    ids[name] = instanceId;
  };
  await create("mail-1", { host: 1 });
  await create("web-1", { tags: { team: "shop", env: "production" } });
  await create("failing-import", { tags: { team: "shop" } });
  await create("build-runner-of-the-quarterly-reports", { start: false });
  await create("db-1", { tags: { env: "production", backup: "nightly" } });

  await api.sshKey.create.mutate({ organizationId: org, publicKey: KEY });
  const open = { direction: "in", protocol: "tcp", cidr: "0.0.0.0/0" } as const;
  ({ id: group } = await api.securityGroup.create.mutate({
    organizationId: org,
    name: "Web servers",
    description: "HTTP and HTTPS from everywhere, SSH from the office.",
    rules: [
      { ...open, fromPort: 80, toPort: 80 },
      { ...open, fromPort: 443, toPort: 443 },
      { ...open, cidr: "192.168.10.0/24", fromPort: 22, toPort: 22, description: "The office" },
      { direction: "out", protocol: "any", cidr: "0.0.0.0/0" },
    ],
  }));
  await api.network.create.mutate({ hostId: hosts[0]?.id ?? "h-", name: "Back office", kind: "isolated", ipv4Cidr: "10.77.0.0/24" });
  await api.image.create.mutate({ organizationId: org, name: "Our golden image", url: "https://127.0.0.1:9/golden.qcow2" }).catch(() => {});
  ({ link: invitation } = await api.invitation.create.mutate({ organizationId: org, role: "viewer", email: "ben@example.org" }));
  await expect.poll(() => stateOf("mail-1"), { timeout: 60_000 }).toBe("running");
  hosts[1]?.process.kill("SIGKILL");

  await keepOwnerSession(browser, SESSION);
  await expect.poll(() => stateOf("web-1"), { timeout: 60_000 }).toBe("running");
  ({ link: shareLink } = await api.console.createShare.mutate({
    instanceId: ids["web-1"] ?? "i-",
    label: "For the supplier",
    minutes: 60,
  }));
});

// A word that was not brought along is said there (lib/i18n/words.tsx), and where browser and server do not write the same.
test.beforeEach(({ page }) => {
  page.on("console", (message) => {
    if (message.type() === "error" && /MISSING_MESSAGE|FORMATTING_ERROR|Minified React error/.test(message.text()))
      expect.soft(message.text(), page.url()).toBe("");
  });
});

test.afterAll(async () => {
  for (const host of hosts) host.process.kill("SIGTERM");
  for (const host of hosts) await api.host.remove.mutate({ hostId: host.id, force: true });
});

async function open(page: Page, path: string, organization = org): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(`/o/${organization}${path}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

const main = (page: Page) => page.getByRole("main");

/** Opens a dialog by its button, looks, and closes it as one does by keyboard. */
async function dialog(page: Page, button: string | RegExp, name: string): Promise<void> {
  await main(page).getByRole("button", { name: button }).first().click();
  const opened = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  await expect(opened).toBeVisible();
  await lookAtOverlay(page, name);
  await page.keyboard.press("Escape");
  await expect(opened).toBeHidden();
}

test("what is seen without an account", async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: BASE_URL, storageState: { cookies: [], origins: [] } })).newPage();
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await look(page, "sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill("not this one");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: /./ }).first()).toBeVisible();
  await look(page, "sign-in-refused");
  await page.goto(invitation);
  await expect(page.getByRole("button", { name: "Create account and join" })).toBeVisible();
  await look(page, "invitation");
  await page.goto(`${BASE_URL}/invite/nonsense`);
  await expect(page.getByRole("heading", { name: /does not work/ })).toBeVisible();
  await look(page, "invitation-void");
  await page.goto(shareLink);
  await consoleConnected(page);
  await look(page, "share");
  await page.context().close();
});

test("the lists", async ({ page }) => {
  await expect
    .poll(async () => (await api.host.get.query({ hostId: hosts[1]?.id ?? "h-" })).state, { timeout: 60_000 })
    .toBe("unreachable");
  await open(page, "");
  await expect(page.getByRole("heading", { name: /attention/i })).toBeVisible();
  await look(page, "overview");
  await open(page, "/instances");
  await expect(page.getByRole("link", { name: "web-1" })).toBeVisible();
  await look(page, "instances");
  await page.getByRole("checkbox", { name: "Select web-1" }).click();
  await page.getByRole("checkbox", { name: "Select db-1" }).click();
  await look(page, "instances-selected");
  await page.getByRole("region", { name: "Selected instances" }).getByRole("button", { name: /^Stop/ }).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await lookAtOverlay(page, "instances-stop-question");
  await open(page, "/instances?q=nowhere");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await look(page, "instances-nothing-matches");
  for (const list of ["hosts", "images", "networks", "security-groups", "ssh-keys", "sizes", "operations", "audit"]) {
    await open(page, `/${list}`);
    await look(page, list);
  }
});

test("what is made by a form", async ({ page }) => {
  await open(page, "/instances/new");
  await expect(page.locator(".cm-editor")).toBeVisible();
  await look(page, "instance-new");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Not a Name");
  await page.keyboard.press("Control+Enter");
  await look(page, "instance-new-refused");
  await open(page, "/hosts/new");
  await page.getByRole("button", { name: "Make the command" }).click();
  await expect(page.getByText(/curl .*install\.sh/)).toBeVisible();
  await look(page, "host-new");
  for (const [path, button, name] of [
    ["/images", "Add image", "image-add"],
    ["/networks", "Create network", "network-create"],
    ["/security-groups", "Create security group", "security-group-create"],
    ["/ssh-keys", "Add SSH key", "ssh-key-add"],
    ["/sizes", "Add size", "size-add"],
    ["/settings/members", "Invite", "member-invite"],
    ["/settings/sites", "New site", "site-new"],
    ["/settings/installation", "New organization", "organization-new"],
  ] as const) {
    await open(page, path);
    await dialog(page, button, name);
  }
});

test("an instance, tab by tab", async ({ page }) => {
  for (const tab of ["overview", "console", "serial", "timeline", "metrics", "networking", "disks", "settings", "danger"]) {
    await open(page, `/instances/${ids["web-1"]}?tab=${tab}`);
    if (tab === "overview" || tab === "console") await consoleConnected(page);
    await look(page, `instance-${tab}`);
    if (tab === "settings") {
      await dialog(page, "Edit", "instance-edit");
      await dialog(page, "Replace…", "instance-secrets");
    }
    if (tab === "networking") await dialog(page, /^Change security groups/, "instance-groups");
    if (tab === "danger") {
      await dialog(page, "Rebuild…", "instance-rebuild");
      await dialog(page, "Delete instance", "instance-delete");
    }
  }
  await open(page, `/instances/${ids["failing-import"]}?tab=timeline`);
  await expect(page.getByText(/scripts-user/).first()).toBeVisible({ timeout: 60_000 });
  await look(page, "instance-failed");
  await open(page, `/instances/${ids["mail-1"]}`);
  await look(page, "instance-unknown");
  await open(page, `/instances/${ids["build-runner-of-the-quarterly-reports"]}`);
  await look(page, "instance-stopped");
  await open(page, `/instances/${ids["build-runner-of-the-quarterly-reports"]}?tab=settings`);
  await dialog(page, "Resize…", "instance-resize");
});

test("consoles", async ({ page }) => {
  await open(page, `/instances/${ids["web-1"]}/console?view=both`).catch(() => {});
  await consoleConnected(page);
  await look(page, "console-both");
  for (const [button, name] of [
    ["Type text into the console", "console-type"],
    [/^Share/, "console-share"],
  ] as const)
    await dialog(page, button, name);
  await page.getByRole("button", { name: /keys/i }).first().click();
  await lookAtOverlay(page, "console-keys");
});

test("a host, a security group and an operation", async ({ page }) => {
  await open(page, `/hosts/${hosts[0]?.id}`);
  await look(page, "host");
  await dialog(page, "Rename", "host-rename");
  await dialog(page, "Cordon…", "host-cordon");
  await dialog(page, /^Remove/, "host-remove");
  await open(page, `/hosts/${hosts[1]?.id}`);
  await look(page, "host-unreachable");
  await open(page, `/security-groups/${group}`);
  await look(page, "security-group");
  await open(page, "/operations");
  await page.getByRole("table", { name: "Operations" }).getByRole("button").nth(1).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await lookAtOverlay(page, "operation");
});

test("the settings", async ({ page }) => {
  for (const [path, name] of [
    ["", "organization"],
    ["/members", "members"],
    ["/sites", "sites"],
    ["/account", "account"],
    ["/installation", "installation"],
  ] as const) {
    await open(page, `/settings${path}`);
    await look(page, `settings-${name}`);
  }
});

test("what opens over every page", async ({ page }) => {
  await open(page, "");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Command palette" })).toBeFocused();
  await lookAtOverlay(page, "palette");
  await page.keyboard.type("web");
  await expect(page.getByRole("option", { name: /web-1/ }).first()).toBeVisible();
  await lookAtOverlay(page, "palette-searched");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await lookAtOverlay(page, "shortcuts");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await lookAtOverlay(page, "user-menu");
  await page.keyboard.press("Escape");
  // By keyboard, which goes to the first: a long list of them scrolls.
  await page.getByRole("button", { name: /^Organization:/ }).press("Enter");
  await lookAtOverlay(page, "organization-menu");
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Open menu" }).click();
  await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
  await lookAtOverlay(page, "phone-menu");
});

test("what is empty, not there, or cannot be had", async ({ page }) => {
  for (const path of [
    "",
    "/instances",
    "/instances/new",
    "/hosts",
    "/networks",
    "/security-groups",
    "/ssh-keys",
    "/operations",
    "/audit",
  ]) {
    await open(page, path, empty);
    await look(page, `empty${path === "" ? "-overview" : path.replaceAll("/", "-")}`);
  }
  await page.goto(`/o/${org}/instances/i-00000000000000000`);
  await look(page, "not-found-instance");
  await page.goto(`/o/${org}/nonsense`);
  await look(page, "not-found-page");
  await page.goto("/o/org-00000000000000000");
  await look(page, "not-found-organization");
  await page.goto("/nonsense");
  await look(page, "not-found-anywhere");
  // A document brings its first data along; what is asked for later may fail.
  await open(page, "/networks");
  await page.route(/api\/trpc\/.*ssh-?key/i, (route) => route.abort());
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "SSH keys" }).click();
  await expect(page.getByRole("button", { name: /again/i })).toBeVisible();
  await look(page, "cannot-load");
});
