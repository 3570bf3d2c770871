import { hash, verify } from "@node-rs/argon2";

/** OWASP's argon2id parameters for servers (19 MiB, two passes): about 30 ms a try. argon2id is the library's default. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

let decoy: Promise<string> | undefined;

/** Takes as long when there is no hash to compare with, so that time does not tell which addresses have accounts. */
export async function verifyPassword(password: string, passwordHash: string | null): Promise<boolean> {
  decoy ??= hashPassword("there is no account with this address");
  const matches = await verify(passwordHash ?? (await decoy), password).catch(() => false);
  return matches && passwordHash !== null;
}
