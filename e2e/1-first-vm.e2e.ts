import { expect, test } from "@playwright/test";
import {
  BASE_URL,
  consoleConnected,
  createInstance,
  deleteInstance,
  OWNER,
  OWNER_SESSION,
  openTab,
  pictures,
  STATE_DIR,
  screenOf,
  serialLog,
  stepDone,
  timelineStep,
  typeIntoConsole,
} from "./helpers";
import { leftBehind } from "./left-behind";
import { look } from "./look";

// The user's whole way, in order: each journey goes on where the one before ended.
test.describe.configure({ mode: "serial" });

// Names differ from run to run, so that a journey can be repeated on one installation.
const suffix = Date.now().toString(36);
const TINY = `tiny-${suffix}`;
const DEBIAN = `deb-${suffix}`;

test("the set-up link leads to a dashboard with this machine online", async ({ page }) => {
  await page.goto(process.env.E2E_SETUP_URL ?? "");
  await expect(page.getByRole("button", { name: "Set up" })).toBeVisible();
  await look(page, "set-up");
  await page.getByLabel("Name", { exact: true }).fill(OWNER.name);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await page.getByLabel("Organization name").fill("Acme");
  await page.getByLabel("Site name").fill("Home");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.waitForURL(/\/o\/org-/);
  await expect(page.getByText("this machine")).toBeVisible();
  await expect(page.getByText("Online", { exact: true })).toBeVisible();
  await page.context().storageState({ path: OWNER_SESSION });
});

