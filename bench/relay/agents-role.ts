import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LinkChallenge, type LinkHello } from "@indium/contract/link";
import { PROTOCOL_VERSION, RELAY_PATHS } from "@indium/contract/protocol";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { signHostProof } from "@indium/tunnel/link-proof";
import WebSocket from "ws";
import { RedialRules } from "../../apps/agent/src/link/redial-rules";
import { hostIdOf } from "./host-id";

/**
 * Hosts as a relay sees them, a few thousand in one process: the true handshake with a key of its own each, pings answered, samples sent. They
 * verify nothing of what the relay says, because here the processor is the relay's. socket.io's frames are written by hand
 * (engine.io 4: 0 open, 2 ping, 3 pong, 4 message; socket.io 5: 0 connect, 1 disconnect, 2 event, 3 ack).
 *
 * Parameters: origin, count, the first one's number, and `standby` for those that stand by and are links once they are promoted. The parent's orders: see `Order`; answers: `{ up }` when an order is done.
 */
export type Order =
  /** Links those that are not, so many a second. */
  | { readonly kind: "connect"; readonly perSecond: number }
  /** Samples from each, as a host sends them. */
  | { readonly kind: "usage"; readonly everyMs: number }
  /** All standbys, at a random time each. */
  | { readonly kind: "promote"; readonly withinMs: number }
  /** The first so many lose their links and come back: at once, or as agents do. */
  | { readonly kind: "storm"; readonly count: number; readonly jitter: boolean };

const AGENT_VERSION = "bench";
/** A relay bounds those of one address; so have a fleet's hosts addresses of their own. */
const PER_ADDRESS = 50;
const RELAY_NAME = "bench";
/** Of all: the last few may be in the longest pause that agents make. */
const ENOUGH = 0.995;

class LightAgent {
  readonly #keys: KeyPair = generateSigningKeyPair();
  readonly #url: string;
  readonly #address: string;
  readonly #onReady: () => void;
  readonly #onFail: (why: string) => void;
  readonly #rules = new RedialRules();
  #socket: WebSocket | null = null;
  #hello: LinkHello | null = null;
  #acks = 0;
  #standby: boolean;
  ready = false;

  constructor(url: string, number: number, standby: boolean, onReady: () => void, onFail: (why: string) => void) {
    this.#url = url;
    this.#standby = standby;
    const group = Math.floor(number / PER_ADDRESS);
    this.#address = `127.${10 + Math.floor(group / 200)}.${1 + (group % 200)}.1`;
    this.#onReady = onReady;
    this.#onFail = onFail;
  }

