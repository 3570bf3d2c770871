import type { UserId } from "@indium/contract/ids";
import type { Db } from "../db";
import { centre } from "../services/centre";
import { endStreams } from "./relay-calls";

/**
 * Ends every console a person has open, and what tickets they hold, after their access changed: a stream that is open was allowed by
 * who they were before. Consoles they may still use open again at a click.
 */
export async function endConsolesOf(db: Db, userId: UserId, reason: string): Promise<void> {
  if ((await db.relay.count()) === 0) return;
  try {
    const { signer } = await centre();
    await endStreams({ db, signer }, { userId, reason });
  } catch (thrown) {
    // The access is gone already; what could not be told must not look as if it were not.
    console.error(`consoles of ${userId} could not be ended:`, String(thrown));
  }
}
