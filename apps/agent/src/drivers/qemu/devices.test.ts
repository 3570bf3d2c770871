import { expect, it } from "vitest";
import { accessOf } from "./devices";

const user = { name: "indium-vm", uid: 998, gid: 997 };

it.each([
  ["udev's default, open to all", { uid: 0, gid: 0, mode: 0o20666 }, { kind: "usable", group: null }],
  ["Debian's, through the group kvm", { uid: 0, gid: 106, mode: 0o20660 }, { kind: "usable", group: 106 }],
  ["the VMs' own group", { uid: 0, gid: 997, mode: 0o20660 }, { kind: "usable", group: null }],
  ["root's alone", { uid: 0, gid: 0, mode: 0o20600 }, { kind: "refused" }],
  ["root's group, which QEMU must not join", { uid: 0, gid: 0, mode: 0o20660 }, { kind: "refused" }],
  ["a group that may only read", { uid: 0, gid: 106, mode: 0o20640 }, { kind: "refused" }],
])("a device with %s", (_, device, access) => {
  expect(accessOf(device, user)).toEqual(access);
});
