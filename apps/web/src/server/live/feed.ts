import { LiveChange } from "@indium/contract/api/live";
import { HostUsage } from "@indium/contract/host";
import { HostId } from "@indium/contract/ids";
import pg from "pg";
import { z } from "zod";
import { requireDatabaseUrl } from "../db";
import { LIVE_CHANNEL } from "./publish";

/**
 * One LISTEN connection a process, fanned out to its subscriptions.
 *
 *   idle ──first subscription──▶ connecting ──▶ listening ──connection lost──▶ waiting ──▶ connecting …
 *
 * - A subscription's first message is `resync`; so is the first after the connection was lost, because what was sent
 *   meanwhile is gone.
 * - A reader that falls behind loses its queue and gets one `resync` instead: memory is bounded.
 */
const Payload = z.discriminatedUnion("kind", [
  z.object({
    organizationId: z.string(),
    kind: z.literal("changed"),
    resource: z.string(),
    id: z.string(),
    parentId: z.string().nullable(),
  }),
  z.object({ organizationId: z.string(), kind: z.literal("usage"), hostId: HostId, usage: HostUsage }),
  z.object({ organizationId: z.string(), kind: z.literal("usageStored"), hostId: HostId }),
  z.object({ organizationId: z.string(), kind: z.literal("metrics"), hostId: HostId, at: z.number().int() }),
]);

const MAX_QUEUED = 500;
/** What a fleet's health is made of. */
const FLEET_RESOURCES: ReadonlySet<string> = new Set(["instance", "host", "site"] satisfies Extract<
  LiveChange,
  { kind: "changed" }
>["resource"][]);
const RECONNECT_MS = [100, 500, 2_000, 5_000] as const;
/** A connection that died without a word (a firewall, a suspended machine) is found by asking it something. */
const PROBE_EVERY_MS = 30_000;
const ANSWER_MS = 10_000;

export class LiveFeed {
  readonly #databaseUrl: string;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #onlookers = new Map<string, Set<Subscriber>>();
  #client: pg.Client | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #probe: NodeJS.Timeout | null = null;
  #attempt = 0;
  #closed = false;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /**
   * Ends when `signal` aborts or the feed closes. Of the organizations in `fleet` (a provider's customers) it is only told that something
   * of them changed.
   */
  async *subscribe(
    organizationId: string,
    signal: AbortSignal,
    fleet: readonly string[] = [],
  ): AsyncGenerator<LiveChange, void, undefined> {
    const subscriber = new Subscriber();
    enter(this.#subscribers, organizationId, subscriber);
    for (const customer of fleet) enter(this.#onlookers, customer, subscriber);
    const stop = () => subscriber.end();
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (signal.aborted || this.#closed) return;
      // Listening comes before the first resync: what is committed after it is heard.
      await this.#ensureListening();
      subscriber.resync();
      yield* subscriber.read();
    } finally {
      signal.removeEventListener("abort", stop);
      leave(this.#subscribers, organizationId, subscriber);
      for (const customer of fleet) leave(this.#onlookers, customer, subscriber);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#probe !== null) clearInterval(this.#probe);
    for (const set of this.#subscribers.values()) for (const subscriber of set) subscriber.end();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  /** Never throws: a feed without a connection keeps trying, and its subscribers get `resync` when it is back. */
  #ensureListening(): Promise<void> {
    if (this.#client !== null || this.#timer !== null) return Promise.resolve();
    this.#starting ??= this.#listen().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: ANSWER_MS,
    });
    const lost = () => this.#lost(client);
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", (message) => void this.#deliver(client, message.payload ?? ""));
    try {
      await client.connect();
      await client.query(`LISTEN ${LIVE_CHANNEL}`);
    } catch (error) {
      console.warn(`live feed: ${error instanceof Error ? error.message : error}; trying again`);
      await client.end().catch(() => {});
      this.#retry();
      return;
    }
    if (this.#closed) {
      await client.end().catch(() => {});
      return;
    }
    this.#client = client;
    this.#attempt = 0;
    this.#probe = setInterval(() => void client.query("SELECT 1").catch(lost), PROBE_EVERY_MS);
    this.#probe.unref();
    this.#resyncAll();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#probe !== null) clearInterval(this.#probe);
    void client.end().catch(() => {});
    this.#retry();
  }

  #retry(): void {
    if (this.#closed || this.#timer !== null) return;
    const delay = RECONNECT_MS[Math.min(this.#attempt, RECONNECT_MS.length - 1)] ?? 5_000;
    this.#attempt += 1;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#ensureListening();
    }, delay);
    this.#timer.unref();
  }

  #resyncAll(): void {
    for (const set of this.#subscribers.values()) for (const subscriber of set) subscriber.resync();
  }

  async #deliver(client: pg.Client, text: string): Promise<void> {
    const payload = Payload.safeParse(parseJson(text));
    if (!payload.success) return;
    const { organizationId, ...rest } = payload.data;
    if (rest.kind === "changed" && FLEET_RESOURCES.has(rest.resource)) {
      const change = { kind: "changed", resource: "fleet", id: organizationId, parentId: null } as const;
      for (const onlooker of this.#onlookers.get(organizationId) ?? []) onlooker.push(change);
    }
    const set = this.#subscribers.get(organizationId);
    if (set === undefined) return;
    const change = rest.kind === "usageStored" ? await storedUsage(client, rest.hostId) : LiveChange.safeParse(rest).data;
    if (change === undefined) return;
    for (const subscriber of set) subscriber.push(change);
  }
}

type Subscribers = Map<string, Set<Subscriber>>;

function enter(all: Subscribers, organizationId: string, subscriber: Subscriber): void {
  all.set(organizationId, (all.get(organizationId) ?? new Set()).add(subscriber));
}

function leave(all: Subscribers, organizationId: string, subscriber: Subscriber): void {
  const set = all.get(organizationId);
  set?.delete(subscriber);
  if (set?.size === 0) all.delete(organizationId);
}

async function storedUsage(client: pg.Client, hostId: HostId): Promise<LiveChange | undefined> {
  try {
    const { rows } = await client.query<{ usage: unknown }>(`SELECT usage FROM "Host" WHERE id = $1`, [hostId]);
    const usage = HostUsage.safeParse(rows[0]?.usage);
    return usage.success ? { kind: "usage", hostId, usage: usage.data } : undefined;
  } catch {
    // The connection went; the next sample comes in seconds.
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class Subscriber {
  #queue: LiveChange[] = [];
  #ended = false;
  #wake: () => void = () => {};

  push(change: LiveChange): void {
    if (this.#queue.length >= MAX_QUEUED) {
      this.resync();
      return;
    }
    this.#queue.push(change);
    this.#wake();
  }

  /** Everything is asked for again, so what waits needs no telling. */
  resync(): void {
    this.#queue = [{ kind: "resync" }];
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<LiveChange, void, undefined> {
    while (!this.#ended) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const holder = globalThis as typeof globalThis & { indiumLiveFeed?: LiveFeed };

/** The process's one feed. */
export function liveFeed(): LiveFeed {
  holder.indiumLiveFeed ??= new LiveFeed(requireDatabaseUrl());
  return holder.indiumLiveFeed;
}
