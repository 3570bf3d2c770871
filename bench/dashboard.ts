import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page, type Request } from "@playwright/test";
import { anonymousClient } from "../e2e/api-client";
import { FIRST_LOAD_GOAL_KB, firstLoadBytes } from "../e2e/first-load";
import { startInstallation } from "../e2e/installation";
import { admin } from "../scripts/launcher/admin";
import { startPostgres } from "../scripts/launcher/postgres";
import { pageVitals, type Vitals } from "./dashboard-vitals";
import { median } from "./median";

/**
 * The dashboard over 10,000 made-up instances on 500 hosts, in a real browser with nothing in its cache: when a list's first rows are there,
 * how long a keystroke in its search takes until the result shows, how much script each page loads first, and how many rounds of requests a
 * detail page needs, one after the other.
 */
const CHROMIUM = "/usr/bin/chromium";
const PORT = process.env.INDIUM_PORT ?? "17880";
const INSTANCES = Number(process.env.BENCH_INSTANCES ?? 10_000);
const HOSTS = Number(process.env.BENCH_HOSTS ?? 500);
const RUNS = Number(process.env.BENCH_RUNS ?? 7);
const ACCOUNT = { name: "Bench", email: "bench@example.org", password: "a long bench password" };

const FIRST_ROWS_GOAL_MS = 1_000;
const KEYSTROKE_GOAL_MS = 150;
/** Who is signed in, then all that the page shows. */
const ROUNDS_GOAL = 2;

