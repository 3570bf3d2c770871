import { ConsoleAccess } from "@indium/contract/api/instance-views";
import { ConsoleKind, ConsoleMode } from "@indium/contract/console";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { centre } from "../../services/centre";
import { giveTicket } from "../../services/consoles";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({ instanceId: InstanceId, kind: ConsoleKind.default("vnc"), mode: ConsoleMode.default("control") });

export const openConsole = organizationProcedure("instance.console", Input, organizationOf.instance, "instance")
  .output(ConsoleAccess)
  .mutation(async ({ ctx, input }) => {
    const { signer } = await centre();
    return giveTicket(ctx.db, signer, {
      ...input,
      organizationId: ctx.organization.id,
      userId: ctx.actor.userId,
      publicUrl: ctx.publicUrl,
      remoteAddress: ctx.remoteAddress,
      nowMs: ctx.now().getTime(),
    });
  });
