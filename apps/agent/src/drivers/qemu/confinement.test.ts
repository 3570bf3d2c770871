import { InstanceId } from "@indium/contract/ids";
import { MIB } from "@indium/contract/plain/bytes";
import { describe, expect, it } from "vitest";
import { cgroupFiles, createConfinement, scopeArgv, unconfined } from "./confinement";
import { vmLimits } from "./limits";

const id = InstanceId.parse("i-0123456789abcdef0");
const limits = vmLimits({ vcpus: 2, memoryBytes: 1024 * MIB, acceleration: "kvm" });

describe("a VM's limits", () => {
  it("leave QEMU room beside the guest's memory, and its emulator's code room beside that", () => {
    expect(limits.memoryMaxBytes).toBe((1024 + 64 + 512) * MIB);
    expect(vmLimits({ vcpus: 2, memoryBytes: 1024 * MIB, acceleration: "tcg" }).memoryMaxBytes - limits.memoryMaxBytes).toBe(1024 * MIB);
  });

  it("grow with its processors, and the share stays one that the kernel takes", () => {
    expect(limits).toMatchObject({ cpuQuotaPercent: 300, cpuWeight: 200 });
    expect(vmLimits({ vcpus: 256, memoryBytes: 64 * MIB, acceleration: "kvm" }).cpuWeight).toBe(10_000);
  });

  it("are whole numbers, whatever the memory", () => {
    expect(Number.isInteger(vmLimits({ vcpus: 1, memoryBytes: 64 * MIB + 3, acceleration: "kvm" }).memoryMaxBytes)).toBe(true);
  });
});

describe("where a VM lives", () => {
  it("is a scope of its own under systemd, which stops after the agent when the machine shuts down", () => {
    const { file, args } = scopeArgv(id, { file: "setpriv", args: ["--", "qemu"] }, limits);
    expect(file).toBe("systemd-run");
    expect(args).toEqual(
      expect.arrayContaining(["--scope", "--slice=indium.slice", `--unit=indium-vm-${id}.scope`, "Before=indium-agent.service"]),
    );
    expect(args).toEqual(expect.arrayContaining([`MemoryMax=${1600 * MIB}`, "CPUQuota=300%", "CPUWeight=200", "TasksMax=514"]));
    expect(args.slice(args.indexOf("--"))).toEqual(["--", "setpriv", "--", "qemu"]);
  });

  it("is a control group with the same limits without systemd", () => {
    expect(cgroupFiles(limits)).toEqual([
      ["memory.max", String(1600 * MIB)],
      ["cpu.max", "300000 100000"],
      ["cpu.weight", "200"],
      ["pids.max", "514"],
    ]);
  });

  it("is nowhere in particular where neither is to be had, with the reason, and VMs start all the same", async () => {
    const none = unconfined("this machine has neither");
    expect(none).toMatchObject({ kind: "none", reason: "this machine has neither" });
    expect(await none.prepare(id, { file: "setpriv", args: ["qemu"] }, limits)).toEqual({ file: "setpriv", args: ["qemu"] });
    expect((await createConfinement("none")).reason).toContain("INDIUM_VM_LIMITS");
  });
});