test("the set-up link works once", async ({ page }) => {
  await page.goto(process.env.E2E_SETUP_URL ?? "");
  await expect(page.getByText(/already set up|used|sign in/i).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Set up" })).toHaveCount(0);
});

test.describe("signed in", () => {
  test.use({ storageState: OWNER_SESSION });

  test("the host shows its facts and its usage moves by itself", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Hosts" }).click();
    await page.getByRole("link").filter({ hasNotText: "Hosts" }).and(page.locator("a[href*='/hosts/h-']")).first().click();
    await expect(page.getByText(/emulation|KVM/i).first()).toBeVisible();
    // The charts begin with the second sample, and go on without a reload.
    const cpu = page.getByRole("slider", { name: "CPU over time" });
    await expect(cpu).toBeVisible({ timeout: 90_000 });
    await expect(cpu).toHaveAttribute("aria-valuetext", /CPU\. Used: lowest .* %, mean .* %, highest .* %, last .* %/);
    // All of them: an idle machine's processor may well be told by the same words.
    const words = () =>
      page.getByRole("slider").evaluateAll((charts) => charts.map((chart) => chart.getAttribute("aria-valuetext")).join(" "));
    const before = await words();
    await expect.poll(words, { timeout: 90_000 }).not.toBe(before);
  });

  test("Tiny: create, timeline, log in on the console, reboot, pause, stop, delete, nothing left", async ({ page }) => {
    test.setTimeout(420_000);
    await page.goto("/");
    // The page is told when the image has been built; nobody reloads.
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Instances" }).click();
    const id = await createInstance(page, { image: /^Tiny/, size: /^nano/, name: TINY, password: "tiny-password-1" });
    for (const step of ["placed", "image", "disk", "network", "start"]) {
      await stepDone(page, step, 60_000);
      await expect(timelineStep(page, step)).toContainText(/\d s/);
    }
    await expect(page.getByText("Running", { exact: true }).first()).toBeVisible();
    await stepDone(page, "metadata", 90_000);
    // What must be gone at the end is found while it is there.
    const there = leftBehind(STATE_DIR).join("\n");
    for (const kind of ["interface", "namespace", "nft table", "process", "file agent/volumes"]) expect(there).toContain(kind);

    await consoleConnected(page);
    await expect.poll(() => serialLog(id), { timeout: 60_000 }).toContain(`${TINY} login:`);
    const loginScreen = await screenOf(page);
    await typeIntoConsole(page, "root");
    await page.waitForTimeout(1_500);
    await typeIntoConsole(page, "tiny-password-1");
    await page.waitForTimeout(1_500);
    await typeIntoConsole(page, "echo answer-$((6*7)) > /dev/ttyS0");
    await expect.poll(() => serialLog(id), { timeout: 30_000 }).toContain("answer-42");
    expect(await screenOf(page)).not.toBe(loginScreen);

    // Its charts begin within a minute of its start, by themselves, and can be read by keyboard alone.
    await page.getByRole("tab", { name: "Metrics" }).click();
    const cpu = page.getByRole("slider", { name: "CPU over time" });
    await expect(cpu).toHaveAttribute("aria-valuetext", /CPU\. Used: lowest/, { timeout: 120_000 });
    for (const chart of ["Memory", "Network", "Disk"]) await expect(page.getByRole("slider", { name: `${chart} over time` })).toBeVisible();
    await cpu.focus();
    await page.keyboard.press("Home");
    await expect(cpu).toHaveAttribute("aria-valuetext", /, \d\d:\d\d:\d\d: Used not measured/);
    await page.keyboard.press("Escape");
    await page.getByRole("radio", { name: "Last 24 hours" }).click();
    await expect(page).toHaveURL(/range=24h/);
    await expect(cpu).toHaveAttribute("aria-valuemax", "1439");
    await page.getByRole("tab", { name: "Overview" }).click();
    await consoleConnected(page);

    const boots = () => serialLog(id).split("TINY-READY").length - 1;
    const before = boots();
    await page.getByRole("button", { name: "Reboot", exact: true }).click();
    await expect.poll(boots, { timeout: 120_000 }).toBe(before + 1);
    await consoleConnected(page);

    await page
      .getByRole("button", { name: /More|Actions/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Pause", exact: true }).click();
    await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
    await page
      .getByRole("button", { name: /More|Actions/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Resume", exact: true }).click();
    await expect(page.getByText("Running", { exact: true }).first()).toBeVisible();

    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(page.getByText("Stopped", { exact: true }).first()).toBeVisible({ timeout: 120_000 });
    const reboot = page.getByRole("button", { name: "Reboot", exact: true });
    await expect(reboot).toHaveAttribute("aria-disabled", "true");
    await reboot.hover();
    await expect(page.getByRole("tooltip")).toContainText("The instance is stopped. Start it instead.");

    await deleteInstance(page, TINY);
    await page.getByRole("link", { name: "All instances" }).click();
    await expect(page.getByRole("link", { name: TINY })).toHaveCount(0);
    await expect.poll(() => leftBehind(STATE_DIR), { timeout: 30_000 }).toEqual([]);
  });

  test("Debian 12: cloud-init's stages, SSH, a login on the console, a graceful stop", async ({ page }) => {
    test.setTimeout(900_000);
    await page.goto("/");
    const id = await createInstance(page, {
      image: /^Debian 12, built here/,
      size: /^small/,
      name: DEBIAN,
      password: "debian-password-1",
    });
    await stepDone(page, "metadata", 240_000);
    await stepDone(page, "ssh", 420_000);
    await pictures(page, "instance");
    await stepDone(page, "guest:modules-final", 240_000);
    await expect(page.getByText(/ssh -J .+ debian@10\./)).toBeVisible();
    await consoleConnected(page);
    await expect.poll(() => serialLog(id), { timeout: 120_000 }).toContain(`${DEBIAN} login:`);
    await page.waitForTimeout(3_000);
    await typeIntoConsole(page, "debian");
    await page.waitForTimeout(4_000);
    await typeIntoConsole(page, "debian-password-1");
    await page.waitForTimeout(6_000);
    await typeIntoConsole(page, "echo answer-$((6*7)) | sudo tee /dev/ttyS0");
    await expect.poll(() => serialLog(id), { timeout: 60_000 }).toContain("answer-42");
    // An unprivileged user asks: still told where to report, and no password's hash any more.
    await openTab(page, "Settings");
    await expect(page.getByText(/Sealed .*(now|ago)/)).toBeVisible();
    await openTab(page, "Overview");
    await consoleConnected(page);
    // On one line: sudo drops what is typed while it runs.
    const ask = "sudo -u nobody curl -s http://169.254.169.254/openstack/latest/vendor_data.json > v";
    await typeIntoConsole(page, `${ask}; echo told-$(grep -c webhook v)-$(grep -c chpasswd v) | sudo tee /dev/ttyS0`);
    await expect.poll(() => serialLog(id), { timeout: 60_000 }).toContain("told-1-0");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(page.getByText("Stopped", { exact: true }).first()).toBeVisible({ timeout: 150_000 });
    expect(serialLog(id)).toMatch(/Reached target.*(Power-Off|Shutdown)|reboot: Power down/i);
    await deleteInstance(page, DEBIAN);
    await expect.poll(() => leftBehind(STATE_DIR), { timeout: 60_000 }).toEqual([]);
  });
});

test("without an account every page leads to the sign-in", async ({ page }) => {
  await page.goto(`${BASE_URL}/o/org-00000000000000000`);
  await expect(page).toHaveURL(/sign-in/);
});
