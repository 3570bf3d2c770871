import { lstat, rename } from "node:fs/promises";
import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { NetworkCounters, VmCounters, VmEvent, VmHandle, VmRunState } from "../types";
import type { VmPaths } from "./paths";
import { isAlive, killProcess, type ProcessIdentity, processUsage, waitForEnd } from "./process";
import type { QmpClient } from "./qmp/client";
import { QmpError } from "./qmp/errors";
import type { QmpEvent } from "./qmp/messages";
import { runStateOf } from "./run-state";
import { readTail } from "./serial-log";
import { VmMeter } from "./vm-meter";

/** A QEMU that is about to be ended is not waited for longer than this. */
const SCREEN_TIMEOUT_MS = 3_000;
const QUIT_GRACE_MS = 5_000;
const KILL_GRACE_MS = 10_000;
const RECONNECT_PAUSE_MS = 250;
/** One reset shows as several: SeaBIOS on q35 resets the machine again on its way up. */
const RESET_FOLD_MS = 3_000;
const LAST_WORDS_BYTES = 8_000;

/**
 * One living QEMU.
 *
 *   connected ──monitor closes──▶ looking ──process gone──▶ exited (told once)
 *       ▲                            │
 *       └────────monitor greets──────┘        release() from anywhere: nothing is told any more
 *
 * Invariants: `exited` is told at most once and only when the process is gone; no answer comes from memory but "it is gone".
 */
export class QemuVm implements VmHandle {
  readonly instanceId: InstanceId;
  readonly startedAt: number;
  readonly #identity: ProcessIdentity;
  readonly #paths: VmPaths;
  readonly #connect: () => Promise<QmpClient>;
  readonly #meter: VmMeter;
  readonly #listeners = new Set<(event: VmEvent) => void>();
  /** Null while no monitor answers. */
  #client: QmpClient | null = null;
  #released = false;
  #exited = false;
  #lastResetAt = Number.NEGATIVE_INFINITY;

