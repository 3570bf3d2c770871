import { HostId } from "@indium/contract/ids";
import { z } from "zod";
import { dropHost } from "../../hosts/relay-calls";
import { centre } from "../../services/centre";
import { removeHost } from "../../services/hosts";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({ hostId: HostId, force: z.boolean().default(false) });

/** Revokes the host and cuts its link at once. `force` confirms that instances on it are forgotten here and keep running there. */
export const remove = organizationProcedure("host.manage", Input, organizationOf.host, "host")
  .output(z.object({}))
  .mutation(async ({ ctx, input }) => {
    const { signer } = await centre();
    const { actor, remoteAddress } = ctx;
    const nowMs = ctx.now().getTime();
    const request = { organizationId: ctx.organization.id, hostId: input.hostId, actorId: actor.userId, remoteAddress, nowMs };
    const host = await removeHost(ctx.db, request, input.force);
    // A relay that does not answer drops the host by itself: its lease is no longer renewed.
    await dropHost({ db: ctx.db, signer }, host, "The host was removed.").catch((thrown: unknown) =>
      console.warn(`drop ${host.id}:`, String(thrown)),
    );
    return {};
  });
