import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyedMutex } from "../system/mutex";
import { NameLedger } from "./name-ledger";
import { shortCandidate } from "./names";

const NIC = "nic-0123456789abcdef0";
let stateDir = "";
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "indium-names-"));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

describe("the name ledger", () => {
  it("keeps a name across restarts, also when it was not the first choice", async () => {
    const taken = shortCandidate("owner", NIC, 0);
    const ledger = new NameLedger(stateDir, "owner");
    await ledger.load();
    const short = await ledger.claim("nics", NIC, async (candidate) => candidate !== taken);
    expect(short).toBe(shortCandidate("owner", NIC, 1));
    const again = new NameLedger(stateDir, "owner");
    await again.load();
    expect(await again.claim("nics", NIC, async () => true)).toBe(short);
    await again.release("nics", NIC);
    expect(again.ids("nics")).toEqual([]);
  });

  it("gives up with words when nothing is free", async () => {
    const ledger = new NameLedger(stateDir, "owner");
    await ledger.load();
    await expect(ledger.claim("nics", NIC, async () => false)).rejects.toMatchObject({ code: "network_failed" });
  });

  it("leaves a newer file untouched", async () => {
    const ledger = new NameLedger(stateDir, "owner");
    await ledger.load();
    await ledger.claim("nics", NIC, async () => true);
    const path = join(stateDir, "network", "names.json");
    await writeFile(path, '{"formatVersion":2}');
    await expect(new NameLedger(stateDir, "owner").load()).rejects.toMatchObject({ code: "internal" });
    expect(await readFile(path, "utf8")).toBe('{"formatVersion":2}');
  });
});

describe("the keyed lock", () => {
  it("runs one at a time per key, goes on after a failure, and lets other keys pass", async () => {
    const lock = new KeyedMutex();
    const order: string[] = [];
    let release = (): void => {};
    const held = lock.run("a", () => new Promise<void>((resolve) => (release = resolve)).then(() => order.push("a1")));
    const failing = lock.run("a", async () => {
      order.push("a2");
      throw new Error("no");
    });
    const after = lock.run("a", async () => order.push("a3"));
    await lock.run("b", async () => order.push("b"));
    release();
    await Promise.all([held, expect(failing).rejects.toThrow("no"), after]);
    expect(order).toEqual(["b", "a1", "a2", "a3"]);
  });
});