export async function benchDashboard(): Promise<void> {
  if (!existsSync(CHROMIUM)) {
    console.log("dashboard: skipped, it needs Chromium (apt-get install chromium)");
    return;
  }
  const stateDir = mkdtempSync("/var/tmp/indium-bench-");
  const installation = await startInstallation(stateDir, {
    args: ["--simulated", "--no-debian-image"],
    env: { INDIUM_PORT: PORT },
    quiet: true,
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    const { origin, searchParams } = new URL(installation.setupUrl ?? "");
    await anonymousClient(origin).setup.complete.mutate({
      ...ACCOUNT,
      token: searchParams.get("token") ?? "",
      organizationName: "Bench",
      siteName: "Here",
    });
    await seed(stateDir, origin);
    const load = () => loadavg()[0]?.toFixed(1) ?? "?";
    console.log(`dashboard: ${INSTANCES.toLocaleString("en")} instances on ${HOSTS} hosts; ${cpus().length} processors at load ${load()}`);
    const state = await signIn(browser, origin);
    const organization = new URL(state.url).pathname;
    const at = { origin, organization, storage: state.storage };
    await coldLists(browser, at);
    await keystrokes(browser, at);
    await detailRounds(browser, at);
    await firstLoad(browser, at);
    await vitals(browser, at);
    console.log(`  load at the end ${load()}`);
  } finally {
    await browser.close();
    await installation.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function seed(stateDir: string, origin: string): Promise<void> {
  // Adopts the installation's own, which is running.
  const { url } = await startPostgres({ dir: join(stateDir, "postgres"), database: "indium" });
  const begun = performance.now();
  const env = { ...process.env, DATABASE_URL: url, INDIUM_STATE_DIR: stateDir, INDIUM_PUBLIC_URL: origin, NODE_ENV: "production" };
  await admin(env, ["seed-fleet", "--instances", String(INSTANCES), "--hosts", String(HOSTS)]);
  console.log(`  seeded in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
}

interface Place {
  readonly origin: string;
  /** `/o/org-…` */
  readonly organization: string;
  readonly storage: Awaited<ReturnType<BrowserContext["storageState"]>>;
}

async function signIn(browser: Browser, origin: string): Promise<{ url: string; storage: Place["storage"] }> {
  const context = await browser.newContext({ baseURL: origin });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(ACCOUNT.email);
  await page.getByRole("textbox", { name: "Password" }).fill(ACCOUNT.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/o\/org-[0-9a-f]+/);
  const opened = { url: page.url(), storage: await context.storageState() };
  await context.close();
  return opened;
}

/** A context of its own each time: nothing cached, signed in. */
async function cold<T>(browser: Browser, { origin, storage }: Place, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ baseURL: origin, storageState: storage, viewport: { width: 1280, height: 860 } });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function coldLists(browser: Browser, place: Place): Promise<void> {
  for (const list of ["instances", "hosts", "operations"]) {
    const times: number[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const ms = await cold(browser, place, async (page) => {
        await page.addInitScript(() => {
          new MutationObserver((_, observer) => {
            if (document.querySelector("tr[data-row]") === null) return;
            observer.disconnect();
            requestAnimationFrame(() => {
              (window as unknown as { firstRows: number }).firstRows = performance.now();
            });
          }).observe(document, { subtree: true, childList: true });
        });
        await page.goto(`${place.organization}/${list}`);
        const shown = await page.waitForFunction(() => (window as unknown as { firstRows?: number }).firstRows, undefined, {
          timeout: 60_000,
        });
        return (await shown.jsonValue()) ?? Number.NaN;
      });
      // The first warms the server, not the browser.
      if (run > 0) times.push(ms);
    }
    verdict(`${list}: first rows, cold page`, times, FIRST_ROWS_GOAL_MS);
  }
}

/** From the key's own event to the frame in which the answer to exactly that text shows. */
async function keystrokes(browser: Browser, place: Place): Promise<void> {
  const times = await cold(browser, place, async (page) => {
    await page.goto(`${place.organization}/instances`);
    await page.locator("tr[data-row]").first().waitFor();
    await page.keyboard.press("/");
    // The loader's helper for functions' names, which the page does not have.
    await page.evaluate("globalThis.__name = (named) => named");
    await page.evaluate(() => {
      const measured = window as unknown as { keystroke: number | null };
      const field = document.querySelector<HTMLInputElement>("input[type=search]");
      let pressed: number | null = null;
      field?.addEventListener("input", (event) => {
        pressed = event.timeStamp;
        measured.keystroke = null;
      });
      const look = () => {
        const rows = [...document.querySelectorAll("tr[data-row]")];
        const text = field?.value ?? "";
        const there =
          rows.length > 0 && document.querySelector("table[aria-busy]") === null && rows.every((row) => row.textContent?.includes(text));
        if (pressed !== null && there) {
          measured.keystroke = performance.now() - pressed;
          pressed = null;
        }
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const all: number[] = [];
    for (let run = 0; run < Math.max(3, Math.ceil(RUNS / 2)); run++) {
      for (const key of "web-0047") {
        await page.keyboard.press(key);
        const took = await page.waitForFunction(() => (window as unknown as { keystroke: number | null }).keystroke, undefined, {
          timeout: 20_000,
        });
        all.push((await took.jsonValue()) ?? Number.NaN);
        await sleep(120);
      }
      await page.keyboard.press("Escape");
      await page.locator("tr[data-row]").nth(15).waitFor();
      await sleep(300);
    }
    return all;
  });
  verdict("filter keystroke → result", times, KEYSTROKE_GOAL_MS);
}

interface Asked {
  readonly from: number;
  readonly to: number;
}

async function detailRounds(browser: Browser, place: Place): Promise<void> {
  for (const path of [`/instances/i-f${"1".padStart(16, "0")}`, `/hosts/h-f${"1".padStart(16, "0")}`]) {
    const asked = await cold(browser, place, async (page) => {
      const all: Promise<Asked | null>[] = [];
      page.on("requestfinished", (request) => all.push(timesOf(request)));
      await page.goto(`${place.organization}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      // The live stream never ends, so there is no silence to wait for.
      await sleep(2_500);
      return (await Promise.all(all)).filter((each) => each !== null);
    });
    const rounds = roundsOf(asked);
    const [, kind] = path.split("/");
    line(
      `${kind} detail: rounds of requests one after the other`,
      `${rounds} (${asked.length} requests)`,
      rounds <= ROUNDS_GOAL,
      `≤ ${ROUNDS_GOAL}`,
    );
  }
}

async function timesOf(request: Request): Promise<Asked | null> {
  if (!new URL(request.url()).pathname.startsWith("/api/trpc/") || request.url().includes("live.changes")) return null;
  const { startTime, responseEnd } = request.timing();
  return { from: startTime, to: startTime + responseEnd };
}

/** The longest chain in which each request began after the one before had been answered. */
function roundsOf(asked: readonly Asked[]): number {
  let rounds = 0;
  let answered = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...asked].sort((left, right) => left.to - right.to))
    if (from >= answered) {
      rounds += 1;
      answered = to;
    }
  return rounds;
}

