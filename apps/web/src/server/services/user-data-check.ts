import type { UserDataCheck } from "@indium/contract/api/instance-views";
import { isMap, isScalar, LineCounter, parseDocument, type ScalarTag, type Tags } from "yaml";
import { schemaProblems } from "./cloud-config-problems";
import type { CloudConfigSchema } from "./cloud-config-schema";
import { nearest } from "./nearest-word";

type Problem = UserDataCheck["problems"][number];

/** Top-level keys of cloud-config that cloud-init 22.4 (Debian 12) to 24.4 read (their module documentation). */
const KNOWN_KEYS = new Set(
  `allow_public_ssh_keys ansible apk_repos apt apt_pipelining apt_preserve_sources_list apt_reboot_if_required apt_update apt_upgrade
autoinstall bootcmd byobu_by_default ca-certs ca_certs chef chpasswd cloud_config_modules cloud_final_modules cloud_init_modules
create_hostname_file datasource datasource_list debug def_log_file device_aliases disable_ec2_metadata disable_root disable_root_opts
disk_setup drivers fan final_message fqdn fs_setup groups growpart grub-dpkg grub_dpkg hostname keyboard landscape locale locale_configfile
log_cfgs lxd manage_etc_hosts manage_resolv_conf mcollective merge_how merge_type migrate mounts mount_default_fields network ntp no_ssh_fingerprints
output package_reboot_if_required package_update package_upgrade packages password phone_home power_state prefer_fqdn_over_hostname
preserve_hostname puppet random_seed reporting resize_rootfs resolv_conf rh_subscription rpi rsyslog runcmd salt_minion snap spacewalk ssh
ssh_authorized_keys ssh_deletekeys ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id ssh_keys ssh_key_console_blacklist
ssh_publish_hostkeys ssh_pwauth ssh_quiet_keygen swap syslog_fix_perms system_info timezone ubuntu_advantage ubuntu_pro unverified_modules updates
user users vendor_data version wireguard write_files yum_repo_dir yum_repos zypper`.split(/\s+/),
);
const LIST_KEYS = new Set([
  "bootcmd",
  "runcmd",
  "packages",
  "write_files",
  "mounts",
  "ssh_authorized_keys",
  "ssh_import_id",
  "snap_commands",
]);
/** More help nobody. */
const MOST_PROBLEMS = 100;
/** The parser compares each key of a map with all the others: 64 KiB of keys would keep this process busy for seconds. */
const MOST_MARKS_FOR_UNIQUE_KEYS = 2_000;
/** What cloud-init knows besides (its user-data formats); accepted unchecked. */
const OTHER_FORMATS =
  /^(## template: jinja|#cloud-config-archive|#cloud-boothook|#include|#include-once|#part-handler|Content-Type:|MIME-Version:)/i;

/**
 * Reads user data as cloud-init's first line decides (user-data formats in its documentation), and says what is wrong with line
 * and column, before anything is sent to a guest that would only log it. Without cloud-init's schema: the YAML, and what we know ourselves.
 */
export function checkUserData(text: string, schema: CloudConfigSchema | null): UserDataCheck {
  return { ...read(text, schema), schemaVersion: schema?.version ?? null };
}

function read(text: string, schema: CloudConfigSchema | null): Pick<UserDataCheck, "kind" | "problems"> {
  if (text.trim() === "") return { kind: "empty", problems: [] };
  const firstLine = text.split("\n", 1)[0] ?? "";
  if (firstLine.startsWith("#!")) return { kind: "script", problems: checkScript(firstLine) };
  if (/^#cloud-config\s*$/.test(firstLine)) return { kind: "cloud-config", problems: checkCloudConfig(text, schema) };
  if (OTHER_FORMATS.test(firstLine)) return { kind: "unknown", problems: [] };
  return { kind: "unknown", problems: [unknownFormat(text, firstLine)] };
}

function checkScript(firstLine: string): Problem[] {
  const interpreter = firstLine.slice(2).trim();
  if (firstLine.endsWith("\r"))
    return [
      at(
        1,
        firstLine.length,
        "error",
        "The first line ends with a Windows line end, which the guest takes as part of the interpreter's name.",
      ),
    ];
  if (interpreter.startsWith("/")) return [];
  return [at(1, 3, "error", "After #! comes the full path of an interpreter, like #!/bin/sh.")];
}

function checkCloudConfig(text: string, schema: CloudConfigSchema | null): Problem[] {
  const lines = new LineCounter();
  const marks = text.match(/[:,\n]/g)?.length ?? 0;
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: marks <= MOST_MARKS_FOR_UNIQUE_KEYS,
    // As cloud-init's parser reads it (PyYAML): `yes` is true and 0644 octal, but `y` is a text.
    version: "1.1",
    customTags: (tags) => tags.map((tag) => (isBoolean(tag) ? { ...tag, test: wordsOnly(tag.test) } : tag)),
  });
  const where = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return [line, col] as const;
  };
  const problems: Problem[] = document.errors
    .slice(0, MOST_PROBLEMS)
    .map((error) => at(...where(error.pos[0]), "error", sentence(error.message)));
  for (const warning of document.warnings.slice(0, MOST_PROBLEMS))
    problems.push(at(...where(warning.pos[0]), "warning", sentence(warning.message)));
  if (problems.some((problem) => problem.severity === "error")) return problems;
  const root = document.contents;
  if (root === null) return [...problems, at(1, 1, "warning", "The cloud-config is empty: the guest does nothing with it.")];
  if (!isMap(root))
    return [
      ...problems,
      at(...where(root.range?.[0] ?? 0), "error", "A cloud-config is a list of `key: value` lines, not a list or a text."),
    ];
  for (const pair of root.items) {
    if (problems.length >= MOST_PROBLEMS) break;
    if (!isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    const position = where(pair.key.range?.[0] ?? 0);
    if (!KNOWN_KEYS.has(key) && !schema?.topLevelKeys.has(key)) problems.push(at(...position, "warning", unknownKey(key)));
    else if (schema === null && LIST_KEYS.has(key) && pair.value !== null && !isList(pair.value))
      problems.push(at(...position, "error", `\`${key}\` takes a list: lines below it that start with "- ".`));
  }
  if (schema !== null) problems.push(...schemaProblems(document, schema, where, MOST_PROBLEMS - problems.length));
  return problems.sort((left, right) => left.line - right.line || left.column - right.column);
}

