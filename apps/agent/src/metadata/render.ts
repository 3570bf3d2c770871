import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { renderDigitalOcean } from "./digitalocean";
import { EC2_VERSIONS, isEc2Version, renderEc2 } from "./ec2";
import { renderNoCloud } from "./nocloud";
import { renderOpenStack } from "./openstack";
import { type Reply, text } from "./reply";
import type { GuestDocument } from "./types";

/** First parts of paths that each dialect answers. OpenStack has EC2's beside its own, as Nova has (nova/api/metadata/handler.py). */
const ROOTS: Record<MetadataDialect, readonly string[]> = {
  openstack: ["openstack", ...EC2_VERSIONS],
  ec2: EC2_VERSIONS,
  digitalocean: ["metadata"],
  nocloud: ["nocloud"],
};

/** What the guest is answered at this path, in its own dialect alone. Null: nothing is there. */
export function render(document: GuestDocument, path: string): Reply | null {
  const roots = ROOTS[document.instance.dialect];
  const [, first = "", ...rest] = path.split("/");
  if (first === "") return text(roots.join("\n"));
  if (!roots.includes(first)) return null;
  const within = rest.join("/");
  switch (first) {
    case "openstack":
      return renderOpenStack(document, within);
    case "metadata":
      return renderDigitalOcean(document, within);
    case "nocloud":
      return renderNoCloud(document, within);
    default:
      return renderEc2(document, within);
  }
}

/** Whether this instance speaks EC2 at all, and so issues session tokens. */
export const issuesTokens = (document: GuestDocument): boolean => ROOTS[document.instance.dialect].some(isEc2Version);

/** Whether this path is closed to a request that shows no session token. */
export function needsToken(document: GuestDocument, path: string): boolean {
  if (document.instance.metadataTokens !== "required") return false;
  const first = path.split("/")[1] ?? "";
  // The listing of the root too: without a token there is nothing to be had.
  return first === "" || isEc2Version(first);
}
