import type { LiveChange } from "@indium/contract/api/live";
import { AppError } from "@indium/contract/errors";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { reloadActor } from "../../services/actor";
import { authorize } from "../../services/authorize";
import { fleetOrganizations } from "../../services/fleet";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

/** A stream outlives the request that opened it; whoever lost their role loses the stream within this time. */
const RECHECK_MS = 60_000;

export const liveRouter = createRouter({
  changes: organizationProcedure("organization.read", z.object({ organizationId: OrganizationId }), organizationOf.input).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<LiveChange, void, undefined> {
      const ending = new AbortController();
      const stop = () => ending.abort();
      signal?.addEventListener("abort", stop, { once: true });
      if (signal?.aborted) stop();
      const stillAllowed = async () => {
        const actor = await reloadActor(ctx.db, ctx.actor);
        if (actor !== null) await authorize(ctx.db, actor, "organization.read", ctx.organization.id);
        return actor !== null;
      };
      const recheck = async () => {
        try {
          if (!(await stillAllowed())) stop();
        } catch (thrown) {
          // A database that is away for a moment ends no stream; a refusal does.
          if (thrown instanceof AppError) stop();
        }
      };
      const fleet = await fleetOrganizations(ctx.db, ctx.actor, ctx.organization.id);
      const customers = fleet.filter((id) => id !== ctx.organization.id);
      const timer = setInterval(() => void recheck(), RECHECK_MS);
      try {
        for await (const change of ctx.feed.subscribe(ctx.organization.id, ending.signal, customers)) {
          if (change.kind === "changed" && change.resource === "member") await recheck();
          if (ending.signal.aborted) break;
          yield change;
        }
        // Whoever lost their role asks for everything once more, and finds that it is gone.
        if (signal?.aborted !== true) yield { kind: "resync" };
      } finally {
        clearInterval(timer);
        signal?.removeEventListener("abort", stop);
      }
    },
  ),
});
