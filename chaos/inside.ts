import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ApiClient, anonymousClient, signIn } from "../e2e/api-client";
import { startInstallation } from "../e2e/installation";
import { readArguments } from "./arguments";
import { runCampaign } from "./campaign";
import { databaseTruth } from "./database-truth";
import { SAYS_ITS_UPTIME } from "./guest-uptime";
import { hostTruth } from "./host-truth";
import { type Mode, planCampaign } from "./plan";
import type { Catalogue } from "./slots";

/** The campaign's inner half: a fresh installation as a user starts it, the fire, and the figures. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const OWNER = { name: "Chaos", email: "chaos@example.org", password: "a long chaos password" };

async function setUp(setupUrl: string, mode: Mode): Promise<{ api: ApiClient; catalogue: Catalogue }> {
  const { origin, searchParams } = new URL(setupUrl);
  await anonymousClient(origin).setup.complete.mutate({
    ...OWNER,
    token: searchParams.get("token") ?? "",
    organizationName: "Chaos",
    siteName: "Here",
  });
  const api = await signIn(origin, OWNER.email, OWNER.password);
  const organizationId = (await api.session.get.query()).organizations[0]?.id;
  if (organizationId === undefined) throw new Error("set-up made no organization");
  for (let tries = 0; tries < 600; tries++) {
    const [images, hosts, sizes] = await Promise.all([
      api.image.list.query({ organizationId }),
      api.host.list.query({ organizationId }),
      api.size.list.query(),
    ]);
    const image = images.find((one) => (mode === "real" ? one.operatingSystem === "tiny" && one.state === "ready" : one.state === "ready"));
    const online = hosts.filter((host) => host.state === "online").length;
    // The smallest that will do: this machine's memory is what limits the number of VMs.
    const least = mode === "real" ? 0 : 1024 ** 3;
    const [size] = sizes.toSorted((left, right) => left.memoryBytes - right.memoryBytes).filter((one) => one.memoryBytes >= least);
    if (image && size && online >= (mode === "real" ? 1 : 2))
      return {
        api,
        catalogue: { organizationId, imageId: image.id, sizeIds: [size.id], userData: mode === "real" ? SAYS_ITS_UPTIME : null },
      };
    await sleep(200);
  }
  throw new Error("hosts and image were not ready in time");
}

const { seed, kills, mode } = readArguments(process.argv.slice(2));
const stateDir = mkdtempSync("/var/tmp/indium-chaos-");
let code = 1;
try {
  const args = mode === "simulated" ? ["--simulated"] : ["--no-debian-image"];
  const installation = await startInstallation(stateDir, { args, env: { INDIUM_PORT: process.env.CHAOS_PORT ?? "7780" }, quiet: true });
  try {
    const { api, catalogue } = await setUp(installation.setupUrl ?? "", mode);
    const result = await runCampaign({
      api,
      catalogue,
      stateDir,
      host: hostTruth(stateDir, mode),
      plan: planCampaign(seed, kills, mode),
      operations: async () => (await databaseTruth(stateDir)).operations,
      say: (line) => console.log(line),
    });
    const sum = Object.values(result.kills).reduce((left, right) => left + right, 0);
    console.log(JSON.stringify(result, null, 2));
    console.log(
      `\n${sum} kills, ${result.violations.length} violations, ${result.seconds} s. Again: npm run chaos -- --${mode} --seed ${seed} --kills ${kills}`,
    );
    mkdirSync(join(root, "test-results"), { recursive: true });
    writeFileSync(join(root, `test-results/chaos-${mode}.json`), JSON.stringify(result, null, 2));
    code = result.violations.length === 0 ? 0 : 1;
  } finally {
    writeFileSync(join(stateDir, "launcher.log"), installation.output());
    await installation.stop();
  }
} catch (error) {
  console.error(error);
} finally {
  if (code === 0) rmSync(stateDir, { recursive: true, force: true });
  else console.log(`The installation's state, with its logs, is kept in ${stateDir}`);
}
process.exit(code);
