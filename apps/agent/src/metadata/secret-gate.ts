import type { GuestDocument } from "./types";

/**
 * The one gate in front of every dialect: once a guest's first boot has ended (or its time limit has), what they render from holds no
 * secrets any more. A dialect answers to `secrets: null` as to an instance that never had any: 404 for user data, no password
 * anywhere. It never looks at the clock or at the ledger itself.
 *
 * `instance/secret-seal.ts` decides when; the limit is looked at here as well, at each request, so that no late timer serves too long.
 */
export function withinGate(document: GuestDocument, now: number): GuestDocument {
  const { secrets, secretsUntil } = document;
  return secrets === null || secretsUntil === undefined || now < secretsUntil ? document : { ...document, secrets: null };
}
