import pg from "pg";

/**
 * One leader per task over all workers, by Postgres' advisory lock.
 *
 *   waiting ──lock taken──▶ leading ──connection lost or stopped──▶ waiting …
 *
 * Invariant: `lead` runs only while this process's own connection holds the lock; its signal aborts as soon as the connection is lost, and
 * the tasks are idempotent for the moment in which the next leader may already have begun.
 */
const RETRY_MS = 2_000;
const PROBE_MS = 5_000;
/** A probe that takes longer finds the connection dead. With PROBE_MS it is less than the time after which Postgres gives the lock away. */
const ANSWER_MS = 5_000;
/**
 * Postgres holds the lock of a machine that lost its power, or its network, until it finds out; by itself after two hours. With these after
 * 11 s (on a unix socket they are ignored).
 */
const FIND_OUT = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

export interface Leadership {
  stop(): Promise<void>;
}

/** `lead` starts what the leader does and returns how to stop it. Locks are named by their task. */
export function electLeader(databaseUrl: string, task: string, lead: (signal: AbortSignal) => Promise<() => Promise<void>>): Leadership {
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      await term(databaseUrl, task, lead, stopping.signal).catch((thrown: unknown) =>
        console.warn(`${task}: ${String(thrown)}; trying again`),
      );
      await sleep(RETRY_MS, stopping.signal);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function term(
  databaseUrl: string,
  task: string,
  lead: (signal: AbortSignal) => Promise<() => Promise<void>>,
  stopping: AbortSignal,
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: ANSWER_MS,
  });
  const over = new AbortController();
  const end = () => over.abort();
  client.on("error", end);
  client.on("end", end);
  stopping.addEventListener("abort", end, { once: true });
  try {
    await client.connect();
    await client.query(FIND_OUT);
    while (!over.signal.aborted) {
      const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken", [
        `task:${task}`,
      ]);
      if (rows[0]?.taken === true) break;
      await sleep(RETRY_MS, over.signal);
    }
    if (over.signal.aborted) return;
    const stop = await lead(over.signal);
    try {
      while (!over.signal.aborted) {
        await sleep(PROBE_MS, over.signal);
        // A connection that died without a word holds no lock.
        if (!over.signal.aborted) await client.query("SELECT 1");
      }
    } finally {
      over.abort();
      await stop();
    }
  } finally {
    stopping.removeEventListener("abort", end);
    await client.end().catch(() => {});
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
