import type { GuestFindingKind } from "@indium/contract/guest-finding";

/**
 * Reads a guest's serial output for the few sentences by which kernels, systemd, initramfs, GRUB and firmware say that they do not
 * go on. A function over chunks: state in, state out, nothing kept elsewhere, and bounded whatever the guest prints.
 */
export interface ScanState {
  /** The line that has no end yet. */
  readonly pending: string;
  /** Lines before, for an excerpt's beginning. */
  readonly before: readonly string[];
  /** Excerpts that still take the lines that follow. */
  readonly open: readonly { readonly kind: GuestFindingKind; readonly lines: readonly string[]; readonly after: number }[];
}

export type ScanEvent =
  /** Told again as its excerpt grows. */
  | { readonly kind: "found"; readonly finding: GuestFindingKind; readonly excerpt: string }
  /** Somebody may log in: the boot went well. */
  | { readonly kind: "login" }
  /** A kernel runs: its first line, or, of one that is told to be quiet, what comes next. */
  | { readonly kind: "kernel"; readonly version: string | null }
  /** What cloud-init, or a script it ran, printed: systemd puts its name before each line (StandardOutput=journal+console). */
  | { readonly kind: "cloudInit"; readonly line: string };

export const EMPTY_SCAN: ScanState = { pending: "", before: [], open: [] };

const MAX_LINE = 1_000;
const LINES_BEFORE = 6;
const LINES_AFTER = 50;
const MAX_EXCERPT = 4_000;

/** In order: the first that fits names the line. With the place that prints it. */
const SIGNS: readonly (readonly [GuestFindingKind, RegExp])[] = [
  // kernel/exit.c
  ["init_killed", /Kernel panic - not syncing: Attempted to kill init!/],
  // kernel/panic.c
  ["kernel_panic", /Kernel panic - not syncing/],
  // mm/oom_kill.c: __oom_kill_process, after a hundred lines of figures
  ["out_of_memory", /\b[Oo]ut of memory: Kill(?:ed)? process \d+/],
  // systemd's emergency.service and rescue.service, sulogin, dracut, initramfs-tools' panic()
  [
    "emergency_mode",
    /You are in (?:emergency|rescue) mode|(?:Give root password|Press Enter) for maintenance|Cannot open access to console, the root account is locked|Entering emergency mode|Generating "\/run\/initramfs\/rdsosreport\.txt"|does not exist\. +Dropping to a shell!|^\(initramfs\) ?$/,
  ],
  // GRUB's rescue prompt, and its normal one when it found no configuration
  ["boot_loader", /^grub rescue> ?|Entering rescue mode\.\.\.|Minimal BASH-like line editing is supported/],
  // SeaBIOS (src/boot.c), OVMF (BdsDxe), iPXE, and the UEFI shell, which comes when nothing else boots
  [
    "no_boot_device",
    /^No bootable device\.|BdsDxe: No bootable option or device was found|No more network devices|UEFI Interactive Shell v\d/,
  ],
];
/** Of these only the ones that stand at the end of the output, waiting for somebody to type. */
const PROMPTS: readonly (readonly [GuestFindingKind, RegExp])[] = [
  ["boot_loader", /^grub rescue>$/],
  ["emergency_mode", /^\(initramfs\)$/],
];
/** init/main.c, start_kernel(), with printk's time, which distributions have on; initramfs-tools' init; systemd's (core/main.c, status_welcome()). */
const KERNEL = /^\[ +0\.000000\] Linux version (\S{1,80})|^Loading, please wait\.\.\.$|^Welcome to (?!GRUB!).{1,80}!$/;
/** After a prompt that nobody answers comes whatever is printed next. */
const CLOUD_INIT = /^(?:\S{0,64} login: )?(?:\[[ \d.]{1,20}\] )?cloud-init\[\d{1,10}\]: (.+)$/;
const LOGIN = /^\S* ?login: ?(?:$|\[ *\d+\.\d+\] )/;

/** Half a pair, as cutting leaves it: Postgres takes no such JSON. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** ANSI CSI and OSC sequences, other escapes, and control characters but the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
/** A firmware's console puts the cursor on a line instead of ending the one before. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const LINE_END = /\r?\n|\x1b\[\d*(?:;\d*)?[Hf]|\x1b\[2J/;

export function scanSerial(state: ScanState, chunk: string): { readonly state: ScanState; readonly events: readonly ScanEvent[] } {
  const events: ScanEvent[] = [];
  const parts = (state.pending + chunk).split(LINE_END);
  const pending = (parts.pop() ?? "").slice(-MAX_LINE);
  let { before, open } = state;
  for (const part of parts) {
    const line = sanitize(part);
    if (line === "") continue;
    ({ before, open } = take(line, before, open, events));
  }
  // Prompts have no line end. What is found in them is found again when the line ends: the same finding.
  const prompt = sanitize(pending);
  if (LOGIN.test(prompt)) events.push({ kind: "login" });
  const sign = signOf(prompt, PROMPTS);
  if (sign !== null && open.every((each) => each.kind !== sign)) events.push(found(sign, [...before, prompt]));
  return { state: { pending, before, open }, events };
}

function take(
  line: string,
  before: ScanState["before"],
  open: ScanState["open"],
  events: ScanEvent[],
): { before: ScanState["before"]; open: ScanState["open"] } {
  let taken = open.map((each) => ({ ...each, lines: [...each.lines, line], after: each.after - 1 }));
  for (const each of taken) events.push(found(each.kind, each.lines));
  const sign = signOf(line);
  if (sign !== null && taken.every((each) => each.kind !== sign)) {
    const lines = [...before, line];
    events.push(found(sign, lines));
    taken = [...taken, { kind: sign, lines, after: LINES_AFTER }];
  }
  if (LOGIN.test(line)) events.push({ kind: "login" });
  const kernel = KERNEL.exec(line);
  if (kernel !== null) events.push({ kind: "kernel", version: kernel[1] ?? null });
  const words = CLOUD_INIT.exec(line)?.[1];
  if (words !== undefined) events.push({ kind: "cloudInit", line: words.replaceAll(LONE_SURROGATE, "") });
  return { before: [...before, line].slice(-LINES_BEFORE), open: taken.filter((each) => each.after > 0) };
}

function found(finding: GuestFindingKind, lines: readonly string[]): ScanEvent {
  return { kind: "found", finding, excerpt: lines.join("\n").slice(0, MAX_EXCERPT).replaceAll(LONE_SURROGATE, "") };
}

function signOf(line: string, signs = SIGNS): GuestFindingKind | null {
  return signs.find(([, pattern]) => pattern.test(line))?.[0] ?? null;
}

function sanitize(raw: string): string {
  return raw.slice(-MAX_LINE).replaceAll(CONTROL, "").trimEnd().slice(0, MAX_LINE);
}