  get hostId(): string {
    return hostIdOf(this.#keys.publicKey);
  }

  dial(): void {
    const socket = new WebSocket(this.#url, {
      localAddress: this.#address,
      perMessageDeflate: false,
      rejectUnauthorized: false,
      skipUTF8Validation: true,
      handshakeTimeout: 15_000,
    });
    this.#socket = socket;
    let why = "lost";
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("message", (data: Buffer) => {
      // What was on its way to one that was cut meanwhile is not the next one's.
      if (this.#socket === socket) this.#hear(data.toString("latin1"));
    });
    socket.on("close", () => this.#lost(socket, why));
  }

  /** The path to the relay is gone; it will be dialled again in `afterMs`. */
  cut(afterMs: number): void {
    const socket = this.#socket;
    this.#socket = null;
    this.ready = false;
    socket?.terminate();
    setTimeout(() => this.dial(), afterMs);
  }

  send(usage: string): void {
    if (!this.ready) return;
    this.#acks += 1;
    this.#socket?.send(`42${this.#acks}${usage}`);
  }

  promote(afterMs: number): void {
    this.ready = false;
    setTimeout(() => {
      this.#standby = false;
      this.#hello = this.#newHello();
      this.#socket?.send(`42${JSON.stringify(["link:promote", { agentNonce: this.#hello.agentNonce }])}`);
    }, afterMs);
  }

  redialMs(): number {
    return this.#rules.afterLoss(60_000);
  }

  #lost(socket: WebSocket, why: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.ready = false;
    this.#onFail(why);
    setTimeout(() => this.dial(), 100 + this.#rules.afterLoss(0));
  }

  #hear(text: string): void {
    if (text === "2") return void this.#socket?.send("3");
    if (text.startsWith("0")) {
      this.#hello = this.#newHello();
      this.#socket?.send(`40${JSON.stringify(this.#hello)}`);
      return;
    }
    const event = /^42(\d*)(\["link:(?:challenge|standby|ready)".*)$/s.exec(text);
    if (event === null || this.#hello === null) return;
    const [name, body] = JSON.parse(event[2] ?? "[]") as [string, unknown];
    if (name === (this.#standby ? "link:standby" : "link:ready")) {
      this.ready = true;
      this.#onReady();
      return;
    }
    const { nonce } = LinkChallenge.parse(body);
    const { agentNonce, protocol, agentVersion } = this.#hello;
    const parts = { relayName: RELAY_NAME, nonce, agentNonce, protocol, agentVersion };
    this.#socket?.send(
      `43${event[1]}${JSON.stringify([{ signature: signHostProof(parts, this.#keys.privateKey, this.#standby ? "standby" : "host") }])}`,
    );
  }

  #newHello(): LinkHello {
    return {
      protocol: PROTOCOL_VERSION,
      agentVersion: AGENT_VERSION,
      publicKey: this.#keys.publicKey,
      agentNonce: randomBytes(32).toString("base64"),
      ...(this.#standby ? { standby: true } : {}),
    };
  }
}

export async function driveAgents([origin = "", count = "0", first = "0", use = ""]: readonly string[]): Promise<void> {
  const url = `${origin.replace(/^http/, "ws")}${RELAY_PATHS.link}/?EIO=4&transport=websocket`;
  let up = 0;
  let failures: Record<string, number> = {};
  let arrived = () => {};
  const agents = Array.from(
    { length: Number(count) },
    (_, index) =>
      new LightAgent(
        url,
        Number(first) + index,
        use === "standby",
        () => {
          up += 1;
          arrived();
        },
        (why) => {
          failures[why] = (failures[why] ?? 0) + 1;
        },
      ),
  );
  const allUp = () =>
    new Promise<void>((resolve) => {
      arrived = () => {
        if (agents.reduce((count, agent) => count + (agent.ready ? 1 : 0), 0) >= agents.length * ENOUGH) resolve();
      };
      arrived();
    });
  let usageTimer: NodeJS.Timeout | undefined;

  const obey = async (order: Order): Promise<void> => {
    failures = {};
    const began = performance.now();
    switch (order.kind) {
      case "connect": {
        for (const [index, agent] of agents.entries()) {
          if (!agent.ready) agent.dial();
          const ahead = ((index + 1) / order.perSecond) * 1_000 - (performance.now() - began);
          if (ahead > 5) await sleep(ahead);
        }
        await allUp();
        break;
      }
      case "usage": {
        const sample = usageOf(agents[0]?.hostId ?? "");
        let next = 0;
        let at = performance.now();
        usageTimer = setInterval(() => {
          const now = performance.now();
          for (; at < now; at += order.everyMs / agents.length) {
            agents[next % agents.length]?.send(sample);
            next += 1;
          }
        }, 10);
        break;
      }
      case "promote": {
        for (const agent of agents) agent.promote(order.withinMs * Math.random());
        await allUp();
        break;
      }
      case "storm": {
        clearInterval(usageTimer);
        const those = agents.slice(0, order.count);
        for (const agent of those) agent.cut(order.jitter ? agent.redialMs() : 0);
        await allUp();
      }
    }
    process.send?.({ up, failures, tookMs: performance.now() - began });
  };
  process.on("message", (message) => {
    if (typeof message === "object" && message !== null && "kind" in message) void obey(message as Order);
  });
  process.send?.({ port: 1 });
}

/** As one host sends it: four instances, and no charts' samples. Signed once: no relay looks. */
function usageOf(hostId: string): string {
  const instances = Array.from({ length: 4 }, (_, index) => ({
    instanceId: `i-${String(index).padStart(17, "0")}`,
    cpuFraction: 0.125,
    memoryBytes: 1e9,
  }));
  const usage = {
    at: Date.now(),
    cpuFraction: 0.31,
    memoryUsedBytes: 34_359_738_368,
    storageUsedBytes: 343_597_383_680,
    networkReceivedBytesPerSecond: 1_234_567,
    networkSentBytesPerSecond: 1_234_567,
    instances,
  };
  const envelope = signEnvelope("host-usage", { hostId, linkEpoch: 1, number: 1, usage }, generateSigningKeyPair().privateKey);
  return JSON.stringify(["usage", envelope]);
}
