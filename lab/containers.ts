import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Podman with images, networks and locks of its own (dist/lab/containers), so that what a machine's owner has of them stays apart. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const folder = join(root, "dist/lab/containers");
const MIB = 1024 * 1024;
const PROGRAMS = {
  podman: "/usr/bin/podman",
  "podman-compose": "/usr/bin/podman-compose",
  netavark: "/usr/lib/podman/netavark",
  "aardvark-dns": "/usr/lib/podman/aardvark-dns",
  runc: "/usr/sbin/runc",
  mmdebstrap: "/usr/bin/mmdebstrap",
};

/** Why there are no containers here; null when there are. */
export function whyNoContainers(): string | null {
  const missing = Object.entries(PROGRAMS).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  return missing.length === 0 ? null : `apt-get install ${missing.join(" ")} would be needed`;
}

function configured(): NodeJS.ProcessEnv {
  const place = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    return JSON.stringify(join(folder, name));
  };
  const file = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
    return join(folder, name);
  };
  return {
    ...process.env,
    CONTAINERS_STORAGE_CONF: file("storage.conf", [
      "[storage]",
      'driver = "overlay"',
      `graphroot = ${place("images")}`,
      `runroot = ${place("run")}`,
    ]),
    CONTAINERS_CONF: file("containers.conf", [
      "[containers]",
      // Podman's own wish is more than a machine without CAP_SYS_RESOURCE has to give.
      'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]',
      "[network]",
      'network_backend = "netavark"',
      `network_config_dir = ${place("networks")}`,
      "[engine]",
      `static_dir = ${place("libpod")}`,
      `volume_path = ${place("volumes")}`,
      `tmp_dir = ${place("tmp")}`,
      'lock_type = "file"',
      'events_logger = "file"',
      // crun knows neither a machine without systemd nor one with both versions of control groups.
      'runtime = "runc"',
      ...(existsSync("/run/systemd/system") ? [] : ['cgroup_manager = "cgroupfs"']),
    ]),
    // Builds start no containers, so that they need no more rights than apt does.
    BUILDAH_ISOLATION: "chroot",
  };
}

/**
 * Shell lines at the root of the checkout. `ip netns exec` hides the control groups, which Podman needs, so it runs among the mounts of
 * lab/run.ts, in the network namespace that the caller is in.
 * @throws Error with what it wrote when it fails.
 */
export function withPodman(lines: string, environment: NodeJS.ProcessEnv = {}, timeoutMs = 300_000): Promise<string> {
  const script = `cd ${JSON.stringify(root)}\nset -euo pipefail\n${lines}`;
  return new Promise((resolve, reject) => {
    const child = execFile(
      "nsenter",
      [`--mount=/proc/${process.env.INDIUM_LAB_OUTER ?? process.pid}/ns/mnt`, "--", "bash", "-c", script],
      { env: { ...configured(), ...environment }, encoding: "utf8", maxBuffer: 64 * MIB, timeout: timeoutMs },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout.trim()) : reject(new Error(`${lines}\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`)),
    );
    child.stdin?.end();
  });
}

/** Podman keeps its images' folder mounted onto itself, and then nobody could remove dist/. */
export async function unmountImages(): Promise<void> {
  await withPodman(`umount ${JSON.stringify(join(folder, "images/overlay"))} 2>/dev/null || true`);
}
