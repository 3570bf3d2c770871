import { type Browser, expect, type Page, test } from "@playwright/test";
import { type ApiClient, signIn } from "./api-client";
import { BASE_URL, consoleConnected, OWNER, OWNER_SESSION, serialLog, typeIntoConsole } from "./helpers";

// One Tiny, its screen and its serial port, and everybody who looks at them.
test.describe.configure({ mode: "serial" });
test.use({ storageState: OWNER_SESSION });

const run = Date.now().toString(36);
const NAME = `console-${run}`;
const PASSWORD = "tiny-password-1";
let api: ApiClient;
let acme: `org-${string}`;
let id: `i-${string}`;

test.beforeAll(async () => {
  api = await signIn(BASE_URL, OWNER.email, OWNER.password);
  acme = (await api.session.get.query()).organizations.find(({ name }) => name === "Acme")?.id ?? "org-";
  const tiny = async () => (await api.image.list.query({ organizationId: acme })).find(({ operatingSystem }) => operatingSystem === "tiny");
  await expect.poll(async () => (await tiny())?.id, { timeout: 120_000 }).toBeTruthy();
  const sizes = await api.size.list.query();
  const { instanceId } = await api.instance.create.mutate({
    organizationId: acme,
    name: NAME,
    imageId: (await tiny())?.id ?? "img-",
    sizeId: sizes[0]?.id ?? "size-",
    password: PASSWORD,
    requestKey: `e2e-console-${run}`,
  });
  id = instanceId;
  await expect.poll(() => serialLog(id), { timeout: 120_000 }).toContain(`${NAME} login:`);
});

test.afterAll(async () => {
  await api.instance.delete.mutate({ instanceId: id });
  await expect.poll(async () => (await api.instance.list.query({ organizationId: acme, search: NAME })).total, { timeout: 60_000 }).toBe(0);
});

const consolePage = (view = "") => `/o/${acme}/instances/${id}/console${view === "" ? "" : `?view=${view}`}`;
const serial = (page: Page) => page.getByRole("region", { name: /^Serial console of/ });
const serialConnected = (page: Page) =>
  expect(page.locator("[data-serial-state]")).toHaveAttribute("data-serial-state", "connected", { timeout: 60_000 });

async function typeIntoSerial(page: Page, text: string): Promise<void> {
  await serial(page).click();
  await page.keyboard.type(text, { delay: 20 });
  await page.keyboard.press("Enter");
}

test("the serial port shows what was printed before, and takes a login", async ({ page }) => {
  await page.goto(consolePage("both"));
  await serialConnected(page);
  // Printed before this page was opened.
  await expect(serial(page)).toContainText(`${NAME} login:`);
  await typeIntoSerial(page, "root");
  await expect(serial(page)).toContainText("Password:");
  await typeIntoSerial(page, PASSWORD);
  await expect(serial(page)).toContainText("#");
  await typeIntoSerial(page, "echo serial-$((6*7))");
  await expect(serial(page)).toContainText("serial-42");
  await consoleConnected(page);

  // Ctrl-F is the terminal's search, not the browser's.
  await page.keyboard.press("Control+f");
  await page.getByRole("textbox", { name: "Search the serial console" }).fill("serial-42");
  await expect(page.getByText("1 of 1", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the log" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await downloading).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain("serial-42");
});

test("keys go by their place, whatever the browser's layout makes of them", async ({ page }) => {
  await page.goto(consolePage());
  await consoleConnected(page);
  await typeIntoConsole(page, "root");
  await page.waitForTimeout(1_500);
  await typeIntoConsole(page, PASSWORD);
  await page.waitForTimeout(1_500);
  for (const character of "echo place-") await page.keyboard.press(character, { delay: 30 });
  // The key between T and U on a German keyboard: the browser says "z", and the guest has a US one.
  const devtools = await page.context().newCDPSession(page);
  const german = { key: "z", code: "KeyY", text: "z", windowsVirtualKeyCode: 90 };
  await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", ...german });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", key: "z", code: "KeyY", windowsVirtualKeyCode: 90 });
  await page.waitForTimeout(100);
  for (const character of " ") await page.keyboard.press(character, { delay: 30 });
  await page.keyboard.press("Shift+Period", { delay: 30 });
  for (const character of " /dev/ttyS0") await page.keyboard.press(character, { delay: 30 });
  // The S of ttyS0 must be held with Shift.
  for (let n = 0; n < 2; n += 1) await page.keyboard.press("Backspace", { delay: 30 });
  await page.keyboard.press("Shift+KeyS", { delay: 30 });
  await page.keyboard.press("0", { delay: 30 });
  await page.keyboard.press("Enter");
  await expect.poll(() => serialLog(id), { timeout: 30_000 }).toMatch(/place-[yz]/);
  expect(serialLog(id)).toContain("place-y");
});

