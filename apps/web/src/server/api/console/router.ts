import { ConsoleRoom, ConsoleShareView, SHARE_MINUTES } from "@indium/contract/api/console-views";
import { InstanceId, ShareId } from "@indium/contract/ids";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { SHARE_WORDS } from "@indium/contract/plain/share-words";
import { z } from "zod";
import { endStreamsQuietly } from "../../hosts/end-consoles";
import { answerControl, askControl, claimControl } from "../../services/console-control";
import { consoleRoom } from "../../services/console-room";
import { createShare, listShares, revokeShare } from "../../services/console-shares";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";
import { changeControl } from "./change-control";

const ofInstance = z.object({ instanceId: InstanceId });
const Done = z.object({ done: z.literal(true) });
const DONE = { done: true } as const;

export const consoleRouter = createRouter({
  room: organizationProcedure("instance.console", ofInstance, organizationOf.instance, "instance")
    .output(ConsoleRoom)
    .query(({ ctx, input }) => consoleRoom(ctx.db, { ...input, userId: ctx.actor.userId }, ctx.now())),

  askControl: organizationProcedure("instance.console", ofInstance, organizationOf.instance, "instance")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await changeControl(ctx, input.instanceId, (tx, where) => askControl(tx, ctx, where));
      return DONE;
    }),

  answerControl: organizationProcedure("instance.console", ofInstance.extend({ give: z.boolean() }), organizationOf.instance, "instance")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await changeControl(ctx, input.instanceId, (tx, where) => answerControl(tx, ctx, where, input.give));
      return DONE;
    }),

  claimControl: organizationProcedure("instance.console", ofInstance, organizationOf.instance, "instance")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await changeControl(ctx, input.instanceId, (tx, where) => claimControl(tx, ctx, where));
      return DONE;
    }),

  shares: organizationProcedure("instance.console", ofInstance, organizationOf.instance, "instance")
    .output(z.array(ConsoleShareView))
    .query(({ ctx, input }) => listShares(ctx.db, { ...input, organizationId: ctx.organization.id }, ctx.now())),

  /** The link is in this answer only. */
  createShare: organizationProcedure(
    "instance.console",
    ofInstance.extend({
      label: z.string().trim().max(60).default(""),
      minutes: z.number().int().min(SHARE_MINUTES.least).max(SHARE_MINUTES.most),
    }),
    organizationOf.instance,
    "instance",
  )
    .output(z.object({ share: ConsoleShareView, link: z.string() }))
    .mutation(({ ctx, input }) => createShare(ctx, { instanceId: input.instanceId, organizationId: ctx.organization.id }, input)),

  revokeShare: organizationProcedure("instance.console", z.object({ shareId: ShareId }), organizationOf.consoleShare, "link")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await revokeShare(ctx, ctx.organization.id, input.shareId);
      await endStreamsQuietly(ctx.db, { shareId: input.shareId, reason: SHARE_WORDS.linkTakenBack, code: CONSOLE_CLOSE.shareEnded });
      return DONE;
    }),
});
