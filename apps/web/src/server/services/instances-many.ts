import type { InstanceActManyInput, InstanceActManyOutput } from "@indium/contract/api/instance-views";
import { AppError, type WireError } from "@indium/contract/errors";
import { type InstanceId, OperationId, type OrganizationId } from "@indium/contract/ids";
import type { z } from "zod";
import { type Acting, audit } from "./audit";
import { actOnInstance } from "./instances";

type Outcome = InstanceActManyOutput["items"][number];

/** A database that dies at the commit leaves nobody knowing: it is not claimed that nothing was changed. */
const UNEXPECTED: WireError = {
  code: "internal",
  message: "Something went wrong in Indium; its log says more. Look whether it was done before you ask again.",
};

/** Enough to keep Postgres busy, and connections left for everybody else. */
const AT_ONCE = 3;

/**
 * The action on each of them, in a transaction of its own: those that may not are refused with the sentence their own button has, and the
 * others go on. Every one is audited, the refused ones too.
 */
export async function actOnInstances(
  acting: Acting,
  organizationId: OrganizationId,
  { instanceIds, action }: Pick<z.output<typeof InstanceActManyInput>, "instanceIds" | "action">,
): Promise<Outcome[]> {
  const outcomes = new Map<InstanceId, Outcome>();
  const waiting = [...new Set(instanceIds)];
  const asked = [...waiting];
  const one = async (instanceId: InstanceId): Promise<Outcome> => {
    const nowMs = acting.now().getTime();
    try {
      const { operationId } = await actOnInstance(acting.db, {
        ...{ organizationId, instanceId, action, nowMs },
        actorId: acting.actor.userId,
        remoteAddress: acting.remoteAddress,
      });
      return { accepted: true, instanceId, operationId: OperationId.parse(operationId) };
    } catch (thrown) {
      if (!(thrown instanceof AppError)) {
        console.error(`instance.${action} of ${instanceId}:`, thrown);
        return { accepted: false, instanceId, error: UNEXPECTED };
      }
      await audit(
        acting.db,
        { actorId: acting.actor.userId, remoteAddress: acting.remoteAddress, at: new Date(nowMs) },
        {
          organizationId,
          action: `instance.${action}`,
          target: { kind: "instance", id: instanceId },
          result: "denied",
          detail: { code: thrown.code, message: thrown.message },
        },
      );
      return { accepted: false, instanceId, error: thrown.toWire() };
    }
  };
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) outcomes.set(next, await one(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return asked.flatMap((instanceId) => outcomes.get(instanceId) ?? []);
}
