import { AppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";

/** Which bridge of the host a LAN network uses: one that is there, or one that the host makes of an interface. */
export interface LanChoice {
  readonly bridgeInterface: string | null;
  readonly uplinkInterface: string | null;
  /** One VLAN of a bridge that is there; null: its untagged LAN. */
  readonly vlanId: number | null;
}

interface OtherNetwork extends LanChoice {
  readonly name: string;
}

/**
 * What a new LAN network stores, checked against what the host last said of itself. The host decides in the end: it looks again
 * when it carries it out.
 * @throws AppError with the form's `field`.
 */
export function lanColumns(
  choice: LanChoice,
  hostName: string,
  facts: HostFacts | null,
  others: readonly OtherNetwork[],
): LanChoice & { ipv4Cidr: null; ipv4Gateway: null } {
  const { bridgeInterface, uplinkInterface, vlanId } = choice;
  if (bridgeInterface !== null && uplinkInterface !== null)
    throw new AppError("bad_request", "Choose either a bridge or an interface to make one of, not both.", { field: "bridgeInterface" });
  if (vlanId !== null) checkVlan(uplinkInterface, hostName, facts);
  if (uplinkInterface !== null) checkUplink(uplinkInterface, hostName, facts, others);
  else checkBridge(bridgeInterface, vlanId, hostName, facts, others);
  return { ipv4Cidr: null, ipv4Gateway: null, bridgeInterface, uplinkInterface, vlanId };
}

function checkUplink(name: string, hostName: string, facts: HostFacts | null, others: readonly OtherNetwork[]): void {
  const field = "uplinkInterface";
  const user = others.find((other) => other.uplinkInterface === name);
  if (user) throw new AppError("already_exists", `The network ${user.name} has made a bridge of ${name} already.`, { field });
  if (facts === null)
    throw new AppError("precondition_failed", `Host ${hostName} has not said yet which interfaces it has. Try again once it is online.`, {
      field,
    });
  const nic = facts.nics.find((each) => each.name === name);
  if (nic === undefined)
    throw new AppError(
      "precondition_failed",
      `Host ${hostName} has no interface ${name}. It has: ${facts.nics.map((each) => each.name).join(", ") || "none"}.`,
      { field },
    );
  if (nic.bridge) throw new AppError("precondition_failed", `${name} is a bridge already. Choose it as an existing bridge.`, { field });
  if (nic.bridgeRefusal === undefined)
    throw new AppError(
      "precondition_failed",
      `The agent on ${hostName} is too old to make a bridge. Upgrade it, or make the bridge on the machine and choose it here.`,
      { field },
    );
  if (nic.bridgeRefusal !== null) throw new AppError("precondition_failed", nic.bridgeRefusal, { field });
}

function checkVlan(uplink: string | null, hostName: string, facts: HostFacts | null): void {
  const field = "vlanId";
  if (uplink !== null)
    throw new AppError(
      "bad_request",
      "A VLAN needs a bridge that is there. Make one on the machine and choose it, or leave the VLAN empty.",
      {
        field,
      },
    );
  if (facts?.vlans === true) return;
  throw new AppError(
    "precondition_failed",
    facts?.vlans === false
      ? `The kernel of host ${hostName} has no 802.1Q, so no VLANs. On the host: modprobe 8021q; Debian's linux-image-amd64 has it.`
      : `The agent on ${hostName} knows no VLANs yet. Upgrade it: run the install command there again.`,
    { field },
  );
}

function checkBridge(
  name: string | null,
  vlanId: number | null,
  hostName: string,
  facts: HostFacts | null,
  others: readonly OtherNetwork[],
): void {
  const field = "bridgeInterface";
  if (name === null) throw new AppError("bad_request", "Name the bridge on the host that the network uses.", { field });
  const user = others.find((other) => other.bridgeInterface === name && other.vlanId === vlanId);
  if (user)
    throw new AppError("already_exists", `The network ${user.name} uses ${vlanId === null ? name : `VLAN ${vlanId} of ${name}`} already.`, {
      field: vlanId === null ? field : "vlanId",
    });
  if (name.startsWith(LAN_BRIDGE_PREFIX))
    throw new AppError("precondition_failed", `${name} was made for a network of Indium's. Use that network.`, { field });
  const bridges = facts?.nics.filter((nic) => nic.bridge && !nic.name.startsWith(LAN_BRIDGE_PREFIX)).map((nic) => nic.name) ?? null;
  if (bridges !== null && !bridges.includes(name))
    throw new AppError(
      "precondition_failed",
      bridges.length === 0
        ? `Host ${hostName} has no bridge. Make one there first, or choose an interface of which the host makes one.`
        : `Host ${hostName} has no bridge ${name}. It has: ${bridges.join(", ")}.`,
      { field },
    );
}
