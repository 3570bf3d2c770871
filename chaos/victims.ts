import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostTruth } from "./host-truth";
import type { Kill, Mode } from "./plan";

/** Finds and kills processes of one installation, by pid files only it writes. */
export class Victims {
  readonly #stateDir: string;
  readonly #mode: Mode;
  readonly #host: HostTruth;

  constructor(stateDir: string, mode: Mode, host: HostTruth) {
    this.#stateDir = stateDir;
    this.#mode = mode;
    this.#host = host;
  }

  /** SIGKILL. A process that is between two lives is awaited for a while. @returns false when there was none. */
  async kill(kill: Kill, instanceInSlot: (slot: number) => string | null): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
      const pid = this.#pidOf(kill, instanceInSlot);
      if (pid === "never") return false;
      if (pid !== null) {
        try {
          process.kill(pid, "SIGKILL");
          return true;
        } catch {
          // It ended between the look and the kill.
        }
      }
      await sleep(50);
    }
    return false;
  }

  #pidOf(kill: Kill, instanceInSlot: (slot: number) => string | null): number | null | "never" {
    switch (kill.target) {
      case "agent":
        return pidInFile(join(this.#stateDir, "run", this.#mode === "real" ? "agent.pid" : "simulated.pid"));
      case "relay":
      case "web":
      case "worker":
      case "front":
        return pidInFile(join(this.#stateDir, "run", `${kill.target}.pid`));
      case "postgres":
        return pidInFile(join(this.#stateDir, "postgres/data/postmaster.pid"));
      case "backend": {
        const postmaster = pidInFile(join(this.#stateDir, "postgres/data/postmaster.pid"));
        const clients = postmaster === null ? [] : childrenOf(postmaster).filter((pid) => commandOf(pid).includes("postgres: indium"));
        return clients.length === 0 ? null : (clients[kill.slot % clients.length] ?? null);
      }
      case "qemu": {
        const id = instanceInSlot(kill.slot);
        // An empty slot, or a VM that is not meant to run now.
        return (id === null ? null : this.#host.vm(id)?.pid) ?? "never";
      }
    }
  }
}

function pidInFile(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8").split(/\s/)[0]);
    return Number.isInteger(pid) && pid > 1 && commandOf(pid) !== "" ? pid : null;
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        return new RegExp(`\\) \\S ${parent} `).test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      } catch {
        return false;
      }
    });
}
