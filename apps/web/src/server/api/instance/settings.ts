import { InstanceSecretsInput, InstanceUpdateInput, InstanceView } from "@indium/contract/api/instance-views";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { centre } from "../../services/centre";
import { discardSecrets as discard, replaceSecrets as replace, updateInstance } from "../../services/instance-settings";
import { getInstance } from "../../services/instance-views";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** Name, SSH keys and tags: served to the guest at its next request. */
export const update = organizationProcedure("instance.operate", InstanceUpdateInput, organizationOf.instance, "instance")
  .output(InstanceView)
  .mutation(async ({ ctx, input }) => {
    await updateInstance(ctx, ctx.organization.id, input);
    return getInstance(ctx.db, ctx.organization, input.instanceId, ctx.now().getTime());
  });

/** Password and user data: they wait for a re-provision. */
export const replaceSecrets = organizationProcedure("instance.operate", InstanceSecretsInput, organizationOf.instance, "instance")
  .output(InstanceView)
  .mutation(async ({ ctx, input }) => {
    const { keyring } = await centre();
    await replace(ctx, keyring, ctx.organization.id, input);
    return getInstance(ctx.db, ctx.organization, input.instanceId, ctx.now().getTime());
  });

export const discardSecrets = organizationProcedure(
  "instance.operate",
  z.object({ instanceId: InstanceId }),
  organizationOf.instance,
  "instance",
)
  .output(InstanceView)
  .mutation(async ({ ctx, input }) => {
    await discard(ctx, ctx.organization.id, input.instanceId);
    return getInstance(ctx.db, ctx.organization, input.instanceId, ctx.now().getTime());
  });
