import type { Db } from "../db";
import { publishChange } from "../live/publish";
import { forgetViewersOfSilentRelays } from "../services/console-room";
import { keepMetrics } from "../services/metrics-rollup";
import { advanceOperation } from "../services/operation-advance";
import { deleteOldAttempts } from "../services/rate-limit";

/** What reconcile tasks share: no input, idempotent, each run finds out by itself what is to be done. */
export interface TaskContext {
  readonly db: Db;
  readonly now: () => number;
}

export interface Task {
  readonly name: string;
  readonly everyMs: number;
  run(context: TaskContext): Promise<void>;
}

const LEASE_LOOKBACK_MS = 60_000;
/** Twelve renewals of leases that did not come. */
const RELAY_SILENCE_MS = 60_000;
const EVENTS_KEPT_PER_HOST = 1_000;
/** A guest can reboot as often as it likes, and each boot has its lines in the timeline; the first, its creation's, stay. */
const BOOTS_KEPT = 20;
const ENROLMENTS_KEPT_MS = 7 * 86_400_000;

/**
 * Tells browsers of hosts whose lease has just run out, with their instances, which display `unknown` from now on. It remembers whom it
 * told, so that each loss is told once by this leader; a new leader may tell the last minute's again.
 */
export function leaseWatcher(): Task {
  const told = new Map<string, number>();
  return {
    name: "leases",
    everyMs: 1_000,
    run: async ({ db, now }) => {
      const nowMs = now();
      const expired = await db.$queryRaw<{ id: string; organizationId: string | null; leaseExpiresAt: Date }[]>`
        SELECT id, "organizationId", "leaseExpiresAt" FROM "Host" WHERE "revokedAt" IS NULL
          AND "leaseExpiresAt" <= ${new Date(nowMs)}::timestamp AND "leaseExpiresAt" > ${new Date(nowMs - LEASE_LOOKBACK_MS)}::timestamp`;
      for (const host of expired) {
        if (told.get(host.id) === host.leaseExpiresAt.getTime()) continue;
        told.set(host.id, host.leaseExpiresAt.getTime());
        await tellHost(db, host);
      }
      for (const [id, at] of told) if (at < nowMs - 2 * LEASE_LOOKBACK_MS) told.delete(id);
    },
  };
}

async function tellHost(db: Db, host: { id: string; organizationId: string | null }): Promise<void> {
  await publishChange(db, { organizationId: host.organizationId, resource: "host", id: host.id });
  const instances = await db.instance.findMany({ where: { hostId: host.id, deletedAt: null }, select: { id: true, organizationId: true } });
  for (const instance of instances)
    await publishChange(db, { organizationId: instance.organizationId, resource: "instance", id: instance.id });
}

/** Every open operation is looked at: those whose host is away get their sentence, those past their deadline their end. */
export const sweepOperations: Task = {
  name: "operations",
  everyMs: 5_000,
  run: async ({ db, now }) => {
    const open = await db.operation.findMany({
      where: { state: { in: ["pending", "running", "waiting"] }, instanceId: { not: null } },
      select: { id: true },
    });
    for (const { id } of open)
      await advanceOperation(db, id, now()).catch((thrown: unknown) => console.error(`operation ${id} could not be advanced:`, thrown));
  },
};

/** Only what this leader itself has waited for: while the centre was away no relay could say that it is there. */
export function silentRelays(): Task {
  let since: number | null = null;
  return {
    name: "silent-relays",
    everyMs: 15_000,
    run: async ({ db, now }) => {
      const nowMs = now();
      since ??= nowMs;
      if (nowMs - since < RELAY_SILENCE_MS) return;
      await forgetViewersOfSilentRelays(db, new Date(nowMs - RELAY_SILENCE_MS), new Date(nowMs));
    },
  };
}

export const pruneEnrolments: Task = {
  name: "enrolments",
  everyMs: 10 * 60_000,
  run: async ({ db, now }) => {
    await db.enrolment.deleteMany({ where: { usedAt: null, expiresAt: { lt: new Date(now() - ENROLMENTS_KEPT_MS) } } });
  },
};

export const pruneHostEvents: Task = {
  name: "host-events",
  everyMs: 30 * 60_000,
  run: async ({ db }) => {
    await db.$executeRaw`DELETE FROM "HostEvent" e USING "Host" h WHERE e."hostId" = h.id AND e.id < (
      SELECT min(id) FROM (SELECT id FROM "HostEvent" k WHERE k."hostId" = h.id ORDER BY id DESC LIMIT ${EVENTS_KEPT_PER_HOST}) AS kept)`;
  },
};

export const pruneTimelines: Task = {
  name: "timelines",
  everyMs: 30 * 60_000,
  run: async ({ db }) => {
    await db.$executeRaw`DELETE FROM "InstanceStep" s
      USING (SELECT "instanceId", max(boot) AS last FROM "InstanceStep" GROUP BY "instanceId" HAVING max(boot) > ${BOOTS_KEPT}) AS newest
      WHERE s."instanceId" = newest."instanceId" AND s.boot > 1 AND s.boot <= newest.last - ${BOOTS_KEPT}`;
  },
};

export const pruneRateLimits: Task = {
  name: "rate-limits",
  everyMs: 30 * 60_000,
  run: ({ db, now }) => deleteOldAttempts(db, new Date(now())),
};

export const rollUpMetrics: Task = {
  name: "metrics",
  everyMs: 60_000,
  run: ({ db, now }) => keepMetrics(db, now()),
};

/** Runs tasks on their timers, each one after its own last run has ended. Answers how to stop. */
export function startTasks(context: TaskContext, tasks: readonly Task[]): () => Promise<void> {
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const schedule = (task: Task) => {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const run = task
        .run(context)
        .catch((thrown: unknown) => console.error(`task ${task.name} failed:`, thrown))
        .finally(() => {
          running.delete(run);
          schedule(task);
        });
      running.add(run);
    }, task.everyMs);
    timers.add(timer);
  };
  for (const task of tasks) schedule(task);
  return async () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.allSettled(running);
  };
}
