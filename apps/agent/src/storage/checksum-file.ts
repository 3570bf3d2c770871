const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;
export type ChecksumAlgorithm = keyof typeof HEX_LENGTH;

/**
 * Finds one file's hash in a distributor's checksum file. Four ways of writing it are in use:
 * `hash  name` and `hash *name` (sha256sum(1), text and binary), `SHA256 (name) = hash` (BSD, Fedora, AlmaLinux), and a file that
 * holds nothing but one hash (Alpine's .sha512, openSUSE's .sha256 with its name). Lines of signatures and comments are passed over.
 * @param dedicated the checksum file is this one image's own (`<image>.sha256`): its only line counts whatever name it gives
 * (openSUSE's gives the build's, not the link's).
 * @returns lower-case hex, or null when the file does not name it.
 */
export function findChecksum(text: string, fileName: string, algorithm: ChecksumAlgorithm, dedicated = false): string | null {
  const hex = `[0-9a-fA-F]{${HEX_LENGTH[algorithm]}}`;
  const gnu = new RegExp(`^\\\\?(${hex}) [ *](.+)$`);
  const bsd = new RegExp(`^${algorithm} \\((.+)\\) = (${hex})$`, "i");
  const bare = new RegExp(`^${hex}$`);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  for (const line of lines) {
    const fromGnu = gnu.exec(line);
    if (fromGnu !== null && sameFile(fromGnu[2], fileName)) return fromGnu[1]?.toLowerCase() ?? null;
    const fromBsd = bsd.exec(line);
    if (fromBsd !== null && sameFile(fromBsd[1], fileName)) return fromBsd[2]?.toLowerCase() ?? null;
  }
  const [only] = lines;
  if (lines.length !== 1 || only === undefined) return null;
  if (bare.test(only)) return only.toLowerCase();
  return dedicated ? (gnu.exec(only)?.[1]?.toLowerCase() ?? null) : null;
}

/** Some distributors write `./name` or a path; the file is the last part. */
function sameFile(listed: string | undefined, fileName: string): boolean {
  return listed !== undefined && (listed === fileName || listed.slice(listed.lastIndexOf("/") + 1) === fileName);
}
