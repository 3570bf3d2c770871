import type { KeyObject } from "node:crypto";
import { HostReply } from "@indium/contract/command";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { openEnvelope, signEnvelope } from "./envelope";

/** A host's answer to one document or command, as its agent signs it. */
export function signHostReply(
  question: SignedEnvelope,
  answer: HostReply["answer"],
  host: { readonly hostId: HostId; readonly privateKey: KeyObject },
): SignedEnvelope {
  const reply: HostReply = { hostId: host.hostId, inReplyTo: question.signature, answer };
  return signEnvelope("host-reply", reply, host.privateKey);
}

/**
 * What the host answered to `question`, its result unparsed.
 * @throws AppError `signature_invalid` when it is not this host's answer to this question.
 */
export function openHostReply(
  reply: unknown,
  question: SignedEnvelope,
  host: { readonly hostId: string; readonly publicKey: string },
): HostReply["answer"] {
  const opened = openEnvelope(reply, { purpose: "host-reply", publicKeys: [host.publicKey], schema: HostReply });
  if (opened.hostId !== host.hostId || opened.inReplyTo !== question.signature)
    throw new AppError("signature_invalid", "The host's answer belongs to another question.");
  return opened.answer;
}
