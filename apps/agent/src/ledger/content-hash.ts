import { createHash } from "node:crypto";
import type { HostDocument } from "@indium/contract/host-document";
import type { DesiredInstance } from "@indium/contract/instance";

/**
 * What a generation vouches for. Left out, because they change without any change of intent: sealed boxes (each sealing has a
 * fresh ephemeral key), images' sources (a signed, expiring query), when the document was issued, what only tells how a generation came to be,
 * and security groups (their members come and go without a change of intent).
 */
export function instanceContentHash(instance: DesiredInstance): string {
  const { sealedSecrets: _, wishGeneration: __, ...content } = instance;
  const unsaid: Partial<Record<string, unknown>> = UNSAID;
  const said = Object.entries(content).filter(([field, value]) => unsaid[field] === undefined || unsaid[field] !== value);
  return sha256(canonicalJson(Object.fromEntries(said)));
}

/**
 * Fields that came after the first release, with the value that says nothing new. They are left out then, or an agent would refuse
 * what it held before its update: the same generation, with other content.
 */
const UNSAID = { dialect: "openstack", metadataTokens: "optional", metadataHopLimit: 1 } as const satisfies Partial<DesiredInstance>;

export function documentContentHash(document: HostDocument): string {
  const instances = document.instances.map((instance) => [instance.id, instanceContentHash(instance)] as const);
  const networks = document.networks.map((network) => [network.id, sha256(canonicalJson(network))] as const);
  // Order carries no meaning: a document is a set.
  return sha256(canonicalJson({ instances: sorted(instances), networks: sorted(networks) }));
}

function sorted(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** JSON with sorted keys: two equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
      : inner,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