  constructor(options: {
    instanceId: InstanceId;
    identity: ProcessIdentity;
    startedAt: number;
    paths: VmPaths;
    /** Null when the monitor did not answer: the VM can be killed, and the monitor is asked again until it does. */
    client: QmpClient | null;
    /** A new connection to the same VM's monitor, identity checked. */
    connect: () => Promise<QmpClient>;
  }) {
    this.instanceId = options.instanceId;
    this.startedAt = options.startedAt;
    this.#identity = options.identity;
    this.#paths = options.paths;
    this.#connect = options.connect;
    this.#meter = new VmMeter({
      id: options.instanceId,
      pid: options.identity.pid,
      execute: (command, limits, args) => this.#execute(command, limits, args),
    });
    if (options.client === null) void this.#look();
    else this.#attach(options.client);
  }

  get pid(): number {
    return this.#identity.pid;
  }

  /** Whether `find` may hand this handle out again. */
  get usable(): boolean {
    return !this.#released && !this.#exited;
  }

  async state(): Promise<VmRunState> {
    try {
      const state = runStateOf(await this.#execute("query-status"));
      if (state !== null) return state;
    } catch (error) {
      if (!(await isAlive(this.#identity))) return "crashed";
      throw this.#failure("tell its state", error);
    }
    throw this.#failure("tell its state", null);
  }

  async powerButton(): Promise<void> {
    await this.#command("press the power button", "system_powerdown");
  }

  async reset(): Promise<void> {
    await this.#command("reset", "system_reset");
  }

  async pause(): Promise<void> {
    await this.#command("pause", "stop");
  }

  async resume(): Promise<void> {
    await this.#command("resume", "cont");
  }

  async kill(): Promise<void> {
    // An answer to quit may never come: QEMU closes first. What counts is the process.
    await this.#execute("quit", { timeoutMs: QUIT_GRACE_MS }).catch(() => {});
    if (!(await waitForEnd(this.#identity, QUIT_GRACE_MS))) {
      await killProcess(this.#identity);
      if (!(await waitForEnd(this.#identity, KILL_GRACE_MS))) {
        throw new AppError(
          "hypervisor_failed",
          `QEMU of ${this.instanceId} (process ${this.pid}) does not end on this host, also not by SIGKILL: it hangs in the kernel, most likely on a disk that does not answer.`,
        );
      }
    }
    await this.#tellExit();
  }

  async usage(): Promise<{ cpuSeconds: number; residentBytes: number }> {
    const usage = (await isAlive(this.#identity)) ? await processUsage(this.pid) : null;
    if (usage === null) throw new AppError("hypervisor_failed", `QEMU of ${this.instanceId} has ended on this host.`);
    return usage;
  }

  async counters(interfaces: ReadonlyMap<string, NetworkCounters>): Promise<VmCounters> {
    return this.#meter.read(await this.usage(), interfaces);
  }

  openVnc(): Promise<Duplex> {
    return this.#open(this.#paths.vncSocket, "screen");
  }

  openSerial(): Promise<Duplex> {
    return this.#open(this.#paths.serialSocket, "serial port");
  }

  async photograph(): Promise<void> {
    const args = { filename: this.#paths.photographTemporary, format: "png" };
    try {
      await this.#execute("screendump", { timeoutMs: SCREEN_TIMEOUT_MS }, args);
      // Whole or not at all, for whoever keeps it meanwhile.
      await rename(this.#paths.photographTemporary, this.#paths.photograph);
    } catch (error) {
      throw this.#failure("show its screen", error);
    }
  }

  onEvent(listener: (event: VmEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  release(): void {
    this.#released = true;
    this.#listeners.clear();
    this.#client?.close();
  }

  #execute(command: string, options: { timeoutMs?: number } = {}, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#client === null) return Promise.reject(new QmpError("closed", "QEMU's monitor does not answer.", { command }));
    return this.#client.execute(command, args, options);
  }

  #attach(client: QmpClient): void {
    this.#client = client;
    this.#meter.attached();
    client.onEvent((event) => void this.#onQmpEvent(event));
    client.onClose(() => void this.#look());
  }

  /** The monitor is gone: because QEMU is, or else it is asked again until it answers. */
  async #look(): Promise<void> {
    while (!this.#released && !this.#exited) {
      if (await waitForEnd(this.#identity, RECONNECT_PAUSE_MS)) {
        await this.#tellExit();
        return;
      }
      const client = await this.#connect().catch(() => null);
      if (client === null) continue;
      if (this.#released) client.close();
      else {
        this.#attach(client);
        // What happened in between was missed: say what is so now.
        await this.#tellState();
      }
      return;
    }
  }

  async #onQmpEvent(event: QmpEvent): Promise<void> {
    switch (event.name) {
      case "SHUTDOWN":
        // guest-shutdown: by ACPI or halt -p, asked for or not. Our own quit and signals have other reasons (ShutdownCause).
        if (event.data.reason === "guest-shutdown") this.#tell({ kind: "guestShutdown" });
        return;
      case "RESET": {
        const fold = event.at - this.#lastResetAt < RESET_FOLD_MS;
        this.#lastResetAt = event.at;
        if (!fold) this.#tell({ kind: "reset", byGuest: event.data.guest === true });
        return;
      }
      case "GUEST_PANICKED":
        this.#tell({ kind: "panicked" });
        await this.#tellState();
        return;
      case "STOP":
      case "RESUME":
        await this.#tellState();
        return;
      default:
        return;
    }
  }

  async #tellState(): Promise<void> {
    // A VM that ends meanwhile tells it as `exited`.
    const state = runStateOf(await this.#execute("query-status").catch(() => null));
    if (state !== null) this.#tell({ kind: "state", state });
  }

  async #tellExit(): Promise<void> {
    if (this.#exited) return;
    this.#exited = true;
    this.#client?.close();
    this.#tell({ kind: "exited", lastWords: await lastWords(this.#paths) });
    this.#listeners.clear();
  }

  #tell(event: VmEvent): void {
    if (this.#released) return;
    for (const listener of [...this.#listeners]) listener(event);
  }

  async #command(verb: string, command: string): Promise<void> {
    try {
      await this.#execute(command);
    } catch (error) {
      throw this.#failure(verb, error);
    }
  }

  #failure(verb: string, error: unknown): AppError {
    const words = error instanceof QmpError ? error.message : null;
    return new AppError(
      "hypervisor_failed",
      `QEMU of ${this.instanceId} on this host did not ${verb}. Look at its console and try again; a forced stop always works.`,
      {
        ...(words === null ? {} : { detail: words }),
        cause: error,
      },
    );
  }

  async #open(path: string, what: string): Promise<Duplex> {
    const refused = (cause: unknown) =>
      new AppError("hypervisor_failed", `The ${what} of ${this.instanceId} on this host cannot be opened.`, { cause });
    // The directory is QEMU's user's: a link planted there must not lead the agent to another program's socket.
    const found = await lstat(path).catch((error: unknown) => Promise.reject(refused(error)));
    if (!found.isSocket()) throw refused("not a socket");
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path });
      const onError = (error: Error): void => reject(refused(error));
      socket.once("error", onError);
      socket.once("connect", () => {
        socket.off("error", onError);
        resolve(socket);
      });
    });
  }
}

/** What the process said on its standard error, the end of it; null when it said nothing. */
export async function lastWords(paths: VmPaths): Promise<string | null> {
  const text = (await readTail(paths.stderrLog, LAST_WORDS_BYTES)).toString("utf8").trim();
  return text === "" ? null : text;
}
