import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { z } from "zod";
import { run } from "../../system/exec";

/** cloud-init and what its data sources import. Unpacked beside the system, never installed: it would take over this machine's boot. */
const PACKAGES = [
  "cloud-init",
  ...["attr", "certifi", "chardet", "charset-normalizer", "configobj", "idna", "jinja2", "json-pointer"].map(python),
];
const MORE = [
  "jsonpatch",
  "jsonschema",
  "markupsafe",
  "netifaces",
  "oauthlib",
  "pyrsistent",
  "requests",
  "serial",
  "six",
  "urllib3",
  "yaml",
].map(python);
function python(name: string): string {
  return `python3-${name}`;
}

const CACHE = fileURLToPath(new URL("../../../../../node_modules/.cache/indium-cloud-init", import.meta.url));

export interface CloudInit {
  /** Folders for Python to look for modules in. */
  readonly modules: string;
  readonly dsIdentify: string;
}

/**
 * Debian's cloud-init, of the release this machine runs, or the sources in `INDIUM_TEST_CLOUD_INIT` (a checkout of another release).
 * @returns words why there is none.
 */
export async function findCloudInit(): Promise<CloudInit | string> {
  if ((await run("which", ["python3"], { allowFailure: true })).code !== 0) return "needs python3";
  const unpacked = join(CACHE, "root");
  if ((await readdir(unpacked).catch(() => [])).length === 0) {
    const failed = await unpack(unpacked);
    if (failed !== null) return `Debian's cloud-init could not be had (apt-get download: ${failed})`;
  }
  const packaged = join(unpacked, "usr/lib/python3/dist-packages");
  const given = process.env.INDIUM_TEST_CLOUD_INIT;
  return given === undefined
    ? { modules: packaged, dsIdentify: join(unpacked, "usr/lib/cloud-init/ds-identify") }
    : { modules: `${given}:${packaged}`, dsIdentify: join(given, "tools/ds-identify") };
}

/** Null when it is there. */
async function unpack(target: string): Promise<string | null> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, "work-"));
  try {
    const fetched = await run("env", ["-C", work, "apt-get", "download", ...PACKAGES, ...MORE], { allowFailure: true, timeoutMs: 120_000 });
    if (fetched.code !== 0) return fetched.stderr.trim().split("\n").at(-1) ?? "failed";
    for (const file of (await readdir(work)).filter((name) => name.endsWith(".deb")))
      await run("dpkg", ["-x", join(work, file), join(work, "root")]);
    await rename(join(work, "root"), target);
    return null;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const Report = z.looseObject({
  version: z.string(),
  found: z.boolean(),
  /** The stage that uses it: with `local` the one with a network passes it by. */
  dsmode: z.string().optional(),
  instanceId: z.string().optional(),
  hostname: z.string().optional(),
  publicKeys: z.array(z.string()).optional(),
  userData: z.string().nullish(),
  vendorData: z.unknown(),
  parts: z.array(z.object({ type: z.string(), content: z.string() })).optional(),
  interfaces: z
    .array(
      z.object({
        name: z.string(),
        mac: z.string().nullish(),
        subnets: z.array(
          z.object({
            type: z.string(),
            address: z.string().nullish(),
            prefix: z.union([z.string(), z.number()]).nullish(),
            gateway: z.string().nullish(),
            routes: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
          }),
        ),
      }),
    )
    .optional(),
});
export type DataSourceReport = z.infer<typeof Report>;

/** What cloud-init's data source for this dialect makes of the metadata that it finds from within the namespace. */
export async function readDataSource(
  cloudInit: CloudInit,
  namespace: string,
  dialect: MetadataDialect,
  strings: Readonly<Record<string, string>>,
): Promise<DataSourceReport> {
  const scratch = await mkdtemp(join(tmpdir(), "indium-cloud-init-"));
  try {
    const asked = JSON.stringify({ dialect, dmi: dmiKeys(strings) });
    const script = fileURLToPath(new URL("read_datasource.py", import.meta.url));
    // `ip netns exec`, not nsenter: cloud-init reads /sys/class/net, which has to be this namespace's.
    const command = [
      "netns",
      "exec",
      namespace,
      "env",
      `PYTHONPATH=${cloudInit.modules}`,
      "PYTHONDONTWRITEBYTECODE=1",
      "python3",
      script,
      scratch,
      asked,
    ];
    const result = await run("ip", command, { allowFailure: true, timeoutMs: 180_000 });
    const line = result.stdout.split("\n").find((each) => each.startsWith("REPORT "));
    if (line === undefined) throw new Error(`the data source of ${dialect} failed:\n${result.stderr.slice(-4_000)}`);
    return Report.parse(JSON.parse(line.slice("REPORT ".length)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** QEMU's names for SMBIOS type 1 as dmidecode's, by which cloud-init asks. */
function dmiKeys(strings: Readonly<Record<string, string>>): Record<string, string> {
  const names: Record<string, string> = {
    manufacturer: "system-manufacturer",
    product: "system-product-name",
    serial: "system-serial-number",
    uuid: "system-uuid",
  };
  return Object.fromEntries(Object.entries(strings).flatMap(([name, value]) => (names[name] === undefined ? [] : [[names[name], value]])));
}

/** Which data sources ds-identify, the script that decides at boot whether cloud-init runs at all, would try with these firmware strings. */
export async function identifyDataSource(cloudInit: CloudInit, strings: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), "indium-ds-identify-"));
  try {
    const files: Record<string, string> = {
      manufacturer: "sys_vendor",
      product: "product_name",
      serial: "product_serial",
      uuid: "product_uuid",
    };
    for (const folder of ["sys/class/dmi/id", "proc/1", "run", "etc/cloud", "dev/disk", "bin"])
      await mkdir(join(root, folder), { recursive: true });
    for (const [name, value] of Object.entries(strings)) await writeFile(join(root, "sys/class/dmi/id", files[name] ?? name), `${value}\n`);
    await writeFile(join(root, "proc/cmdline"), "quiet\n");
    await writeFile(join(root, "proc/uptime"), "1.0 1.0\n");
    await writeFile(join(root, "proc/1/environ"), "TERM=linux\0");
    // It must believe itself in a virtual machine, wherever this test runs.
    await writeFile(join(root, "bin/systemd-detect-virt"), "#!/bin/sh\necho kvm\n", { mode: 0o755 });
    await writeFile(join(root, "bin/blkid"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const env = [`PATH=${root}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, `PATH_ROOT=${root}`];
    await run("env", ["-i", ...env, "sh", cloudInit.dsIdentify, "--force"], { allowFailure: true, timeoutMs: 60_000 });
    const config = await readFile(join(root, "run/cloud-init/cloud.cfg"), "utf8").catch(() => "");
    return (/datasource_list: \[([^\]]*)\]/.exec(config)?.[1] ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && name !== "None");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
