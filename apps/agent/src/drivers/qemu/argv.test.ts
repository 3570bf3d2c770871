import { describe, expect, it } from "vitest";
import { type ArgvOptions, qemuArgv } from "./argv";
import { vmPaths } from "./paths";
import { testSpec } from "./test-spec";

const spec = testSpec();
const options: ArgvOptions = {
  machineType: "pc-q35-7.2",
  acceleration: "tcg",
  vhost: false,
  uefi: null,
  paths: vmPaths({ stateDir: "/var/lib/indium-agent", runDir: "/run/indium" }, spec.instance.id),
};
const pairs = (argv: readonly string[], flag: string): string[] =>
  argv.flatMap((each, index) => (each === flag ? [argv[index + 1] ?? ""] : []));

describe("QEMU's arguments", () => {
  it("are these for a BIOS guest under emulation", () => {
    expect(qemuArgv(spec, options)).toMatchSnapshot();
  });

  it("are these for a UEFI guest under KVM with vhost, started paused", () => {
    const paused = testSpec({ firmware: "uefi", desired: "paused", vcpus: 4 });
    const uefi = { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", vars: options.paths.uefiVars };
    expect(qemuArgv(paused, { ...options, acceleration: "kvm", vhost: true, uefi })).toMatchSnapshot();
  });

  it("keep Secure Boot's variables from the guest, and connect its TPM", () => {
    const uefi = { code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: options.paths.uefiVars };
    const argv = qemuArgv(testSpec({ firmware: "uefi", secureBoot: true, tpm: true }), { ...options, uefi });
    expect(pairs(argv, "-machine")[0]).toContain(",smm=on,");
    expect(pairs(argv, "-global")).toEqual(["driver=cfi.pflash01,property=secure,value=on"]);
    expect(pairs(argv, "-tpmdev")).toEqual(["emulator,id=tpm,chardev=tpm0"]);
    expect(pairs(argv, "-chardev")).toContainEqual(`socket,id=tpm0,path=${options.paths.tpmSocket}`);
    // Asked for without UEFI it would be a lie; it is refused before it comes here, and changes nothing.
    expect(qemuArgv(testSpec({ secureBoot: true }), options)).toEqual(qemuArgv(testSpec(), options));
  });

  it("have a port for a clipboard agent and a screen of any size only where they are wished for", () => {
    const devices = (desktop: boolean) =>
      pairs(qemuArgv(testSpec({ desktop }), options), "-device").filter((value) => /spice|vga/i.test(value));
    expect(devices(false)).toEqual([expect.stringMatching(/^VGA,/)]);
    expect(devices(true)).toEqual([
      expect.stringMatching(/^virtio-vga,/),
      "virtserialport,id=vdagent,bus=serialbus.0,nr=2,chardev=vdagent0,name=com.redhat.spice.0",
    ]);
  });

  it("name every node, slot and id once", () => {
    const argv = qemuArgv(testSpec({ nics: 8 }), options);
    const slots = pairs(argv, "-device").flatMap((device) => device.match(/addr=0x[0-9a-f]+/g) ?? []);
    expect(slots).toHaveLength(6 + 8);
    expect(new Set(slots).size).toBe(slots.length);
    const ids = argv.flatMap((each) => each.match(/(?<![a-z])id=[a-z0-9]+/g) ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("keep a path with a comma one value", () => {
    const paths = vmPaths({ stateDir: "/srv/a,b", runDir: "/run/x,readonly=on" }, spec.instance.id);
    const argv = qemuArgv({ ...spec, disk: { path: "/srv/a,b/disk", format: "qcow2" } }, { ...options, paths });
    expect(pairs(argv, "-vnc")[0]).toBe(`unix:/run/x,,readonly=on/${spec.instance.id}/vnc`);
    expect(JSON.parse(pairs(argv, "-blockdev")[0] ?? "")).toMatchObject({ filename: "/srv/a,b/disk" });
  });

  it("give the disk a serial of the 20 bytes that virtio-blk holds", () => {
    const serial = /serial=([^,]+)/.exec(pairs(qemuArgv(spec, options), "-device")[0] ?? "")?.[1];
    expect(serial).toHaveLength(20);
  });

  it.each([
    ["an interface name that brings an option along", { interfaceName: "t0,vhost=on", macAddress: "52:54:00:00:00:01" }],
    ["a MAC address that brings an option along", { interfaceName: "t0", macAddress: "52:54:00:00:00:01,romfile=/etc/shadow" }],
  ])("refuse %s", (_, tap) => {
    expect(() => qemuArgv({ ...spec, taps: [{ nicId: "nic-1", ...tap }] }, options)).toThrow(/illegal name or MAC/);
  });

  it("show each dialect's guests the firmware strings that they look for", () => {
    const shown = (dialect: "openstack" | "ec2" | "digitalocean" | "nocloud") =>
      pairs(qemuArgv({ ...spec, instance: { ...spec.instance, dialect } }, options), "-smbios");
    const uuid = spec.instance.guestUuid;
    expect(shown("openstack")).toEqual([`type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,uuid=${uuid}`]);
    expect(shown("ec2")).toEqual([`type=1,manufacturer=Amazon EC2,product=Indium,serial=${uuid},uuid=${uuid}`]);
    expect(shown("digitalocean")).toEqual([`type=1,manufacturer=DigitalOcean,product=Droplet,serial=${0x6f1c0de0},uuid=${uuid}`]);
    expect(shown("nocloud")).toEqual([
      `type=1,manufacturer=Indium,product=Indium,serial=ds=nocloud;dsmode=net;s=http://169.254.169.254/nocloud/,uuid=${uuid}`,
    ]);
  });

  it("never open a TCP port and always sandbox", () => {
    const argv = qemuArgv(spec, options);
    expect(argv.join(" ")).not.toMatch(/tcp:|(?<!v)host=|-daemonize/);
    expect(pairs(argv, "-sandbox")).toEqual(["on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]);
  });
});

describe("a VM's paths", () => {
  it("are made of instance ids only", () => {
    expect(() => vmPaths({ stateDir: "/s", runDir: "/r" }, "i-../../../../etc" as never)).toThrow(/no instance id/);
  });
});
