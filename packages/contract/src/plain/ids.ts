/** Ids are a prefix and 17 hex digits, as cloud users know them. Here without their schemas (`../ids`), for the browser. */
export const ID_PREFIXES = {
  organization: "org",
  site: "site",
  user: "usr",
  host: "h",
  enrolment: "enr",
  instance: "i",
  volume: "vol",
  snapshot: "snap",
  image: "img",
  network: "net",
  nic: "nic",
  securityGroup: "sg",
  size: "size",
  sshKey: "key",
  operation: "op",
  invitation: "inv",
  auditEvent: "aud",
  request: "req",
  stream: "st",
  ticket: "tkt",
  share: "shr",
  ledger: "led",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;
export type IdOf<K extends IdKind> = `${(typeof ID_PREFIXES)[K]}-${string}`;

export function isId<K extends IdKind>(kind: K, value: unknown): value is IdOf<K> {
  return typeof value === "string" && new RegExp(`^${ID_PREFIXES[kind]}-[0-9a-f]{17}$`).test(value);
}

/** A fresh random id (68 bits from the platform's secure generator). */
export function newId<K extends IdKind>(kind: K): IdOf<K> {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(9));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${ID_PREFIXES[kind]}-${hex.slice(0, 17)}`;
}
