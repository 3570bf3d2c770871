import { describe, expect, it } from "vitest";
import { EMPTY_SCAN, type ScanEvent, scanSerial } from "./serial-scan";

function scanAll(chunks: readonly string[]): ScanEvent[] {
  let state = EMPTY_SCAN;
  return chunks.flatMap((chunk) => {
    const scanned = scanSerial(state, chunk);
    state = scanned.state;
    return scanned.events;
  });
}
const kinds = (events: readonly ScanEvent[]): string[] => [
  ...new Set(events.map((event) => (event.kind === "found" ? event.finding : event.kind))),
];
const lastExcerpt = (events: readonly ScanEvent[]): string =>
  events.flatMap((event) => (event.kind === "found" ? [event.excerpt] : [])).at(-1) ?? "";

describe("the serial log's reader", () => {
  it.each([
    ["kernel_panic", "[    9.1] Kernel panic - not syncing: sysrq triggered crash\r\n"],
    ["init_killed", "[    1.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n"],
    ["out_of_memory", "[  44.1] Out of memory: Killed process 123 (tail) total-vm:1kB\n"],
    ["out_of_memory", "[  44.1] Memory cgroup out of memory: Killed process 77 (java) total-vm:1kB\n"],
    ["emergency_mode", 'You are in emergency mode. After logging in, type "journalctl -xb"\r\n'],
    ["emergency_mode", "Give root password for maintenance\r\n(or press Control-D to continue): "],
    ["emergency_mode", "ALERT!  UUID=1234 does not exist.  Dropping to a shell!\r\n"],
    ["emergency_mode", "\r\n(initramfs) "],
    ["boot_loader", "error: unknown filesystem.\r\nEntering rescue mode...\r\ngrub rescue> "],
    ["boot_loader", "\u001b[5;1Hgrub rescue> "],
    ["no_boot_device", "Boot failed: not a bootable disk\r\n\r\nNo bootable device.\r\n"],
    ["no_boot_device", "BdsDxe: No bootable option or device was found.\r\n"],
    ["no_boot_device", "\u001b[2J\u001b[01;01HUEFI Interactive Shell v2.2\r\n"],
  ])("recognises %s in %j", (kind, text) => {
    expect(kinds(scanAll([text]))).toEqual([kind]);
    // However it is cut.
    expect(kinds(scanAll([...text]))).toEqual([kind]);
  });

  it.each([
    "Linux version 6.1.0 (panic=10 oom_score_adj)\n",
    "[    0.1] Memory: 88000K/131000K available (out of memory policy)\n",
    "echo grub rescue is a word of the manual\n",
    "systemd: emergency.target is not active\n",
    "password for login: required by policy\n",
  ])("finds nothing in %j", (text) => {
    expect(scanAll([text])).toEqual([]);
  });

  it("gives the lines before and those that follow, in whatever pieces they come, without control characters", () => {
    const text =
      "one\r\n\u001b[31mtwo\u001b[0m\r\nKernel panic - not syncing: x\u0007\r\nCPU: 0 PID: 1\r\n---[ end Kernel panic - not syncing: x ]---\r\n";
    const wanted = "one\ntwo\nKernel panic - not syncing: x\nCPU: 0 PID: 1\n---[ end Kernel panic - not syncing: x ]---";
    expect(lastExcerpt(scanAll([text]))).toBe(wanted);
    expect(lastExcerpt(scanAll([...text]))).toBe(wanted);
  });

  it("knows a kernel's first line, and what cloud-init and its scripts print", () => {
    const text = [
      "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12)\r",
      "[   26.543210] cloud-init[543]: Cloud-init v. 22.4.2 running 'modules:final'\r",
      "[   27.1] cloud-init[543]: \u001b[31mfirst line\u001b[0m of a script\r",
      "I am cloud-init[1]: no\r",
      "",
    ].join("\n");
    const wanted = [
      { kind: "kernel", version: "6.1.0-18-amd64" },
      { kind: "cloudInit", line: "Cloud-init v. 22.4.2 running 'modules:final'" },
      { kind: "cloudInit", line: "first line of a script" },
    ];
    expect(scanAll([text])).toEqual(wanted);
    expect(scanAll([...text])).toEqual(wanted);
  });

  it("knows a kernel that is told to be quiet, and a prompt that is printed over", () => {
    expect(scanAll(["GRUB loading...\r\nWelcome to GRUB!\r\n"])).toEqual([]);
    expect(
      scanAll(["\u001b[01;01H\u001b[0m\u001b[2JLoading, please wait...\r\nWelcome to \u001b[1mDebian GNU/Linux 12\u001b[0m!\r\n"]),
    ).toEqual([
      { kind: "kernel", version: null },
      { kind: "kernel", version: null },
    ]);
    expect(scanAll(["deb-1 login: [  163.774961] cloud-init[467]: Cloud-init v. 22.4.2\r\n"])).toEqual([
      { kind: "login" },
      { kind: "cloudInit", line: "Cloud-init v. 22.4.2" },
    ]);
  });

  it("knows a login prompt, which has no line end", () => {
    expect(scanAll(["Debian GNU/Linux 12 web-1 ttyS0\r\n\r\nweb-1 lo", "gin: "])).toEqual([{ kind: "login" }]);
  });

  it("stays bounded whatever a guest prints", () => {
    const flood = scanAll([`${"Kernel panic - not syncing ".repeat(10_000)}`, "x".repeat(300_000), `\n${"grub rescue> \n".repeat(5_000)}`]);
    for (const event of flood) if (event.kind === "found") expect(event.excerpt.length).toBeLessThanOrEqual(4_000);
    let state = EMPTY_SCAN;
    for (let index = 0; index < 50; index++) state = scanSerial(state, "\ud83dKernel panic - not syncing".repeat(500)).state;
    expect(JSON.stringify(state).length).toBeLessThan(200_000);
    expect(JSON.stringify(scanAll(["\ud83d Kernel panic - not syncing\n"]))).not.toMatch(/\\ud83d/);
  });
});
