/**
 * What is called slow in a timeline, in seconds, by step. About three times what a small cloud VM takes for it under KVM: emulated guests
 * (TCG) are slow, and are said to be. Null: it takes as long as what it was asked for (a download, a placement). docs/metadata.md has the table.
 */
export function slowAfterSeconds(step: string): number | null {
  if (step.startsWith("guest:")) {
    const module = moduleOf(step);
    if (module === null) return STAGES[step] ?? 30;
    return MODULES[module]?.slowAfterSeconds ?? 10;
  }
  return STEPS[step] ?? null;
}

const STEPS: Readonly<Record<string, number>> = { disk: 10, network: 10, start: 10, kernel: 15, metadata: 30, login: 60, ssh: 90 };

const STAGES: Readonly<Record<string, number>> = {
  "guest:init-local": 10,
  "guest:init-network": 20,
  "guest:modules-config": 30,
  "guest:modules-final": 120,
};

/** What modules of cloud-init do, for those that people meet, and those that may take their time. */
const MODULES: Readonly<Record<string, { readonly about: string; readonly slowAfterSeconds?: number }>> = {
  "package-update-upgrade-install": { about: "packages", slowAfterSeconds: 120 },
  "scripts-user": { about: "runcmd and user scripts", slowAfterSeconds: 120 },
  "scripts-vendor": { about: "vendor scripts" },
  "scripts-per-boot": { about: "scripts of every boot" },
  "scripts-per-instance": { about: "scripts of the first boot" },
  "scripts-per-once": { about: "scripts that run once" },
  runcmd: { about: "writes down what runcmd will run" },
  bootcmd: { about: "commands of every boot", slowAfterSeconds: 30 },
  "write-files": { about: "files" },
  "write-files-deferred": { about: "deferred files" },
  "users-groups": { about: "users and groups" },
  "set-passwords": { about: "passwords" },
  ssh: { about: "SSH host keys", slowAfterSeconds: 20 },
  "ssh-import-id": { about: "SSH keys from outside", slowAfterSeconds: 30 },
  growpart: { about: "grows the partition" },
  resizefs: { about: "grows the file system", slowAfterSeconds: 30 },
  "disk-setup": { about: "partitions and file systems", slowAfterSeconds: 60 },
  mounts: { about: "mounts and swap", slowAfterSeconds: 30 },
  "set-hostname": { about: "hostname" },
  "update-hostname": { about: "hostname" },
  "update-etc-hosts": { about: "/etc/hosts" },
  "apt-configure": { about: "package sources", slowAfterSeconds: 30 },
  locale: { about: "language", slowAfterSeconds: 30 },
  timezone: { about: "time zone" },
  ntp: { about: "time servers", slowAfterSeconds: 60 },
  snap: { about: "snaps", slowAfterSeconds: 120 },
  ansible: { about: "Ansible", slowAfterSeconds: 300 },
  puppet: { about: "Puppet", slowAfterSeconds: 300 },
  chef: { about: "Chef", slowAfterSeconds: 300 },
  "salt-minion": { about: "Salt", slowAfterSeconds: 300 },
  "power-state-change": { about: "reboots or powers off" },
  "phone-home": { about: "tells an address of yours", slowAfterSeconds: 30 },
  "consume-user-data": { about: "reads the user data" },
  "consume-vendor-data": { about: "reads Indium's settings" },
  "final-message": { about: "says that it is done" },
};

export const moduleAbout = (module: string): string | null => MODULES[module]?.about ?? null;

/** The stage a step of cloud-init's belongs to: "guest:modules-final" for "guest:modules-final/config-scripts-user", and for itself. */
export const stageOf = (step: string): string => step.split("/", 1)[0] ?? step;

/** "scripts-user" of "guest:modules-final/config-scripts-user"; null for a stage. Config modules may be written with either dash. */
export function moduleOf(step: string): string | null {
  const cut = step.indexOf("/");
  if (cut < 0) return null;
  return step
    .slice(cut + 1)
    .replace(/^config-/, "")
    .replaceAll("_", "-");
}
