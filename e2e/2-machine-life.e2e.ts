import { expect, type Page, test } from "@playwright/test";
import type { ApiClient } from "./api-client";
import { OWNER, openTab } from "./helpers";
import { ownerClient } from "./owner";
import { type SimulatedHost, startSimulatedHost } from "./simulated-hosts";

// A machine grows, is made anew, and its host is closed to others; over a simulated host, and then read in the audit log.
test.describe.configure({ mode: "serial" });

const run = Date.now().toString(36);
const NAME = `life-${run}`;

let api: ApiClient;
let organizationId: `org-${string}`;
let host: SimulatedHost;
let instanceId: `i-${string}`;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  api = await ownerClient();
  organizationId = (await api.session.get.query()).organizations[0]?.id ?? "org-";
  const { id: siteId } = await api.site.create.mutate({ organizationId, name: `Life ${run}` });
  host = await startSimulatedHost(api, { organizationId, siteId, hostname: `life-${run}` });
  // Nothing is really fetched on a simulated host.
  const image = (await api.image.list.query({ organizationId })).find((each) => each.state === "ready");
  const size = (await api.size.list.query()).find((each) => each.memoryBytes >= (image?.minimumMemoryBytes ?? 0));
  ({ instanceId } = await api.instance.create.mutate({
    organizationId,
    name: NAME,
    imageId: image?.id ?? "img-",
    sizeId: size?.id ?? "size-",
    hostId: host.id,
    start: true,
    requestKey: `${run}-life`,
  }));
  await expect.poll(async () => (await api.instance.get.query({ instanceId })).state, { timeout: 120_000 }).toBe("running");
});

test.afterAll(async () => {
  await api.instance.delete.mutate({ instanceId });
  await expect.poll(async () => (await api.instance.list.query({ organizationId, hostId: host.id })).total, { timeout: 60_000 }).toBe(0);
  host.process.kill("SIGTERM");
  await api.host.remove.mutate({ hostId: host.id, force: true });
});

async function openInstance(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/o\/org-/);
  await page.goto(`/o/${organizationId}/instances/${instanceId}`);
  await expect(page.getByRole("heading", { name: NAME })).toBeVisible();
}

test("a stopped instance is given a larger disk, and never a smaller one", async ({ page }) => {
  await openInstance(page);
  await openTab(page, "Settings");
  // While it runs the button says why not.
  await expect(page.getByRole("button", { name: "Resize…" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.locator("[data-instance-state=stopped]").first()).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Resize…" }).click();
  const dialog = page.getByRole("dialog", { name: `Resize ${NAME}` });
  const disk = dialog.getByRole("textbox", { name: "Disk in GiB" });
  await disk.fill("1");
  await expect(dialog.getByText(/never shrinks/)).toBeVisible();
  await disk.fill("77");
  await dialog.getByRole("button", { name: "Resize", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await api.instance.get.query({ instanceId })).disk?.sizeBytes, { timeout: 30_000 }).toBe(77 * 1024 ** 3);
  await openTab(page, "Disks");
  await expect(page.getByRole("region", { name: "Root disk" })).toContainText("77 GiB, as the guest sees it");
});

test("a rebuild asks for the name, keeps the addresses and starts a new system", async ({ page }) => {
  const before = await api.instance.get.query({ instanceId });
  await openInstance(page);
  await openTab(page, "Danger");
  await page.getByRole("button", { name: "Rebuild…" }).click();
  const dialog = page.getByRole("alertdialog", { name: `Rebuild ${NAME}?` });
  await expect(dialog).toContainText("the disk with everything on it");
  await dialog.getByRole("textbox").fill(NAME);
  await dialog.getByRole("button", { name: "Rebuild", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator("[data-instance-state=running]").first()).toBeVisible({ timeout: 60_000 });
  await expect
    .poll(async () => (await api.instance.get.query({ instanceId })).disk?.volumeId, { timeout: 60_000 })
    .not.toBe(before.disk?.volumeId);
  const after = await api.instance.get.query({ instanceId });
  expect(after.guestUuid).not.toBe(before.guestUuid);
  expect(after.nics.map((nic) => [nic.macAddress, nic.ipv4])).toEqual(before.nics.map((nic) => [nic.macAddress, nic.ipv4]));
});

test("a cordoned host takes no new instances and says who closed it, and the audit log tells all of it", async ({ page }) => {
  await openInstance(page);
  await page.goto(`/o/${organizationId}/hosts/${host.id}`);
  await page.getByRole("button", { name: "Cordon…" }).click();
  const dialog = page.getByRole("dialog", { name: `Cordon ${host.name}` });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("its disk fails");
  await dialog.getByRole("button", { name: "Cordon", exact: true }).click();
  await expect(page.getByText(`Cordoned by ${OWNER.name}: its disk fails`)).toBeVisible();
  await page.goto(`/o/${organizationId}/instances/new`);
  const option = page.getByRole("combobox", { name: "Host", exact: true }).locator("option", { hasText: host.name });
  await expect(option).toHaveText(new RegExp(`cordoned by ${OWNER.name}: its disk fails`));
  await expect(option).toBeDisabled();
  await expect(page.getByText(new RegExp(`${host.name} \\(cordoned by`))).toBeVisible();
  await page.goto(`/o/${organizationId}/hosts/${host.id}`);
  await page.getByRole("button", { name: "Uncordon" }).click();
  await expect(page.getByText("its disk fails")).toBeHidden();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  const log = page.getByRole("table", { name: "Audit log" });
  await expect(log.getByText(`uncordoned host ${host.name}`)).toBeVisible();
  await page.getByRole("combobox", { name: "What", exact: true }).selectOption("instance.rebuild");
  await expect(page).toHaveURL(/action=instance.rebuild/);
  await expect(log.getByRole("link", { name: NAME })).toHaveCount(1);
});
