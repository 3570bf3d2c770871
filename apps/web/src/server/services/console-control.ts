import { CONTROL_ANSWER_MS } from "@indium/contract/api/console-views";
import { AppError } from "@indium/contract/errors";
import type { Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";

/**
 * One person at a time types into an instance's console; the others watch. A row of ConsoleControl says who.
 *
 *   nobody ──opens, or asks──▶ held ──asked──▶ asked for ──given, or 15 s without an answer──▶ held by who asked
 *     ▲                         │ ▲               └────────kept────────▶ held
 *     └──left and not back──────┘ └ opens again within 15 s, in as many windows as they like
 *
 * Invariants: a ticket to type is given to the holder only, and control changes hands under the instance's lock; who lost it has their
 * streams ended, and their unused tickets with them.
 */
const GRACE_MS = 15_000;
/** Who asked and does not claim what is theirs has gone. */
const QUESTION_MS = 2 * CONTROL_ANSWER_MS;

export interface ControlState {
  readonly userId: string;
  readonly since: Date;
  readonly asked: { readonly userId: string; readonly at: Date } | null;
}

/** Who holds control now; null for nobody, also when a row is left of somebody who went. Waits for whoever changes it. */
export async function lockControl(tx: Tx, instanceId: string, now: Date): Promise<ControlState | null> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`console ${instanceId}`}))`;
  return readControl(tx, instanceId, now);
}

export async function readControl(
  tx: Pick<Tx, "consoleControl" | "consoleViewer">,
  instanceId: string,
  now: Date,
): Promise<ControlState | null> {
  const row = await tx.consoleControl.findUnique({ where: { instanceId } });
  if (row === null) return null;
  if (row.seenAt.getTime() + GRACE_MS <= now.getTime()) {
    const open = await tx.consoleViewer.count({ where: { instanceId, userId: row.userId, shareId: null, mode: "control" } });
    if (open === 0) return null;
  }
  const { askedById, askedAt } = row;
  const stale = askedById === null || askedAt === null || askedAt.getTime() + QUESTION_MS <= now.getTime();
  const asked = stale ? null : { userId: askedById, at: askedAt };
  return { userId: row.userId, since: row.since, asked };
}

/** For one who opens a console: theirs when it is free or theirs already. */
export async function takeFreeControl(tx: Tx, instanceId: string, userId: string, now: Date): Promise<boolean> {
  const held = await lockControl(tx, instanceId, now);
  if (held !== null && held.userId !== userId) return false;
  if (held === null) await setHolder(tx, instanceId, userId, now);
  else await tx.consoleControl.update({ where: { instanceId }, data: { seenAt: now } });
  return true;
}

async function setHolder(tx: Tx, instanceId: string, userId: string, now: Date): Promise<void> {
  const columns = { userId, since: now, seenAt: now, askedById: null, askedAt: null };
  await tx.consoleControl.upsert({ where: { instanceId }, create: { instanceId, ...columns }, update: columns });
}

/** What to do once the transaction is committed: this person's streams that type are to be ended. */
export interface Passed {
  readonly from: string;
}

interface Where {
  readonly organizationId: string;
  readonly instanceId: string;
}

/** Asks for control; it is theirs at once when nobody holds it. Asked again, or by a second, the first question stands. */
export async function askControl(tx: Tx, acting: Acting, where: Where): Promise<Passed | null> {
  const { instanceId } = where;
  const now = acting.now();
  const held = await lockControl(tx, instanceId, now);
  const { userId } = acting.actor;
  if (held?.userId === userId) return null;
  if (held === null) return pass(tx, acting, where, null, userId, "free");
  if (held.asked?.userId === userId) return null;
  if (held.asked !== null) throw new AppError("conflict", "Somebody else has just asked for control. Wait until that is answered.");
  await tx.consoleControl.update({ where: { instanceId }, data: { askedById: userId, askedAt: now } });
  await tell(tx, where);
  return null;
}

/** The holder's answer. @throws AppError `precondition_failed` when nobody asks them any more. */
export async function answerControl(tx: Tx, acting: Acting, where: Where, give: boolean): Promise<Passed | null> {
  const held = await lockControl(tx, where.instanceId, acting.now());
  if (held === null || held.userId !== acting.actor.userId || held.asked === null)
    throw new AppError("precondition_failed", "Nobody asks you for control any more.");
  if (give) return pass(tx, acting, where, held.userId, held.asked.userId, "given");
  await tx.consoleControl.update({ where: { instanceId: where.instanceId }, data: { askedById: null, askedAt: null } });
  await tell(tx, where);
  return null;
}

/** For who asked and had no answer. @throws AppError `precondition_failed` before the time is over, or when they were refused. */
export async function claimControl(tx: Tx, acting: Acting, where: Where): Promise<Passed | null> {
  const now = acting.now();
  const held = await lockControl(tx, where.instanceId, now);
  const { userId } = acting.actor;
  if (held?.userId === userId) return null;
  if (held === null) return pass(tx, acting, where, null, userId, "free");
  if (held.asked?.userId !== userId) throw new AppError("precondition_failed", "You did not ask for control, or it was kept. Ask again.");
  if (held.asked.at.getTime() + CONTROL_ANSWER_MS > now.getTime())
    throw new AppError("precondition_failed", "There is still time to answer. Wait until it is over.");
  return pass(tx, acting, where, held.userId, userId, "unanswered");
}

async function pass(
  tx: Tx,
  acting: Acting,
  where: Where,
  from: string | null,
  to: string,
  how: "free" | "given" | "unanswered",
): Promise<Passed | null> {
  await setHolder(tx, where.instanceId, to, acting.now());
  await auditBy(tx, acting, {
    organizationId: where.organizationId,
    action: "instance.console.control",
    target: { kind: "instance", id: where.instanceId },
    detail: { to, how, ...(from === null ? {} : { from }) },
  });
  await tell(tx, where);
  return from === null ? null : { from };
}

async function tell(tx: Tx, where: Where): Promise<void> {
  await publishChange(tx, { organizationId: where.organizationId, resource: "console", id: where.instanceId });
}
