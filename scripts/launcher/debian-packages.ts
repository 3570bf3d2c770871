import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { say } from "./say";

/** What this machine needs to be a host and to build the guest images, and why: said before anything is installed. */
export const PACKAGES: readonly { readonly name: string; readonly why: string }[] = [
  { name: "qemu-system-x86", why: "runs the VMs" },
  { name: "qemu-utils", why: "makes disks" },
  { name: "ovmf", why: "UEFI firmware for guests" },
  { name: "swtpm", why: "TPMs for guests" },
  { name: "nftables", why: "the metadata service's and anti-spoofing rules" },
  { name: "iproute2", why: "bridges, taps and network namespaces" },
  { name: "mmdebstrap", why: "builds the Debian guest image" },
  { name: "debian-archive-keyring", why: "the keys that Debian's packages are signed with" },
  { name: "busybox-static", why: "the Tiny guest" },
  { name: "grub-pc-bin", why: "makes guest images bootable (BIOS)" },
  { name: "grub-efi-amd64-bin", why: "makes guest images bootable (UEFI)" },
  { name: "mtools", why: "writes guest images' EFI partitions" },
  { name: "dosfstools", why: "makes guest images' EFI partitions" },
  { name: "fdisk", why: "partitions guest images" },
  { name: "e2fsprogs", why: "makes guest images' file systems" },
  { name: "zstd", why: "compresses guest images" },
  { name: "cpio", why: "packs the Tiny guest" },
  { name: "kmod", why: "reads kernel modules for the Tiny guest" },
];

export function missingPackages(): readonly { readonly name: string; readonly why: string }[] {
  if (!existsSync("/usr/bin/dpkg-query")) return PACKAGES;
  let installed = "";
  try {
    installed = execFileSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", ...PACKAGES.map(({ name }) => name)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    // dpkg-query exits 1 when any of them is unknown, and still prints the others.
    if (error instanceof Error && "stdout" in error) installed = String(error.stdout);
  }
  const present = new Set(
    installed
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return PACKAGES.filter(({ name }) => !present.has(name));
}

export const installLine = (names: readonly string[]) => `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;

function apt(args: readonly string[]): Promise<{ code: number; tail: string }> {
  return new Promise((resolve) => {
    const child = spawn("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-q", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let tail = "";
    let shown = 0;
    const read = (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      const line = tail.trim().split("\n").at(-1) ?? "";
      if (/^(Get|Unpacking|Setting up)/.test(line) && Date.now() - shown > 3_000) {
        shown = Date.now();
        say.dim(line.slice(0, 100));
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", (error) => resolve({ code: 127, tail: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, tail }));
  });
}

/** @returns null when all went well, else apt's own last words. */
export async function installPackages(names: readonly string[], from: string | null = null): Promise<string | null> {
  const install = ["install", "-y", "--no-install-recommends", ...(from === null ? [] : ["-t", from]), ...names];
  const first = await apt(install);
  if (first.code === 0) return null;
  // The lists may be missing or old: refresh them once and try again.
  await apt(["update"]);
  const second = await apt(install);
  return second.code === 0 ? null : second.tail.trim().split("\n").slice(-4).join("\n  ");
}

/**
 * What the relay's WireGuard overlay runs on here, where that is not installed: wg(8) for a kernel that has WireGuard, else wireguard-go. Of
 * backports where they are among the sources already: four times as fast as Debian 12's own.
 */
export function missingWireGuard(): { readonly name: string; readonly from: string | null } | null {
  const inKernel = existsSync("/sys/module/wireguard") || spawnSync("modprobe", ["-q", "-n", "wireguard"]).status === 0;
  const [name, program] = inKernel ? ["wireguard-tools", "wg"] : ["wireguard-go", "wireguard-go"];
  if (["/usr/bin", "/usr/sbin", "/usr/local/bin"].some((folder) => existsSync(`${folder}/${program}`))) return null;
  const known = spawnSync("apt-cache", ["madison", name], { encoding: "utf8" }).stdout ?? "";
  return { name, from: /\s([a-z]+-backports)\//.exec(known)?.[1] ?? null };
}
