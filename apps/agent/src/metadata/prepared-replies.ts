import { render } from "./render";
import type { Reply } from "./reply";
import type { GuestDocument } from "./types";

/** More paths than any dialect has; beyond it replies are rendered at each request. */
const MAX_KEPT = 256;

/** A reply as it goes out, as node:http takes it fastest: header fields (name, value, …), and a body that it sends in one write with them. */
export interface Prepared {
  readonly fields: string[];
  readonly body: string;
  readonly isMetadata: boolean;
}

export const NO_BODY: string[] = ["content-length", "0", "server", "indium"];

export function prepare({ contentType, body, isMetadata }: Reply): Prepared {
  const length = String(Buffer.byteLength(body, "utf8"));
  return { fields: ["content-type", contentType, "content-length", length, "server", "indium"], body, isMetadata };
}

/**
 * What one document of one guest renders to, rendered once per path. Live as long as the document is; what was rendered with its
 * secrets is forgotten with the first request that comes after they are sealed.
 */
export class PreparedReplies {
  readonly #kept = new Map<string, Prepared>();
  #withSecrets = true;

  /** `gated` has been through the gate (secret-gate.ts) at this request. Null: nothing is there. */
  at(path: string, gated: GuestDocument): Prepared | null {
    const withSecrets = gated.secrets !== null;
    if (withSecrets !== this.#withSecrets) {
      this.#kept.clear();
      this.#withSecrets = withSecrets;
    }
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const reply = render(gated, path);
    if (reply === null) return null;
    const prepared = prepare(reply);
    if (this.#kept.size < MAX_KEPT) this.#kept.set(path, prepared);
    return prepared;
  }
}