test("a text is typed with its progress, and can be stopped", async ({ page }) => {
  await page.goto(consolePage());
  await consoleConnected(page);
  await page.getByRole("button", { name: "Type text into the console" }).click();
  await page.getByRole("textbox", { name: "Text" }).fill("echo Typed_Text > /dev/ttyS0\n");
  await page.getByRole("button", { name: "Type it" }).click();
  await expect(page.getByText(/^Typing \d+ of 29$/)).toBeVisible();
  await expect.poll(() => serialLog(id), { timeout: 30_000 }).toContain("Typed_Text");
  await page.getByRole("button", { name: "Type text into the console" }).click();
  await page.getByRole("textbox", { name: "Text" }).fill("x".repeat(2_000));
  await page.getByRole("button", { name: "Type it" }).click();
  await page.getByRole("button", { name: "Stop typing" }).click();
  await expect(page.getByRole("progressbar", { name: "Typing the text" })).toHaveCount(0);
  // Ctrl-C by the menu throws the rest away.
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  await page.getByRole("menuitem", { name: "Another combination…" }).click();
  await page.getByRole("button", { name: "Press Ctrl C" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await typeIntoConsole(page, "echo after-it > /dev/ttyS0");
  await expect.poll(() => serialLog(id), { timeout: 30_000 }).toContain("after-it");
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save a picture of the screen" }).click();
  expect((await saving).suggestedFilename()).toMatch(new RegExp(`^${NAME}-.*\\.png$`));
});

async function newPage(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport: { width: 1280, height: 860 }, ...options });
  return context.newPage();
}

