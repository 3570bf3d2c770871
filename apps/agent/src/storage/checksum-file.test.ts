import { describe, expect, it } from "vitest";
import { findChecksum } from "./checksum-file";

const A = "a".repeat(64);
const B = "B".repeat(64);
const LONG = "c".repeat(128);

describe("a checksum file", () => {
  it.each([
    ["text mode", `${A}  other.img\n${B}  disk.qcow2\n`],
    ["binary mode with Windows line ends", `${A} *other.img\r\n${B} *disk.qcow2\r\n`],
    ["BSD's", `SHA256 (other.img) = ${A}\nSHA256 (disk.qcow2) = ${B}\n`],
    [
      "signed, with sizes in comments",
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# disk.qcow2: 123 bytes\nSHA256 (disk.qcow2) = ${B}\n-----BEGIN PGP SIGNATURE-----\niQ\n`,
    ],
    ["with a path", `${B}  ./images/disk.qcow2\n`],
    ["one bare hash", `${B}\n`],
  ])("%s names the file's hash", (_, text) => expect(findChecksum(text, "disk.qcow2", "sha256")).toBe(B.toLowerCase()));

  it("of the other algorithm is found by its length", () => {
    expect(findChecksum(`${A}  disk.qcow2\n${LONG}  disk.qcow2\n`, "disk.qcow2", "sha512")).toBe(LONG);
    expect(findChecksum(`SHA512 (disk.qcow2) = ${LONG}\n`, "disk.qcow2", "sha256")).toBeNull();
  });

  it("that is the image's own may name the build instead of the link", () => {
    expect(findChecksum(`${A}  disk-Build7.qcow2\n`, "disk.qcow2", "sha256", true)).toBe(A);
    expect(findChecksum(`${A}  disk-Build7.qcow2\n${B}  x\n`, "disk.qcow2", "sha256", true)).toBeNull();
  });

  it.each([
    ["another file", `${A}  other.qcow2\n`],
    ["a name that only ends alike", `${A}  my-disk.qcow2\n`],
    ["a page that is none", "<html>404</html>"],
    ["two bare hashes", `${A}\n${B}\n`],
    ["a hash too short", `${A.slice(1)}  disk.qcow2\n`],
    ["nothing", ""],
  ])("of %s does not", (_, text) => expect(findChecksum(text, "disk.qcow2", "sha256")).toBeNull());
});
