import type { KeyObject } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import { type DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import { open } from "@indium/tunnel/sealed-box";

/** @throws AppError when the box is not for this host or this instance, or holds something else; its words never hold what was in it. */
export function openSecrets(sealingKey: KeyObject, instance: Pick<DesiredInstance, "id" | "name" | "sealedSecrets">): GuestSecrets | null {
  if (instance.sealedSecrets === null) return null;
  const text = open(sealingKey, instance.sealedSecrets, instance.id).toString("utf8");
  try {
    return GuestSecrets.parse(JSON.parse(text));
  } catch {
    // The parser's own message would quote the text.
    throw new AppError("bad_request", `The secrets of ${instance.name} are of a form this agent does not know. Update the agent.`);
  }
}
