import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Kept apart from that of the install command, whose host may be this same machine. */
const MARK = "# indium npm start";

/** The same that image/install/install.sh writes for a host; AppArmor reads several rules of one line, up to the comment. */
export const swtpmRules = (agentDir: string): string =>
  `owner ${agentDir}/vms/*/tpm/{,**} rwk, ${agentDir}/vms/*/tpm.log w, owner /run/indium*/*/tpm rwk, unix (send, receive, connect, accept, bind, listen) type=stream,`;

/**
 * Ubuntu confines swtpm to libvirt's folders, and leaves a file for what a site adds; Debian ships no such profile. What others added stays.
 * @returns what to do by hand, when that did not work here
 */
export function allowSwtpm(agentDir: string, folder = "/etc/apparmor.d", enabled = isEnabled()): string | null {
  const profile = join(folder, "usr.bin.swtpm");
  const additions = join(folder, "local/usr.bin.swtpm");
  if (!enabled || !existsSync(profile)) return null;
  const rules = `${swtpmRules(agentDir)} ${MARK}`;
  const lines = existsSync(additions) ? readFileSync(additions, "utf8").split("\n") : [];
  if (lines.includes(rules)) return null;
  try {
    mkdirSync(dirname(additions), { recursive: true });
    writeFileSync(additions, `${[...lines.filter((line) => line !== "" && !line.endsWith(MARK)), rules].join("\n")}\n`);
    execFileSync("apparmor_parser", ["-r", profile], { stdio: "ignore" });
    return null;
  } catch {
    return `VMs with a TPM will not start here: AppArmor does not let swtpm into ${agentDir}. Add to ${additions}, then run apparmor_parser -r ${profile}: ${swtpmRules(agentDir)}`;
  }
}

function isEnabled(): boolean {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").trim() === "Y";
  } catch {
    return false;
  }
}