const isBoolean = (tag: Tags[number]): tag is ScalarTag & { test: RegExp } =>
  typeof tag === "object" && tag.tag === "tag:yaml.org,2002:bool" && "test" in tag && tag.test instanceof RegExp;
const wordsOnly = (test: RegExp): RegExp => new RegExp(test.source.replace(/\b([YN])\|([yn])\|/, ""));

function isList(node: unknown): boolean {
  return typeof node === "object" && node !== null && "items" in node && !isMap(node);
}

function unknownFormat(text: string, firstLine: string): Problem {
  if (/^\s*#\s*cloud[-_ ]?config/i.test(firstLine))
    return at(1, 1, "error", "The first line must be exactly #cloud-config; as it stands the guest ignores everything below.");
  const wanted = text.split("\n").findIndex((line) => /^#cloud-config\s*$/.test(line) || line.startsWith("#!"));
  if (wanted > 0)
    return at(wanted + 1, 1, "error", "This line must be the very first: the guest decides by the first line what the data is.");
  return at(1, 1, "warning", "The first line is neither #cloud-config nor #!; cloud-init ignores data that it does not recognise.");
}

function unknownKey(key: string): string {
  const near = nearest(key, KNOWN_KEYS);
  return near === null
    ? `cloud-init knows no key \`${key}\` and ignores it.`
    : `cloud-init knows no key \`${key}\` and ignores it. Did you mean \`${near}\`?`;
}

const sentence = (message: string): string => {
  const first = (message.split("\n", 1)[0] ?? "").trim();
  return /[.!?]$/.test(first) ? first : `${first}.`;
};

function at(line: number, column: number, severity: Problem["severity"], message: string): Problem {
  return { line, column, severity, message };
}