test("a guest by link sees what happens, can type nothing, and is out when the link is taken back", async ({ page, browser }) => {
  await page.goto(consolePage("serial"));
  await serialConnected(page);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("textbox", { name: /^For whom/ }).fill("Supplier");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = (await page.getByText(/\/share\//).textContent()) ?? "";
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

  const guest = await newPage(browser, { storageState: { cookies: [], origins: [] } });
  await guest.goto(link);
  await consoleConnected(guest);
  await expect(guest.locator("[data-console-mode=view]")).toBeVisible();
  await expect(guest.getByText("View only")).toBeVisible();
  await guest.getByRole("button", { name: "Serial port", exact: true }).click();
  await serialConnected(guest);
  await expect(page.getByRole("list", { name: "Also here" })).toContainText("Supplier");
  // Typed by force, past the page's own good manners: the host drops it.
  await serial(guest).click();
  await guest.keyboard.type("echo from-the-guest\n");
  await typeIntoSerial(page, "echo from-the-owner");
  await expect(serial(guest)).toContainText("from-the-owner");
  await expect(serial(guest)).not.toContainText("from-the-guest");
  expect(serialLog(id)).not.toContain("from-the-guest");
  // The link opens this console and nothing else.
  const other = await newPage(browser, { storageState: { cookies: [], origins: [] } });
  await other.goto(`/o/${acme}/instances`);
  await expect(other).toHaveURL(/sign-in/);

  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Take back the link for Supplier" }).click();
  await expect(guest.getByRole("heading", { name: "This link opens nothing" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("list", { name: "Also here" })).toHaveCount(0);
  await guest.context().close();
  await other.context().close();
});

test("control is asked for, handed over, and passes without an answer", async ({ page, browser }) => {
  test.setTimeout(180_000);
  const email = `ben-${run}@example.org`;
  const { link } = await api.invitation.create.mutate({ organizationId: acme, role: "operator" });
  const ben = await newPage(browser, { storageState: { cookies: [], origins: [] } });
  await ben.goto(link);
  await ben.getByLabel("Name", { exact: true }).fill("Ben Operator");
  await ben.getByLabel("E-mail").fill(email);
  await ben.getByRole("textbox", { name: "Password" }).fill("another long password");
  await ben.getByRole("button", { name: "Create account and join" }).click();
  await ben.waitForURL(/\/o\/org-/);

  await page.goto(consolePage("serial"));
  await serialConnected(page);
  await ben.goto(consolePage("serial"));
  await serialConnected(ben);
  await expect(ben.getByText(`You watch; ${OWNER.name} controls the console.`)).toBeVisible();
  await ben.getByRole("button", { name: "Ask for control" }).click();
  await expect(page.getByText(/^Ben Operator asks for control/)).toBeVisible();
  await page.getByRole("button", { name: "Keep control" }).click();
  await expect(ben.getByText(`${OWNER.name} keeps control`).first()).toBeVisible();

  await ben.getByRole("button", { name: "Ask for control" }).click();
  await page.getByRole("button", { name: "Hand over" }).click();
  await expect(page.getByText("You watch; Ben Operator controls the console.")).toBeVisible();
  await expect(ben.getByRole("button", { name: "Type into the port" })).toBeVisible();
  await serialConnected(ben);
  await typeIntoSerial(ben, "echo ben-$((6*7))");
  await expect(serial(page)).toContainText("ben-42");
  await serialConnected(page);
  await serial(page).click();
  await page.keyboard.type("echo lea-types\n");
  await expect(serial(ben)).not.toContainText("lea-types");

  // Nobody answers: it passes after 15 s.
  await page.getByRole("button", { name: "Ask for control" }).click();
  await expect(ben.getByText(new RegExp(`^${OWNER.name} asks for control`))).toBeVisible();
  await expect(ben.getByText(`You watch; ${OWNER.name} controls the console.`)).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole("button", { name: "Type into the port" })).toBeVisible();
  await serialConnected(page);
  await typeIntoSerial(page, "echo lea-$((6*7))");
  await expect(serial(ben)).toContainText("lea-42");
  await ben.context().close();
});

test("on a phone there is a row of the keys it lacks", async ({ browser }) => {
  const phone = await newPage(browser, {
    storageState: OWNER_SESSION,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.goto(consolePage("serial"));
  await serialConnected(phone);
  const keys = phone.getByRole("group", { name: "Keys" });
  await expect(keys).toBeVisible();
  await serial(phone).tap();
  await phone.keyboard.type("echo half");
  await keys.getByRole("button", { name: "Ctrl" }).tap();
  await phone.keyboard.type("c");
  await phone.keyboard.type("echo whole-$((6*7))\n");
  await expect(serial(phone)).toContainText("whole-42");
  expect(await phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await phone.context().close();
});

test("the last picture stays in sight while the VM is off, and the screen comes back by itself", async ({ page }) => {
  test.setTimeout(300_000);
  await page.goto(`/console/${acme}/${id}?view=both`);
  await expect(page).toHaveTitle(new RegExp(NAME));
  await consoleConnected(page);
  await serialConnected(page);
  const boots = serialLog(id).split("login:").length;
  await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
  await api.instance.forceStop.mutate({ instanceId: id });
  await expect(page.locator("[data-console-state]")).not.toHaveAttribute("data-console-state", "connected", { timeout: 60_000 });
  await expect(page.getByTestId("console-screen").locator("canvas[aria-hidden]").first()).toBeVisible();
  await expect(page.getByText("The instance is stopped. Start it to open its console.").first()).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-serial-state]")).toHaveAttribute("data-serial-state", "idle");
  await expect(serial(page)).toContainText("login:");
  await api.instance.start.mutate({ instanceId: id });
  await consoleConnected(page, 120_000);
  await serialConnected(page);
  await expect.poll(() => serialLog(id).split("login:").length, { timeout: 120_000 }).toBeGreaterThan(boots);
  await typeIntoSerial(page, "root");
  await expect(serial(page)).toContainText("Password:");
});
