import type { InstanceId } from "@indium/contract/ids";
import { describe, expect, it } from "vitest";
import { balloonMemoryUsed, cgroupOf, guestDisks, guestNetwork, parseCgroupCpu, parseCgroupMemory, tapsOf } from "./counters";

const ID = "i-0123456789abcdef0" as InstanceId;

describe("a VM's control group", () => {
  it("counts when it is the VM's own, by systemd's name or ours", () => {
    expect(cgroupOf(`0::/indium.slice/indium-vm-${ID}.scope\n`, ID)).toBe(`/sys/fs/cgroup/indium.slice/indium-vm-${ID}.scope`);
    expect(cgroupOf(`12:cpu:/x\n0::/indium/vm-${ID}\n`, ID)).toBe(`/sys/fs/cgroup/indium/vm-${ID}`);
  });
  it("does not count when others live in it", () => {
    expect(cgroupOf("0::/system.slice/indium-agent.service\n", ID)).toBeNull();
    expect(cgroupOf("0::/indium/vm-i-fffffffffffffffff\n", ID)).toBeNull();
    expect(cgroupOf("", ID)).toBeNull();
  });
  it("tells processor time in seconds and memory without page cache", () => {
    expect(parseCgroupCpu("usage_usec 2500000\nuser_usec 1\n")).toBe(2.5);
    expect(parseCgroupCpu("")).toBeNull();
    expect(parseCgroupMemory("10000\n", "anon 5000\nfile 4000\nkernel 1000\nshmem 500\n")).toBe(6_500);
    expect(parseCgroupMemory("max\n", "file 0\n")).toBeNull();
    expect(parseCgroupMemory("10000\n", "")).toBeNull();
  });
});

describe("a VM's network", () => {
  const line = [
    "qemu",
    "-netdev",
    "tap,id=net0,ifname=it0a,script=no",
    "-device",
    "x,ifname=no",
    "-netdev",
    "tap,id=net1,ifname=it0b,vhost=on",
  ];
  it("is that of the taps on its command line", () => {
    expect(tapsOf(line.join("\0"))).toEqual(["it0a", "it0b"]);
    expect(tapsOf("")).toEqual([]);
  });
  it("is told as the guest sees it: what a tap sends, it receives", () => {
    const tap = { receivedBytes: 1, sentBytes: 10, receivedPackets: 100, sentPackets: 1_000 };
    const other = { receivedBytes: 2, sentBytes: 20, receivedPackets: 200, sentPackets: 2_000 };
    const all = new Map([
      ["it0a", tap],
      ["it0b", other],
      ["eth0", tap],
    ]);
    expect(guestNetwork(["it0a", "it0b"], all)).toEqual({ receivedBytes: 30, sentBytes: 3, receivedPackets: 3_000, sentPackets: 300 });
    expect(guestNetwork(["it0c"], all)).toBeNull();
    expect(guestNetwork([], all)).toBeNull();
  });
});

describe("a VM's disks", () => {
  const stats = (bytes: number) => ({ rd_bytes: bytes, wr_bytes: 2 * bytes, rd_operations: 3, wr_operations: 4, flush_operations: 1 });
  it("are added up without the firmware's flash", () => {
    const answer = [
      { device: "", qdev: "/machine/peripheral/disk0/virtio-backend", "node-name": "root", stats: stats(100) },
      { device: "", qdev: "/machine/peripheral/disk1/virtio-backend", stats: stats(1_000) },
      { device: "pflash1", qdev: "/machine/system.flash1", stats: stats(5_000) },
    ];
    expect(guestDisks(answer)).toEqual({ readBytes: 1_100, writtenBytes: 2_200, reads: 6, writes: 8 });
  });
  it("are unknown where QEMU does not answer, or with something else", () => {
    expect(guestDisks(null)).toBeNull();
    expect(guestDisks([])).toBeNull();
    expect(guestDisks([{ qdev: "/machine/peripheral/disk0", stats: { rd_bytes: -1 } }])).toBeNull();
  });
});

describe("a guest's memory", () => {
  const NOW = 1_800_000_000_000;
  const told = (stats: object, age = 5) => ({ stats, "last-update": NOW / 1_000 - age });
  it("is what its balloon driver says, without its page cache", () => {
    const stats = { "stat-total-memory": 1_000, "stat-available-memory": 400, "stat-free-memory": 100 };
    expect(balloonMemoryUsed(told(stats), NOW)).toBe(600);
  });
  it("is unknown without the driver, when it tells nothing new, or nonsense", () => {
    const stats = { "stat-total-memory": 1_000, "stat-available-memory": 400 };
    expect(balloonMemoryUsed(null, NOW)).toBeNull();
    expect(balloonMemoryUsed({ stats, "last-update": 0 }, NOW)).toBeNull();
    expect(balloonMemoryUsed(told(stats, 120), NOW)).toBeNull();
    expect(balloonMemoryUsed(told({ "stat-total-memory": 2 ** 64, "stat-available-memory": 2 ** 64 }), NOW)).toBeNull();
    expect(balloonMemoryUsed(told({ "stat-total-memory": 5, "stat-available-memory": 9 }), NOW)).toBeNull();
  });
});
