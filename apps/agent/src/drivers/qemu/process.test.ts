import { describe, expect, it } from "vitest";
import { identify, isAlive, parseStat, vmOfCommandLine, waitForEnd } from "./process";

describe("a process", () => {
  it("is read from its stat line, whatever its name", () => {
    const fields = ["S", ...Array.from({ length: 60 }, (_, index) => String(index + 4))];
    expect(parseStat(`7 (CPU 0/TCG) R (x) ${fields.join(" ")}`)).toEqual({ state: "S", cpuTicks: 14 + 15, startTicks: 22 });
    expect(parseStat("nonsense")).toBeNull();
  });

  it("is itself and not a later one with its pid, nor one of another boot", async () => {
    const own = await identify(process.pid);
    expect(own).not.toBeNull();
    if (own === null) return;
    expect(await isAlive(own)).toBe(true);
    expect(await isAlive({ ...own, startTicks: own.startTicks - 1 })).toBe(false);
    expect(await isAlive({ ...own, bootId: "another" })).toBe(false);
    expect(await waitForEnd({ ...own, bootId: "another" }, 0)).toBe(true);
    expect(await waitForEnd(own, 0)).toBe(false);
  });
});

describe("a VM's command line", () => {
  const id = "i-0123456789abcdef0";
  const line = (...args: string[]) => `${args.join("\0")}\0`;
  const monitor = (runDir: string) => `socket,id=qmp0,path=${runDir}/${id}/qmp,server=on,wait=off`;

  it("names its instance when its monitor is ours", () => {
    expect(
      vmOfCommandLine(
        line("/usr/bin/qemu-system-x86_64", "-name", `guest=${id},debug-threads=on`, "-chardev", monitor("/run/indium")),
        "/run/indium",
      ),
    ).toBe(id);
  });

  it("is not ours with another agent's run directory, another name, or none", () => {
    expect(vmOfCommandLine(line("qemu", "-name", `guest=${id},x=y`, "-chardev", monitor("/run/other")), "/run/indium")).toBeNull();
    expect(vmOfCommandLine(line("qemu", "-name", "guest=../../x,y", "-chardev", monitor("/run/indium")), "/run/indium")).toBeNull();
    expect(vmOfCommandLine(line("vim", "-name"), "/run/indium")).toBeNull();
    expect(vmOfCommandLine("", "/run/indium")).toBeNull();
  });
});
