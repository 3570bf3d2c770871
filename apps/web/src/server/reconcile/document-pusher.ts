import { toAppError } from "@indium/contract/errors";
import pg from "pg";
import { HOST_CHANNEL } from "../services/host-documents";
import { type PushContext, type PushResult, pushDocument } from "./push-document";

/**
 * Keeps every linked host's document current: on a signal (a change, a connect), on a timer for those that lag, and now and then for
 * all. One push per host at a time; a signal during one asks for another after it. One host's failure is its own.
 */
const LAGGING_EVERY_MS = 10_000;
const EVERYTHING_EVERY_MS = 5 * 60_000;
const CONCURRENCY = 16;
const LISTEN_AGAIN_MS = 1_000;
/** A connection that died without a word hears nothing more; it is found by asking it something. */
const PROBE_EVERY_MS = 30_000;
const ANSWER_MS = 10_000;
/** Right after a connect the relay may not carry calls yet. */
const RETRY_MS = [100, 300, 1_000, 3_000] as const;

interface Job {
  again: boolean;
}

export class DocumentPusher {
  readonly #context: PushContext;
  readonly #push: (context: PushContext, hostId: string) => Promise<PushResult>;
  readonly #running = new Map<string, Job>();
  readonly #waiting = new Set<string>();
  readonly #retries = new Map<string, { attempt: number; timer: NodeJS.Timeout }>();
  readonly #idle = new Set<() => void>();
  #stopped = false;

  constructor(context: PushContext, push = pushDocument) {
    this.#context = context;
    this.#push = push;
  }

  signal(hostId: string): void {
    if (this.#stopped) return;
    const retry = this.#retries.get(hostId);
    if (retry !== undefined) clearTimeout(retry.timer);
    this.#retries.delete(hostId);
    this.#enqueue(hostId);
  }

  #enqueue(hostId: string): void {
    const job = this.#running.get(hostId);
    if (job !== undefined) job.again = true;
    else this.#waiting.add(hostId);
    this.#next();
  }

  #next(): void {
    for (const hostId of this.#waiting) {
      if (this.#stopped || this.#running.size >= CONCURRENCY) return;
      this.#waiting.delete(hostId);
      const job: Job = { again: false };
      this.#running.set(hostId, job);
      void this.#run(hostId, job).finally(() => {
        this.#running.delete(hostId);
        if (job.again && !this.#stopped) this.#waiting.add(hostId);
        this.#next();
        if (this.#running.size === 0 && this.#waiting.size === 0) for (const resolve of this.#idle) resolve();
      });
    }
  }

  async #run(hostId: string, job: Job): Promise<void> {
    try {
      await this.#push(this.#context, hostId);
      this.#retries.delete(hostId);
    } catch (thrown) {
      if (job.again || this.#stopped) return;
      this.#retryLater(hostId, thrown);
    }
  }

  #retryLater(hostId: string, thrown: unknown): void {
    const attempt = (this.#retries.get(hostId)?.attempt ?? -1) + 1;
    const delay = RETRY_MS[attempt];
    const error = toAppError(thrown, "The document could not be sent.");
    if (delay === undefined) {
      // The timer takes over; a host that is away is no news, anything else is.
      this.#retries.delete(hostId);
      if (error.code !== "host_unreachable") console.warn(`document of ${hostId}: ${error.message}`, error.internal ?? "");
      return;
    }
    const timer = setTimeout(() => this.#enqueue(hostId), delay);
    this.#retries.set(hostId, { attempt, timer });
  }

  /** Those that lag behind, or all that are linked. */
  async sweep(which: "lagging" | "all"): Promise<void> {
    const now = new Date(this.#context.now());
    const hosts = await this.#context.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM "Host" WHERE "revokedAt" IS NULL AND "relayUrl" IS NOT NULL AND "leaseExpiresAt" > ${now}::timestamp
        AND (${which === "all"} OR "acceptedGeneration" <> "desiredGeneration"
          OR "acceptedEpoch" <> (SELECT "centreEpoch" FROM "Installation" WHERE id = 1))`;
    for (const host of hosts) if (!this.#retries.has(host.id)) this.#enqueue(host.id);
  }

  /** Resolves when nothing is under way (not counting retries that wait). */
  async settled(): Promise<void> {
    if (this.#running.size === 0 && this.#waiting.size === 0) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#idle.delete(done);
        resolve();
      };
      this.#idle.add(done);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    await this.settled();
  }
}

/** Runs a pusher on its signals and timers, until stopped. The caller is the leader. */
export async function startDocumentPusher(databaseUrl: string, context: PushContext): Promise<() => Promise<void>> {
  const pusher = new DocumentPusher(context);
  const report = (thrown: unknown) => console.error("document sweep:", thrown);
  const sweep = (which: "lagging" | "all") => void pusher.sweep(which).catch(report);
  const signals = await listen(
    databaseUrl,
    (hostId) => pusher.signal(hostId),
    () => sweep("all"),
  );
  const lagging = setInterval(() => sweep("lagging"), LAGGING_EVERY_MS);
  const everything = setInterval(() => sweep("all"), EVERYTHING_EVERY_MS);
  return async () => {
    clearInterval(lagging);
    clearInterval(everything);
    await signals.stop();
    await pusher.stop();
  };
}

/** LISTENs, and again after a lost connection; `listening` is called each time, because what was signalled in between is gone. */
async function listen(databaseUrl: string, heard: (hostId: string) => void, listening: () => void): Promise<{ stop: () => Promise<void> }> {
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: ANSWER_MS,
    });
    let over = false;
    const lost = () => {
      if (over || stopped) return;
      over = true;
      client = null;
      void fresh.end().catch(() => {});
      timer = setTimeout(() => void connect().catch(() => {}), LISTEN_AGAIN_MS);
    };
    fresh.on("error", lost);
    fresh.on("end", lost);
    fresh.on("notification", (message) => heard(message.payload ?? ""));
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${HOST_CHANNEL}`);
    } catch (thrown) {
      lost();
      throw thrown;
    }
    if (stopped) return void (await fresh.end().catch(() => {}));
    client = fresh;
    listening();
  };
  await connect().catch((thrown: unknown) => console.warn(`document signals: ${String(thrown)}; trying again`));
  const probe = setInterval(() => {
    const asked = client;
    // Its end, whoever makes it, is what `lost` hears.
    asked?.query("SELECT 1").catch(() => void asked.end().catch(() => {}));
  }, PROBE_EVERY_MS);
  return {
    stop: async () => {
      stopped = true;
      clearInterval(probe);
      if (timer !== null) clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
