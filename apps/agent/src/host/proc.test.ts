import { describe, expect, it } from "vitest";
import {
  defaultRouteInterfaces,
  parseBootTime,
  parseCpuInfo,
  parseCpuTimes,
  parseDiskStats,
  parseMemInfo,
  parseNetDev,
  parseOsRelease,
  parseThreads,
} from "./proc";

describe("what the kernel says", () => {
  it("counts sockets, cores and threads", () => {
    const block = (processor: number, socket: number, core: number) =>
      `processor\t: ${processor}\nmodel name\t: Xeon E5 @ 2.00GHz\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
    const text = [block(0, 0, 0), block(1, 0, 0), block(2, 0, 1), block(3, 1, 0)].join("\n");
    expect(parseCpuInfo(text, 1)).toEqual({ model: "Xeon E5 @ 2.00GHz", sockets: 2, cores: 3, threads: 4 });
    expect(parseCpuInfo("", 8)).toMatchObject({ threads: 8, sockets: 1, cores: 1 });
  });

  it("reads memory in bytes", () => {
    expect(parseMemInfo("MemTotal:        2048 kB\nMemFree: 1 kB\nMemAvailable:    1024 kB\n")).toEqual({
      totalBytes: 2_097_152,
      availableBytes: 1_048_576,
    });
  });

  it("counts waiting for a disk as idle", () => {
    expect(parseCpuTimes("cpu  100 0 50 800 50 0 0 0 30 0\ncpu0 1 1 1 1\n")).toEqual({ busy: 150, total: 1000 });
    expect(parseBootTime("cpu 1\nbtime 1700000000\n")).toBe(1_700_000_000_000);
  });

  it("reads the system's name with and without quotes", () => {
    expect(parseOsRelease('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe("Debian GNU/Linux 12 (bookworm)");
    expect(parseOsRelease("PRETTY_NAME=Alpine\n")).toBe("Alpine");
    expect(parseOsRelease("")).toBe("Linux");
  });

  it("reads interface counters, also of names with dots", () => {
    const text = "Inter-|\n face |\n  eth0: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\neth0.100:5 1 0 0 0 0 0 0 7 2 0 0 0 0 0 0\n";
    expect([...parseNetDev(text)]).toEqual([
      ["eth0", { receivedBytes: 10, receivedPackets: 1, sentBytes: 20, sentPackets: 2 }],
      ["eth0.100", { receivedBytes: 5, receivedPackets: 1, sentBytes: 7, sentPackets: 2 }],
    ]);
  });

  it("reads whole disks' traffic, in the kernel's sectors of 512 bytes", () => {
    const text =
      "   8       0 sda 100 5 2048 30 200 9 4096 60 0 50 90 0 0 0 0\n   8       1 sda1 99 5 2000 30 199 9 4000 60 0 50 90\n   7       0 loop0 9 0 9 0 9 0 9 0 0 0 0\n";
    expect([...parseDiskStats(text, new Set(["sda"]))]).toEqual([
      ["sda", { reads: 100, readBytes: 1_048_576, writes: 200, writtenBytes: 2_097_152 }],
    ]);
    expect(parseDiskStats("8 0 sda 100", new Set(["sda"])).size).toBe(0);
  });

  it("counts processors by their lines", () => {
    expect(parseThreads("cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n")).toBe(2);
    expect(parseThreads("")).toBe(1);
  });

  it("finds the uplinks by their default routes, of either family", () => {
    const route4 =
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\neth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";
    const zero = "0".repeat(32);
    const route6 = `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 1 0 00000003 br0\n${zero} 00 ${zero} 00 ${zero} ffffffff 1 0 00200200 lo\n`;
    expect([...defaultRouteInterfaces(route4, route6)]).toEqual(["eth0", "br0"]);
  });
});
