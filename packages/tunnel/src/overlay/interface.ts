import type { KeyObject } from "node:crypto";
import { connect } from "node:net";
import { AppError, toAppError } from "@indium/contract/errors";
import { OVERLAY_MTU } from "@indium/contract/overlay";
import { type OverlayRules, renderOverlayRules, renderRemoval } from "./rules";
import { type RunProgram, toolWireGuard, uapiSocket, uapiWireGuard, type WireGuard } from "./wireguard";

/** Runs in the foreground until it is told to end, or its interface is deleted. */
export type StartProgram = (
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) => { readonly ended: Promise<string>; kill(): void };

export interface OverlaySystem {
  readonly run: RunProgram;
  readonly start: StartProgram;
}

export interface OverlayInterfaceOptions {
  readonly system: OverlaySystem;
  /** Ours alone on this machine: what bears it is deleted. At most 15 bytes. */
  readonly name: string;
  readonly privateKey: KeyObject;
  /** 0: any. */
  readonly listenPort: number;
  /** The /128 of this side. */
  readonly address: string;
  /** CIDRs that lead into the overlay. */
  readonly routes: readonly string[];
  /** Loaded before the interface is up: not a moment without. */
  readonly rules: OverlayRules;
}

export interface OverlayInterface {
  readonly wireguard: WireGuard;
  readonly kind: "kernel" | "wireguard-go";
  /** Resolves with the reason when the interface's program ends by itself; never for the kernel's. */
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Brings the interface up, anew: whatever an earlier process left of it is removed first, and a wireguard-go ends when its interface is deleted.
 * @throws AppError `network_failed` whose message is the reason, for the page.
 */
export async function openOverlayInterface(options: OverlayInterfaceOptions): Promise<OverlayInterface> {
  const { system, name, address, routes } = options;
  await removeInterface(system, name);
  const made = (await makeInKernel(system, name)) ?? (await startWireguardGo(system, name));
  const close = async () => {
    await removeInterface(system, name).catch(() => {});
    made.stop();
    await loadRules(system, renderRemoval(options.rules.table)).catch(() => {});
  };
  try {
    await made.wireguard.configure({ privateKey: options.privateKey, listenPort: options.listenPort });
    await loadRules(system, renderOverlayRules(options.rules));
    const lines = [
      `addr add ${address}/128 dev ${name} nodad`,
      `link set ${name} mtu ${OVERLAY_MTU} up`,
      ...routes.map((route) => `route replace ${route} dev ${name}`),
    ];
    const { code, stderr } = await system.run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n`, allowFailure: true });
    if (code !== 0)
      throw new AppError("network_failed", `The overlay's address could not be set (is IPv6 switched off here?): ${firstLine(stderr)}`);
    return { wireguard: made.wireguard, kind: made.kind, lost: made.lost, close };
  } catch (thrown) {
    await close();
    throw toAppError(thrown, "The overlay's interface could not be brought up.");
  }
}

interface Made {
  readonly wireguard: WireGuard;
  readonly kind: OverlayInterface["kind"];
  readonly lost: Promise<string>;
  stop(): void;
}

async function makeInKernel(system: OverlaySystem, name: string): Promise<Made | null> {
  const { code, stderr } = await system.run("ip", ["link", "add", name, "type", "wireguard"], { allowFailure: true });
  if (code !== 0) {
    refuseWithoutRights(stderr);
    return null;
  }
  const tool = await system.run("wg", ["show", name], { allowFailure: true }).catch(() => null);
  if (tool?.code === 0) {
    return { wireguard: toolWireGuard(name, system.run), kind: "kernel", lost: new Promise(() => {}), stop: () => {} };
  }
  // Without wg(8) nothing here could set its keys.
  await removeInterface(system, name);
  return null;
}

async function startWireguardGo(system: OverlaySystem, name: string): Promise<Made> {
  const program = system.start("wireguard-go", ["-f", name], { LOG_LEVEL: "error", PATH: process.env.PATH ?? "" });
  let over: string | null = null;
  const lost = program.ended.then((words) => {
    over = words;
    return words;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(uapiSocket(name)))) {
    if (over !== null) throw new AppError("network_failed", over);
    if (Date.now() > deadline) {
      program.kill();
      throw new AppError("network_failed", `wireguard-go did not start within ${START_TIMEOUT_MS / 1_000} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { wireguard: uapiWireGuard(name), kind: "wireguard-go", lost, stop: program.kill };
}

/** With its wireguard-go, whoever started that: its socket is gone when it has ended. */
async function removeInterface(system: OverlaySystem, name: string): Promise<void> {
  const { code, stderr } = await system.run("ip", ["link", "del", name], { allowFailure: true });
  if (code !== 0) {
    refuseWithoutRights(stderr);
    return;
  }
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await answers(uapiSocket(name))) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** Removing what is not there says nothing of rights: making it does. @throws AppError `network_failed`. */
function refuseWithoutRights(stderr: string): void {
  if (/permitted/i.test(stderr)) throw new AppError("network_failed", "This process may not make network interfaces (CAP_NET_ADMIN).");
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const say = (word: boolean) => {
      socket.destroy();
      resolve(word);
    };
    socket.on("connect", () => say(true));
    socket.on("error", () => say(false));
  });
}

/** Loads an nft ruleset, all of it or nothing. @throws AppError `network_failed`. */
export async function loadRules(system: OverlaySystem, ruleset: string): Promise<void> {
  const { code, stderr } = await system.run("nft", ["-f", "-"], { input: ruleset, allowFailure: true });
  if (code !== 0) throw new AppError("network_failed", `The overlay's rules could not be loaded: ${firstLine(stderr)}`);
}

const firstLine = (text: string): string => text.trim().split("\n")[0]?.slice(0, 200) ?? "";
