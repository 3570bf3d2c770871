import { AppError } from "@indium/contract/errors";
import { env } from "../../lib/env";
import { sessionKeyId, sessionSecret } from "../auth/session-secret";
import { db } from "../db";
import { type Centre, centre } from "./centre";
import { checkKeys } from "./centre-keys";

let checked: Promise<Centre> | undefined;

/**
 * The centre's keys, after they were found to be the installation's: what every request of web passes. Looked at once a process, and again
 * until it was right.
 * @throws AppError `precondition_failed`, or what a database that is away throws.
 */
export function checkedCentre(): Promise<Centre> {
  if (checked !== undefined) return checked;
  const checking = check();
  checked = checking;
  checking.catch((thrown: unknown) => {
    checked = undefined;
    // Nobody who sees a page is told where the keys folder is.
    if (thrown instanceof AppError) console.error(`web: ${thrown.message}`);
  });
  return checking;
}

async function check(): Promise<Centre> {
  const own = await centre();
  await checkKeys(db(), own, sessionKeyId(sessionSecret(env().keysDir)));
  return own;
}
