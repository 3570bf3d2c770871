import { createHash } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import type { Db } from "../db";

export interface Limit {
  readonly purpose: string;
  readonly attempts: number;
  readonly windowMs: number;
}

/** Names and addresses of people are not kept in clear for this. */
const keyOf = (limit: Limit, subject: string) => `${limit.purpose}:${createHash("sha256").update(subject).digest("hex").slice(0, 32)}`;

/**
 * Counts one attempt before it is made, so that many at once cannot slip through; holds over every replica.
 * @throws AppError `rate_limited` saying how long to wait.
 */
export async function countAttempt(db: Db, limit: Limit, subject: string, now: Date): Promise<void> {
  const ends = new Date(now.getTime() + limit.windowMs);
  const [row] = await db.$queryRaw<{ count: number; windowEnd: Date }[]>`
    INSERT INTO "RateLimit" AS r (key, count, "windowEnd") VALUES (${keyOf(limit, subject)}, 1, ${ends}::timestamp)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN r."windowEnd" <= ${now}::timestamp THEN 1 ELSE least(r.count + 1, 1000000) END,
      "windowEnd" = CASE WHEN r."windowEnd" <= ${now}::timestamp THEN ${ends}::timestamp ELSE r."windowEnd" END
    RETURNING count, "windowEnd"`;
  if (row === undefined || row.count <= limit.attempts) return;
  const minutes = Math.max(1, Math.ceil((row.windowEnd.getTime() - now.getTime()) / 60_000));
  throw new AppError("rate_limited", `Too many attempts. Wait ${minutes === 1 ? "a minute" : `${minutes} minutes`} and try again.`);
}

/** After a success nothing is held against the subject. */
export async function forgetAttempts(db: Db, limit: Limit, subject: string): Promise<void> {
  await db.rateLimit.deleteMany({ where: { key: keyOf(limit, subject) } });
}

/** Keys whose window is over say nothing any more; called now and then by the worker. */
export async function deleteOldAttempts(db: Db, now: Date): Promise<void> {
  await db.rateLimit.deleteMany({ where: { windowEnd: { lt: now } } });
}
