import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allowSwtpm, swtpmRules } from "./swtpm-apparmor";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "indium-apparmor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const additions = () => join(folder, "local/usr.bin.swtpm");

describe("letting swtpm keep VMs' TPMs", () => {
  it("writes the very rules of the install command", () => {
    const script = readFileSync(join(import.meta.dirname, "../../image/install/install.sh"), "utf8");
    expect(script).toContain(`rules="${swtpmRules("$STATE_DIR")} # indium-agent"`);
  });

  it("keeps what others added, and says what to do where the rules could not be loaded", () => {
    writeFileSync(join(folder, "usr.bin.swtpm"), "no profile {");
    mkdirSync(join(folder, "local"));
    writeFileSync(additions(), "owner /srv/tpm/** rwk,\nold # indium npm start\n");
    expect(allowSwtpm("/var/lib/indium/agent", folder, true)).toMatch(/apparmor_parser -r/);
    expect(readFileSync(additions(), "utf8")).toBe(`owner /srv/tpm/** rwk,\n${swtpmRules("/var/lib/indium/agent")} # indium npm start\n`);
    expect(allowSwtpm("/var/lib/indium/agent", folder, true)).toBeNull();
  });

  it("touches nothing where there is no such profile, or no AppArmor", () => {
    expect(allowSwtpm("/var/lib/indium/agent", folder, true)).toBeNull();
    writeFileSync(join(folder, "usr.bin.swtpm"), "");
    expect(allowSwtpm("/var/lib/indium/agent", folder, false)).toBeNull();
    expect(existsSync(additions())).toBe(false);
  });
});
