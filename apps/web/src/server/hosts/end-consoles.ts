import type { UserId } from "@indium/contract/ids";
import type { Db } from "../db";
import { centre } from "../services/centre";
import { endStreams } from "./relay-calls";

/**
 * Ends every console a person has open, and what tickets they hold, after their access changed: a stream that is open was allowed by
 * who they were before. Consoles they may still use open again at a click.
 */
export async function endConsolesOf(db: Db, userId: UserId, reason: string): Promise<void> {
  await endStreamsQuietly(db, { userId, reason });
}

/** After what allowed them is gone, in the database: what could not be told to a relay must not look as if it were not. */
export async function endStreamsQuietly(db: Db, what: Parameters<typeof endStreams>[1]): Promise<void> {
  if ((await db.relay.count()) === 0) return;
  try {
    const { signer } = await centre();
    await endStreams({ db, signer }, what);
  } catch (thrown) {
    console.error(`consoles of ${what.shareId ?? what.userId ?? what.instanceId} could not be ended:`, String(thrown));
  }
}
