import type { AuditAction, AuditResult } from "@indium/contract/audit";
import type { Tone } from "@/ui/tone";

/** What somebody did, to be read between who and on what: "Ada *started* web-1". */
export const AUDIT_WORDS: Record<AuditAction, string> = {
  "account.changePassword": "changed their password",
  "account.update": "changed their account",
  "audit.export": "took the audit log as a file, of",
  "console.createShare": "shared a console of",
  "console.revokeShare": "ended the sharing of a console of",
  "enrolment.create": "made an install command",
  "enrolment.revoke": "revoked an install command",
  "host.cordon": "cordoned host",
  "host.enrol": "added host",
  "host.remove": "removed host",
  "host.rename": "renamed host",
  "host.uncordon": "uncordoned host",
  "image.create": "added image",
  "image.delete": "deleted image",
  "image.evict": "removed a host's copy of image",
  "installation.restore": "restored the database from a dump",
  "instance.console.closed": "closed a console of",
  "instance.console.control": "took the control of a console of",
  "instance.console.opened": "opened a console of",
  "instance.console.refused": "was refused a console of",
  "instance.console.ticket": "asked for a console of",
  "instance.create": "created instance",
  "instance.delete": "deleted instance",
  "instance.discardSecrets": "discarded the replaced secrets of",
  "instance.forceStop": "forced to stop:",
  "instance.pause": "paused",
  "instance.rebuild": "rebuilt",
  "instance.reboot": "rebooted",
  "instance.replaceSecrets": "replaced the password or user data of",
  "instance.reprovision": "re-provisioned",
  "instance.reset": "reset",
  "instance.resize": "resized",
  "instance.resume": "resumed",
  "instance.setSecurityGroups": "changed the security groups of",
  "instance.start": "started",
  "instance.stop": "stopped",
  "instance.update": "changed name, keys or tags of",
  "invitation.accept": "accepted an invitation",
  "invitation.create": "invited somebody",
  "invitation.revoke": "revoked an invitation",
  "member.remove": "removed member",
  "member.updateRole": "changed the role of",
  "network.create": "created network",
  "network.delete": "deleted network",
  "organization.create": "created organization",
  "organization.update": "changed organization",
  "organization.updateProvider": "changed who manages organization",
  "relay.forgery": "handed in what was forged in the name of host",
  "securityGroup.create": "created security group",
  "securityGroup.delete": "deleted security group",
  "securityGroup.update": "changed security group",
  "session.create": "signed in",
  "setup.complete": "set up the installation",
  "site.create": "created site",
  "site.delete": "deleted site",
  "site.update": "renamed site",
  "size.create": "created size",
  "size.delete": "deleted size",
  "sshKey.create": "added SSH key",
  "sshKey.delete": "deleted SSH key",
};

/** What a newer version wrote is shown by its name. */
export function auditWords(action: string): string {
  return (AUDIT_WORDS as Readonly<Record<string, string | undefined>>)[action] ?? action;
}

export const AUDIT_RESULT: Record<AuditResult, { label: string; tone: Tone }> = {
  success: { label: "Done", tone: "good" },
  failed: { label: "Failed", tone: "bad" },
  denied: { label: "Denied", tone: "warn" },
};

/** "vcpus: 1 → 4; reason: its disk fails". Bytes and the like are left as they are: this is the record. */
export function detailWords(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${valueWords(value)}`)
    .join("; ");
}

function valueWords(value: unknown): string {
  if (typeof value === "object" && value !== null && "from" in value && "to" in value) return `${plain(value.from)} → ${plain(value.to)}`;
  return plain(value);
}

const plain = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
