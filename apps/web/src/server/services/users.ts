import { AppError } from "@indium/contract/errors";
import { UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { hashPassword, verifyPassword } from "../auth/password";
import { type Db, isUniqueViolation, type Tx } from "../db";
import { type Acting, audit, auditBy } from "./audit";
import { countAttempt, forgetAttempts, type Limit } from "./rate-limit";

const MINUTE = 60_000;
/** Per account: stops guessing one password. Per address: stops trying one password on many accounts. */
const SIGN_IN_ACCOUNT: Limit = { purpose: "sign-in-account", attempts: 10, windowMs: 15 * MINUTE };
const SIGN_IN_ADDRESS: Limit = { purpose: "sign-in-address", attempts: 60, windowMs: 15 * MINUTE };
const CHANGE_PASSWORD: Limit = { purpose: "change-password", attempts: 10, windowMs: 15 * MINUTE };

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Who signs in with these; null when they do not fit, without telling why.
 * @throws AppError `rate_limited`
 */
export async function signIn(
  db: Db,
  given: { email: string; password: string; remoteAddress: string | null },
  now: Date,
): Promise<{ id: string; name: string; email: string; sessionEpoch: number } | null> {
  const email = given.email.trim().toLowerCase();
  if (given.remoteAddress !== null) await countAttempt(db, SIGN_IN_ADDRESS, given.remoteAddress, now);
  await countAttempt(db, SIGN_IN_ACCOUNT, email, now);
  const user = await db.user.findUnique({ where: { email } });
  const fits = await verifyPassword(given.password, user?.passwordHash ?? null);
  const by = { actorId: user?.id ?? null, remoteAddress: given.remoteAddress, at: now };
  const entry = { organizationId: null, action: "session.create", target: { kind: "user", id: user?.id ?? null } } as const;
  if (user === null || !fits || user.disabledAt !== null) {
    if (user !== null) await audit(db, by, { ...entry, result: "denied" });
    return null;
  }
  await forgetAttempts(db, SIGN_IN_ACCOUNT, email);
  await audit(db, by, entry);
  return { id: user.id, name: user.name, email: user.email, sessionEpoch: user.sessionEpoch };
}

/** @throws AppError `already_exists` on the field `email`. */
export async function createUser(tx: Tx, account: NewAccount, options: { installationAdmin: boolean }): Promise<UserId> {
  const id = newId("user");
  const passwordHash = await hashPassword(account.password);
  if ((await tx.user.count({ where: { email: account.email } })) > 0) throw emailTaken(account.email);
  try {
    await tx.user.create({ data: { id, email: account.email, name: account.name, passwordHash, ...options } });
  } catch (thrown) {
    if (isUniqueViolation(thrown)) throw emailTaken(account.email);
    throw thrown;
  }
  return UserId.parse(id);
}

function emailTaken(email: string): AppError {
  return new AppError("already_exists", `${email} has an account already. Sign in with it first.`, { field: "email" });
}

/**
 * Every session of the user ends, this one too: the browser signs in again with the new password.
 * @throws AppError `bad_request` on the field `currentPassword`, `rate_limited`.
 */
export async function changePassword(acting: Acting, input: { currentPassword: string; newPassword: string }): Promise<void> {
  const { db, actor } = acting;
  await countAttempt(db, CHANGE_PASSWORD, actor.userId, acting.now());
  const user = await db.user.findUniqueOrThrow({ where: { id: actor.userId } });
  if (!(await verifyPassword(input.currentPassword, user.passwordHash)))
    throw new AppError("bad_request", "This is not your current password.", { field: "currentPassword" });
  if (input.currentPassword === input.newPassword)
    throw new AppError("bad_request", "The new password is the old one. Choose another.", { field: "newPassword" });
  const passwordHash = await hashPassword(input.newPassword);
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: actor.userId }, data: { passwordHash, sessionEpoch: { increment: 1 } } });
    await auditBy(tx, acting, { organizationId: null, action: "account.changePassword", target: { kind: "user", id: actor.userId } });
  });
  await forgetAttempts(db, CHANGE_PASSWORD, actor.userId);
}

export async function updateProfile(acting: Acting, input: { name: string }): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: acting.actor.userId }, data: { name: input.name } });
    await auditBy(tx, acting, { organizationId: null, action: "account.update", target: { kind: "user", id: acting.actor.userId } });
  });
}
