import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instanceContentHash } from "../ledger/content-hash";
import { newInstanceRecord } from "../ledger/format";
import { Ledger } from "../ledger/ledger";
import { FileLedgerStore } from "../ledger/ledger-store";
import { desiredInstance } from "../reconciler/testing/test-host";
import { ensureDirectory } from "../system/files";
import { createLog } from "../system/log";
import type { Checkup } from "./checkup";
import { clockSkew } from "./clock-skew";
import { doctorCommand } from "./command";
import { instanceFromRecord, linkWords } from "./examine";
import { printCheckup } from "./print";
import { askAgent, doctorSocket, serveDoctor } from "./socket";
import { rememberTroubles } from "./trouble-log";

const AT = Date.UTC(2026, 0, 1);
let stateDir: string;
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "indium-doc-"));
  await ensureDirectory(join(stateDir, "ledger"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const instance = desiredInstance({ name: "web-1" });
const record = () => ({ ...newInstanceRecord(instance, 1, instanceContentHash(instance)), appliedGeneration: 0 });

function checkup(): Checkup {
  const known = instanceFromRecord(record());
  return {
    formatVersion: 1,
    at: AT,
    source: "agent",
    agent: { version: "0.1.0", pid: 12, startedAt: AT - 3_600_000 },
    host: { id: "h-0123456789abcdef0", name: "lab-1", dashboard: "https://indium.example:7780" },
    link: { state: "waiting", words: "the relay did not answer (next try after 4 s)", since: AT - 9_000 },
    path: "websocket, 12.0 ms; UDP to the relay seems to be blocked",
    document: { ledgerId: "ldg-0123456789abcdef0", centreEpoch: 1, generation: 42 },
    reportsWaiting: 7,
    acceleration: { kind: "tcg", reason: "/dev/kvm opens, but its guest printed nothing within 10 s" },
    lastPlan: { at: AT - 5_000, steps: ["deleteNic"] },
    instances: [
      {
        ...known,
        observed: "crashed",
        pid: 99,
        lastPlan: { at: AT - 4_000, what: "discard (crashed)" },
        error: `hypervisor_failed: ${"a long story of what QEMU said ".repeat(6)}\u001b[2J${"x".repeat(200)}`,
        findings: ["kernel_panic"],
        nics: known.nics.map((nic) => ({ ...nic, counters: { "spoofed-mac": { packets: 3, bytes: 180 }, arp: { packets: 0, bytes: 0 } } })),
      },
    ],
    troubles: [{ at: AT - 60_000, level: "warn", text: "document refused generation=41 code=stale_generation" }],
  };
}
const around = { storage: { path: "/var/lib/indium-agent", freeBytes: 5 * 1024 ** 3 }, clock: { aheadMs: 90_000 }, agentSilent: null };

describe("doctor", () => {
  it("prints what is wished, seen, planned and wrong in 80 columns, and nothing that steers a terminal", () => {
    const text = printCheckup(checkup(), around);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text).not.toContain("\u001b");
    for (const words of [
      "Observed crashed, applied 0 (NOT YET CARRIED OUT)",
      "Desired  running, generation 1",
      "discard (crashed), 4 s ago",
      "Way      websocket, 12.0 ms; UDP to the relay",
      "waiting: the relay did not answer",
      "90 S AHEAD OF",
      "spoofed-mac 3",
      "Hangs?   kernel panic",
      "deleteNic, 5 s ago",
      "5.0 GiB free",
      "generation=41",
    ])
      expect(text.replaceAll(/ +/g, " ")).toContain(words.replaceAll(/ +/g, " "));
    expect(text).not.toContain("arp 0");
  });

  it("asks the running agent through a socket of root's alone", async () => {
    const stop = await serveDoctor(doctorSocket(stateDir), () => Promise.resolve(checkup()));
    expect(statSync(doctorSocket(stateDir)).mode & 0o777).toBe(0o600);
    expect(await askAgent(doctorSocket(stateDir))).toEqual(checkup());
    await stop();
    expect(await askAgent(doctorSocket(stateDir))).toEqual({ silent: "The agent does not run." });
  });

  it("says of an agent that hangs that it hangs, and of one that cannot answer that it is not understood", async () => {
    const stop = await serveDoctor(doctorSocket(stateDir), () => new Promise(() => {}));
    expect(await askAgent(doctorSocket(stateDir), 50)).toMatchObject({ silent: expect.stringContaining("it hangs") });
    await stop();
    const other = await serveDoctor(doctorSocket(stateDir), () => Promise.reject(new Error("no")));
    expect(await askAgent(doctorSocket(stateDir))).toMatchObject({ silent: expect.stringContaining("not understood") });
    await other();
  });

  it("reads the ledger when the agent is down, says so first, and tells of files it cannot read", async () => {
    const store = new FileLedgerStore(join(stateDir, "ledger"));
    const ledger = await Ledger.load(store);
    ledger.addRecord(record());
    await ledger.saveRecord(record());
    writeFileSync(join(stateDir, "ledger", "instances", "i-00000000000000bad.json"), "{");
    // Of an agent that still writes: a reader must not tidy it up.
    const half = join(stateDir, "ledger", "ledger.json.1.abcdef01.tmp");
    writeFileSync(half, "{");
    const text = await doctorCommand(stateDir, false);
    expect(text).toContain("FROM DISK ONLY. The agent does not run.");
    expect(text).toMatch(/web-1 {2}i-/);
    expect(text).toContain("Observed unknown");
    expect(text).toContain("i-00000000000000bad.json");
    expect(statSync(half).isFile()).toBe(true);
    const json: unknown = JSON.parse(await doctorCommand(stateDir, true));
    expect(json).toMatchObject({ source: "disk", instances: [{ name: "web-1" }], around: { agentSilent: "The agent does not run." } });
    expect(JSON.stringify(json)).not.toMatch(/sealedSecrets|ciphertext|sshKeys/);
  });

  it("compares clocks with the dashboard's", async () => {
    const server = createServer((_request, response) => response.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString()).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const answer = await clockSkew(`http://127.0.0.1:${port}`, null);
    expect("aheadMs" in answer ? Math.round(answer.aheadMs / 60_000) : answer).toBe(60);
    await new Promise((resolve) => server.close(resolve));
    expect(await clockSkew(`http://127.0.0.1:${port}`, null)).toMatchObject({ unknown: expect.stringContaining("cannot be reached") });
  });

  it("remembers the log's last warnings and errors, with what they are about", () => {
    const { log, troubles } = rememberTroubles(createLog({ format: "plain", level: "error", write: () => {} }), () => AT);
    log.info("linked");
    log.with({ host: "x" }).warn("document refused", { code: "stale_generation" });
    for (let index = 0; index < 100; index++) log.error("step failed", { index });
    expect(troubles()).toHaveLength(30);
    expect(troubles().at(-1)).toEqual({ at: AT, level: "error", text: "step failed index=99" });
  });
});

it("says which relay stands by where there are several", () => {
  const ready = { kind: "ready", relayUrl: "https://indium.example", relayName: "one", linkEpoch: 3 } as const;
  expect(linkWords(ready, undefined)).toBe("relay one at https://indium.example, epoch 3");
  expect(linkWords(ready, "two")).toBe("relay one at https://indium.example, epoch 3; relay two stands by");
  expect(linkWords(ready, null)).toBe("relay one at https://indium.example, epoch 3; no relay stands by");
  expect(linkWords({ kind: "switching", relayUrl: "https://two.example", reason: "the link was lost" }, null)).toBe(
    "lost (the link was lost); promoting the standby at https://two.example",
  );
});
