import { describe, expect, it } from "vitest";
import { type HostPicture, type HostStep, planHost } from "./plan";

const picture = (changes: Partial<HostPicture> = {}): HostPicture => ({
  documentAccepted: true,
  claimed: new Set(["i-1"]),
  records: [{ id: "i-1", gone: false, nics: ["nic-1"], networks: ["net-1"] }],
  runningVms: ["i-1"],
  nicsOnHost: ["nic-1"],
  networksMade: ["net-1"],
  lanBridges: { wanted: [], kept: [] },
  ...changes,
});
const told = (...instanceIds: `i-${string}`[]): HostStep => ({ kind: "reportUnclaimed", instanceIds });

describe("planHost", () => {
  it.each<[string, Partial<HostPicture>, HostStep[]]>([
    ["has nothing to do about a host that is as it should be", {}, [told()]],
    [
      "removes a NIC and a network that nobody has",
      { nicsOnHost: ["nic-1", "nic-2"], networksMade: ["net-1", "net-2"] },
      [{ kind: "deleteNic", nicId: "nic-2" }, { kind: "deleteNetwork", networkId: "net-2" }, told()],
    ],
    ["keeps those of a stopped instance", { runningVms: [] }, [told()]],
    ["keeps an instance that the document leaves out, and says so", { claimed: new Set() }, [told("i-1")]],
    [
      "removes nothing while a VM runs that the ledger does not know",
      { runningVms: ["i-1", "i-9"], nicsOnHost: ["nic-1", "nic-9"] },
      [told("i-9")],
    ],
    ["removes nothing before the first document", { documentAccepted: false, claimed: new Set(), records: [], runningVms: [] }, [told()]],
    [
      "forgets a deleted instance only when the centre has",
      {
        claimed: new Set(["i-2"]),
        records: [
          { id: "i-1", gone: true, nics: [], networks: [] },
          { id: "i-2", gone: true, nics: [], networks: [] },
        ],
        runningVms: [],
        nicsOnHost: [],
        networksMade: [],
      },
      [{ kind: "dropRecord", instanceId: "i-1" }, told()],
    ],
    [
      "makes a bridge of an uplink without an instance, last, and keeps it",
      { networksMade: ["net-1", "net-5"], lanBridges: { wanted: ["net-5"], kept: ["net-5"] } },
      [told(), { kind: "ensureNetwork", networkId: "net-5" }],
    ],
    [
      "removes a bridge of an uplink that the centre no longer names",
      { networksMade: ["net-1", "net-5"] },
      [{ kind: "deleteNetwork", networkId: "net-5" }, told()],
    ],
    [
      "removes the network of a deleted instance",
      { records: [{ id: "i-1", gone: true, nics: [], networks: ["net-1"] }], runningVms: [], nicsOnHost: [] },
      [{ kind: "deleteNetwork", networkId: "net-1" }, told()],
    ],
  ])("%s", (_name, changes, steps) => {
    expect(planHost(picture(changes))).toEqual(steps);
  });
});
