import { describe, expect, it } from "vitest";
import { asVmUser, parsePasswd } from "./vm-user";

describe("the VMs' user", () => {
  it("is read from a passwd line", () => {
    expect(parsePasswd("root:x:0:0:root:/root:/bin/sh\nindium-vm:x:998:997::/nonexistent:/usr/sbin/nologin\n")).toEqual({
      name: "indium-vm",
      uid: 998,
      gid: 997,
    });
  });

  it("is nobody when it is missing, malformed, or root in disguise", () => {
    expect(parsePasswd("indium-vms:x:998:997::/:/bin/sh\n")).toBeNull();
    expect(parsePasswd("indium-vm:x::997::/:/bin/sh\n")).toBeNull();
    expect(parsePasswd("indium-vm:x:0:0::/:/bin/sh\n")).toBeNull();
  });

  it("always runs QEMU without new privileges", () => {
    const { file, args } = asVmUser({ name: "indium-vm", uid: 998, gid: 997 }, [], ["qemu-system-x86_64", "-nodefaults"]);
    expect(file).toBe("setpriv");
    expect(args).toContain("--no-new-privs");
    expect(args.slice(args.indexOf("--"))).toEqual(["--", "qemu-system-x86_64", "-nodefaults"]);
  });
});
