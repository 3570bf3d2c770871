import { createHash } from "node:crypto";
import type { HostId } from "@indium/contract/ids";

/** A host's id in a bench is read off its key: nobody has to tell anybody. */
export const hostIdOf = (publicKey: string): HostId => `h-${createHash("sha256").update(publicKey).digest("hex").slice(0, 17)}` as HostId;
