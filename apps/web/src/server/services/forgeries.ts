import type { AuditAction } from "@indium/contract/audit";
import type { Db } from "../db";
import { publishChange } from "../live/publish";

/** What a relay handed in that the host it named did not sign. */
export type Forgery = "reports" | "usage" | "link" | "reply" | "console event" | "overlay";

const SAY_AGAIN_AFTER_MS = 3_600_000;

const MESSAGES: Record<Forgery, (relay: string) => string> = {
  reports: (relay) => `${relay} handed in reports in this host's name that the host did not sign for this link. They were refused.`,
  usage: (relay) => `${relay} handed in measurements in this host's name that the host did not sign. They were refused.`,
  link: (relay) => `${relay} claimed that this host had linked to it, with a proof that is not the host's, or not of now. It was refused.`,
  reply: (relay) => `${relay} gave an answer in this host's name that the host did not sign. It was not believed.`,
  overlay: (relay) => `${relay} offered a WireGuard key in this host's name that the host did not sign for this link. It was refused.`,
  "console event": (relay) => `${relay} told of a console of this host whose ticket is not its own. It was refused.`,
};

/**
 * On the page of the host it was about and in the audit log of its organization, once an hour for the same: an honest relay never does this, so
 * somebody should look. Never throws: the refusal itself must stand.
 */
export async function recordForgery(db: Db, hostId: string, relayName: string, what: Forgery, nowMs: number): Promise<void> {
  const message = `${MESSAGES[what](`Relay ${relayName}`)} If this goes on, the relay may be in someone else's hands: take its key out of the keys folder and look at its machine.`;
  const at = new Date(nowMs);
  try {
    const host = await db.host.findUnique({ where: { id: hostId }, select: { organizationId: true } });
    if (host === null) return;
    const since = new Date(nowMs - SAY_AGAIN_AFTER_MS);
    const said = await db.hostEvent.findFirst({
      where: { hostId, code: "relay_forgery", message, at: { gt: since } },
      select: { id: true },
    });
    if (said !== null) return;
    console.warn(`forgery refused: relay ${relayName}, host ${hostId}, ${what}`);
    const detail = { relayName, what };
    await db.$transaction([
      db.hostEvent.create({ data: { hostId, at, level: "error", code: "relay_forgery", message } }),
      db.auditEvent.create({
        data: {
          organizationId: host.organizationId,
          action: "relay.forgery" satisfies AuditAction,
          targetKind: "host",
          targetId: hostId,
          result: "denied",
          detail,
          at,
        },
      }),
    ]);
    await publishChange(db, { organizationId: host.organizationId, resource: "host", id: hostId });
  } catch (thrown) {
    console.error("a forgery could not be recorded:", thrown);
  }
}
