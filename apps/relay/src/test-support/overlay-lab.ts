import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What tests of the overlay share: namespaces, programs in them that are told what to do line by line, and patience. */

const root = process.getuid?.() === 0;
const wireguard = ["/usr/bin/wireguard-go", "/usr/sbin/wireguard-go"].some((path) => existsSync(path));
/** Why such tests cannot run here; null when they can. */
export const why = !root
  ? "not root"
  : !wireguard
    ? "wireguard-go is not installed"
    : !existsSync("/dev/net/tun")
      ? "no /dev/net/tun"
      : null;

const script = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

export const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] }).toString();
export const within = (namespace: string, ...command: string[]) =>
  execFileSync("ip", ["netns", "exec", namespace, ...command], { stdio: ["ignore", "pipe", "pipe"] }).toString();
export const nft = (namespace: string, ruleset: string) =>
  execFileSync("ip", ["netns", "exec", namespace, "nft", "-f", "-"], { input: ruleset, stdio: ["pipe", "pipe", "pipe"] });

export class Child {
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, (answer: { ok: boolean; result?: unknown; error?: string }) => void>();
  #last = 0;
  words = "";

  constructor(namespace: string, name: string, args: readonly string[]) {
    this.process = spawn("ip", ["netns", "exec", namespace, process.execPath, "--import", "tsx", script(name), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.stderr?.on("data", (chunk: Buffer) => {
      this.words = (this.words + chunk.toString()).slice(-4_000);
    });
    const { stdout } = this.process;
    if (stdout === null) throw new Error("no pipe");
    createInterface({ input: stdout }).on("line", (line) => {
      const answer = JSON.parse(line) as { id: number; ok: boolean };
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  ask<T>(command: string, input: Record<string, unknown> = {}): Promise<T> {
    this.#last += 1;
    const number = this.#last;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${command}: no answer; ${this.words}`)), 60_000);
      this.#waiting.set(number, ({ ok, result, error }) => {
        clearTimeout(late);
        if (ok) resolve(result as T);
        else reject(new Error(`${command}: ${error}`));
      });
      this.process.stdin?.write(`${JSON.stringify({ id: number, command, input })}\n`);
    });
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { process: child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}

export async function eventually<T>(what: string, look: () => Promise<T>, wanted: (seen: T) => boolean, timeoutMs = 40_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}; last ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Whether a TCP connection from a namespace to an address comes up within a second and a half. */
export function connects(namespace: string, address: string, port: number): boolean {
  const code = `const s=require("net").connect(${port},${JSON.stringify(address)});s.on("connect",()=>process.exit(0));s.on("error",()=>process.exit(1));setTimeout(()=>process.exit(2),1500)`;
  try {
    within(namespace, process.execPath, "-e", code);
    return true;
  } catch {
    return false;
  }
}

/** The overlay's interface in a namespace. */
export const interfaceOf = (namespace: string): string => /(iov[ar]-[0-9a-f]{8})/.exec(ip("-n", namespace, "-o", "link"))?.[1] ?? "";

export function removeNamespaces(names: readonly string[]): void {
  for (const namespace of names) {
    try {
      // What a killed relay left: its wireguard-go would keep the namespace.
      for (const pid of ip("netns", "pids", namespace).trim().split("\n")) if (pid !== "") process.kill(Number(pid), "SIGKILL");
      ip("netns", "del", namespace);
    } catch {
      // Not made.
    }
  }
}
