import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "./build";
import { buildGuestImage, GUEST_IMAGES, isBuilt } from "./guest-images";
import { installLine, installPackages, missingPackages } from "./launcher/debian-packages";
import { chaosReport, playwrightReport, reports, vitestReport } from "./suite-reports";
import { type Outcome, runSuite, type Suite } from "./suites";

/** Runs every suite and ends with `N passed, N failed`, alone on its line. `npm test -- unit e2e` runs only those. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

function vitest(name: string, config: string, budgetSeconds: number): Suite {
  return {
    name,
    command: [
      bin("vitest"),
      "run",
      "--config",
      config,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, `${name}.json`)}`,
    ],
    budgetSeconds,
    report: vitestReport(`${name}.json`),
  };
}

/**
 * A suite of real processes, namespaces and guests on a machine that others use too: the files of a few failed tests are run once more
 * by themselves. What passes then counts as passed and is named at the end, to be mended; what fails twice has failed.
 */
function withSecondTry(suite: Suite): Suite {
  const [file, ...args] = suite.command;
  return {
    ...suite,
    secondTry: (files) => ({
      command: [
        file,
        ...args.filter((arg) => !arg.startsWith("--outputFile")),
        `--outputFile.json=${join(reports, `${suite.name}-again.json`)}`,
        ...files,
      ],
      report: vitestReport(`${suite.name}-again.json`),
    }),
  };
}

const SUITES: readonly Suite[] = [
  { name: "format and lint", command: [bin("biome"), "ci", "--error-on-warnings", "--max-diagnostics=30", "."], budgetSeconds: 10 },
  { name: "types", command: [process.execPath, join(root, "tooling/check-types.mjs")], budgetSeconds: 40 },
  {
    name: "floating promises",
    command: [bin("oxlint"), "--type-aware", "-c", join(root, ".oxlintrc.json"), "apps", "packages", "scripts", "chaos", "fuzz"],
    budgetSeconds: 20,
  },
  { name: "import boundaries", command: [process.execPath, join(root, "tooling/check-imports.mjs")], budgetSeconds: 5 },
  { name: "text in the language files", command: [process.execPath, join(root, "tooling/check-strings.mjs")], budgetSeconds: 5 },
  vitest("unit", "vitest.config.ts", 90),
  withSecondTry(vitest("integration", "vitest.integration.config.ts", 1_200)),
  {
    name: "chaos",
    command: [process.execPath, "--import", "tsx", join(root, "chaos/run.ts"), "--simulated", "--seed", "1", "--kills", "25"],
    budgetSeconds: 90,
    report: chaosReport,
  },
  {
    name: "e2e",
    command: [process.execPath, "--import", "tsx", join(root, "e2e/run.ts")],
    budgetSeconds: 900,
    report: playwrightReport("e2e.json"),
  },
  {
    name: "lab",
    command: [
      process.execPath,
      "--import",
      "tsx",
      join(root, "lab/run.ts"),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, "lab.json")}`,
    ],
    budgetSeconds: 2_400,
    report: vitestReport("lab.json"),
  },
];
const CHECK = new Set(["format and lint", "types", "floating promises", "import boundaries", "text in the language files", "unit"]);
const NEEDS_MACHINE = new Set(["integration", "chaos", "e2e", "lab"]);
/** A whole machine under emulation, with VMs under emulation in it: too long for each push. */
const LONG = new Set(["lab"]);
/** Beyond what a host needs, the tests drive a browser, attack the network, and tunnel. */
const TEST_PACKAGES = ["chromium", "openssh-client", "python3", "wireguard-go"];
/** What lab/containers.test.ts builds and runs images with. */
const LAB_PACKAGES = ["podman", "podman-compose", "netavark", "aardvark-dns", "runc"];

async function prepareMachine(testPackages: readonly string[]): Promise<void> {
  const missing = missingPackages().map(({ name }) => name);
  const { execFileSync } = await import("node:child_process");
  for (const name of testPackages) {
    try {
      execFileSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], { stdio: ["ignore", "pipe", "ignore"] });
    } catch {
      missing.push(name);
    }
  }
  if (missing.length === 0) return buildImages();
  if (process.getuid?.() !== 0) {
    console.log(
      `! Not root: tests that need these packages will say so and be skipped. To have them: sudo sh -c '${installLine(missing)}'`,
    );
    return;
  }
  console.log(`• Installing Debian packages: ${missing.join(" ")}`);
  const problem = await installPackages(missing);
  if (problem !== null) throw new Error(`apt could not install them:\n  ${problem}\n  By hand: ${installLine(missing)}`);
  return buildImages();
}

/** Real guests for the tests that boot some. */
async function buildImages(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const image of GUEST_IMAGES) {
    const began = performance.now();
    if (!isBuilt(image)) console.log(`• Building the ${image.name} guest image…`);
    await buildGuestImage(image);
    console.log(`✓ ${image.name} image (${Math.round((performance.now() - began) / 1000)} s)`);
  }
}

const wanted = process.argv.slice(2);
// What takes longer than CI may; suites look at this and say what they leave out.
if (wanted.includes("--long")) process.env.INDIUM_LONG = "1";
const checkOnly = wanted.includes("--check");
const names = wanted.filter((name) => !name.startsWith("--"));
const long = process.env.INDIUM_LONG === "1";
const chosen = SUITES.filter(({ name }) =>
  names.length > 0 ? names.includes(name) : checkOnly ? CHECK.has(name) : long || !LONG.has(name),
);
if (names.length === 0 && !checkOnly && !long)
  console.log(
    `Left out because they take long: ${[...LONG].join(", ")}. To run them: npm run test:long, or npm test -- ${[...LONG].join(" ")}`,
  );
if (chosen.length === 0) {
  console.error(`No such suite. Known: ${SUITES.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const started = performance.now();
const outcomes: Outcome[] = [];
try {
  if (chosen.some(({ name }) => NEEDS_MACHINE.has(name))) {
    await prepareMachine([...TEST_PACKAGES, ...(chosen.some(({ name }) => name === "lab") ? LAB_PACKAGES : [])]);
    await buildAll({ web: true, onStart: (part) => console.log(`• Building ${part}…`) });
  } else {
    await buildAll({ web: false, only: ["prisma"] });
  }
  for (const suite of chosen) outcomes.push(await runSuite(suite, root));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  outcomes.push({ name: "preparation", passed: 0, failed: 1, seconds: 0, budgetSeconds: 0, failures: [], unsteady: [] });
}
const sum = (key: "passed" | "failed") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
console.log("");
for (const { name, failures } of outcomes) for (const { what, how } of failures) console.log(`✗ ${name}: ${what}\n${how}\n`);
for (const { name, unsteady } of outcomes)
  for (const { what, how } of unsteady) console.log(`! ${name}: ${what}: failed at first, passed when tried once more\n${how}\n`);
for (const { name, passed, failed, seconds, budgetSeconds } of outcomes)
  console.log(
    `${failed === 0 ? "✓" : "✗"} ${name.padEnd(20)} ${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${String(seconds).padStart(5)} s of ${budgetSeconds} s`,
  );
console.log(`Total ${Math.round((performance.now() - started) / 1000)} s\n`);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exit(sum("failed") === 0 ? 0 : 1);
