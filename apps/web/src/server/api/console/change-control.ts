import type { InstanceId } from "@indium/contract/ids";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import type { Tx } from "../../db";
import { endStreamsQuietly } from "../../hosts/end-consoles";
import type { Acting } from "../../services/audit";
import type { OrganizationScope } from "../../services/authorize";
import type { Passed } from "../../services/console-control";

/** One change of who controls a console, and then the end of the streams of who did. */
export async function changeControl(
  ctx: Acting & { readonly organization: OrganizationScope },
  instanceId: InstanceId,
  change: (tx: Tx, where: { organizationId: string; instanceId: string }) => Promise<Passed | null>,
): Promise<void> {
  const passed = await ctx.db.$transaction((tx) => change(tx, { organizationId: ctx.organization.id, instanceId }));
  if (passed === null) return;
  await endStreamsQuietly(ctx.db, {
    instanceId,
    userId: passed.from,
    mode: "control",
    reason: "Somebody else has control now.",
    code: CONSOLE_CLOSE.controlPassed,
  });
}