/** The scripts that a page's own document names, and the document, compressed as a server would send them. */
async function firstLoad(browser: Browser, place: Place): Promise<void> {
  const pages = [
    "",
    "/instances",
    "/instances/new",
    `/instances/i-f${"1".padStart(16, "0")}`,
    "/hosts",
    `/hosts/h-f${"1".padStart(16, "0")}`,
  ];
  const rest = ["/images", "/networks", "/security-groups", "/ssh-keys", "/operations", "/settings", "/settings/members"];
  for (const path of [...pages, ...rest].map((each) => `${place.organization}${each}`).concat("/sign-in")) {
    // Signed in, one is led on from the sign-in page.
    const { script, document } = await cold(
      browser,
      path === "/sign-in" ? { ...place, storage: { cookies: [], origins: [] } } : place,
      async (page) => {
        const response = await page.goto(path);
        const html = (await response?.text()) ?? "";
        return { script: await firstLoadBytes(html, place.origin), document: gzipSync(html).length };
      },
    );
    const name = path.replace(place.organization, "").replace(/-f0+1$/, "-…") || "/";
    const kilobytes = script / 1_000;
    const said = `${kilobytes.toFixed(0)} kB (the document ${(document / 1_000).toFixed(0)} kB)`;
    line(`${name}: first-load script, gzipped`, said, kilobytes < FIRST_LOAD_GOAL_KB, `< ${FIRST_LOAD_GOAL_KB} kB`);
  }
}

/** What a Lighthouse report begins with, measured on this machine as it is: no slower processor or network is pretended. */
async function vitals(browser: Browser, place: Place): Promise<void> {
  const pages = [
    "",
    "/instances",
    `/instances/i-f${"1".padStart(16, "0")}`,
    "/instances/new",
    "/hosts",
    `/hosts/h-f${"1".padStart(16, "0")}`,
  ];
  console.log("  page by Chromium's own account         FCP     LCP    CLS     TBT   transferred   load of the machine");
  for (const path of pages) {
    const seen: Vitals[] = [];
    for (let run = 0; run < 3; run++) seen.push(await cold(browser, place, (page) => pageVitals(page, `${place.organization}${path}`)));
    const middle = (of: (each: (typeof seen)[number]) => number) => median(seen.map(of));
    const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(8);
    console.log(
      `    ${(path.replace(/-f0+1$/, "-…") || "/").padEnd(32)}${ms(middle((each) => each.firstPaintMs))}${ms(middle((each) => each.largestPaintMs))}` +
        `${middle((each) => each.layoutShift)
          .toFixed(3)
          .padStart(7)}${ms(middle((each) => each.blockingMs))}` +
        `${`${(middle((each) => each.transferredBytes) / 1_000).toFixed(0)} kB`.padStart(14)}${(loadavg()[0] ?? 0).toFixed(1).padStart(12)}`,
    );
  }
}

function verdict(what: string, times: readonly number[], goal: number): void {
  const middle = median(times);
  const worst = Math.max(...times);
  line(what, `${middle.toFixed(0)} ms (median of ${times.length}, worst ${worst.toFixed(0)})`, middle < goal, `< ${goal} ms`);
}

function line(what: string, figure: string, reached: boolean, goal: string): void {
  console.log(`  ${reached ? "✓" : "✗"} ${what.padEnd(52)} ${figure}; goal ${goal}`);
}
