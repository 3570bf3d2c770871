import type { HostPath } from "@indium/contract/overlay";
import type { Hypervisor } from "../drivers/types";
import { AGENT_VERSION } from "../host/version";
import type { InstanceDriver } from "../instance/driver";
import type { InstanceRecord } from "../ledger/format";
import type { Ledger } from "../ledger/ledger";
import type { Membership } from "../link/identity";
import type { LinkState } from "../link/link-state";
import type { NetworkManager } from "../network/types";
import { pathSentence } from "../overlay/path-sentence";
import type { Reconciler } from "../reconciler/reconciler";
import type { Checkup } from "./checkup";

export interface Patient {
  readonly membership: Membership;
  readonly hostname: string;
  readonly startedAt: number;
  readonly ledger: Ledger;
  readonly reconciler: Reconciler;
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  /** `standbyAt`: as of the link (dial.ts). */
  link(): { readonly state: LinkState; readonly since: number; readonly standbyAt: string | null | undefined };
  path(): HostPath;
  reportsWaiting(): number;
  troubles(): Checkup["troubles"];
  now(): number;
}

/** What the running agent knows. Asks the kernel for the NICs' counters and nothing else, so that it answers also when QEMU hangs. */
export async function examine(patient: Patient): Promise<Checkup> {
  const { ledger, reconciler, membership, hypervisor } = patient;
  const { state, since, standbyAt } = patient.link();
  return {
    formatVersion: 1,
    at: patient.now(),
    source: "agent",
    agent: { version: AGENT_VERSION, pid: process.pid, startedAt: patient.startedAt },
    host: { id: membership.hostId, name: patient.hostname, dashboard: membership.origin },
    link: { state: state.kind, words: linkWords(state, standbyAt), since },
    path: state.kind === "ready" ? pathSentence(patient.path()) : null,
    document: { ledgerId: ledger.ledgerId, centreEpoch: ledger.centreEpoch, generation: ledger.generation },
    reportsWaiting: patient.reportsWaiting(),
    acceleration: { ...hypervisor.acceleration },
    lastPlan: reconciler.lastPlan,
    instances: await Promise.all([...ledger.records.values()].map((record) => examineInstance(patient, record))),
    troubles: patient.troubles(),
  };
}

async function examineInstance(patient: Patient, record: InstanceRecord): Promise<Checkup["instances"][number]> {
  const driver = patient.reconciler.drivers.get(record.desired.id);
  const written = instanceFromRecord(record);
  const nics = await Promise.all(
    record.desired.nics.map(async ({ id }, index) => ({
      ...(written.nics[index] ?? { id, macAddress: "", addresses: [] }),
      counters: await patient.networks.counters(id).catch(() => null),
    })),
  );
  return { ...written, ...observed(driver), nics };
}

function observed(driver: InstanceDriver | undefined) {
  if (driver === undefined) return {};
  return {
    observed: driver.state,
    pid: driver.vmHandle?.pid ?? null,
    lastPlan: driver.lastPlan,
    error: driver.error === null ? null : `${driver.error.code}: ${driver.error.message}`,
  };
}

/** What the ledger alone tells of an instance. */
export function instanceFromRecord(record: InstanceRecord): Checkup["instances"][number] {
  const { desired } = record;
  const error = record.failure?.error ?? record.denial;
  return {
    id: desired.id,
    name: desired.name,
    desired: desired.desired,
    generation: desired.generation,
    observed: null,
    appliedGeneration: record.appliedGeneration,
    observedGeneration: record.observedGeneration,
    boot: record.boot,
    pid: null,
    lastPlan: null,
    error: error === null ? null : `${error.code}: ${error.message}`,
    findings: record.findings.map((finding) => finding.kind),
    nics: desired.nics.map((nic) => ({
      id: nic.id,
      macAddress: nic.macAddress,
      addresses: [nic.ipv4, nic.ipv6].flatMap((address) => (address === null ? [] : [`${address.address}/${address.prefixLength}`])),
      counters: null,
    })),
  };
}

export function linkWords(state: LinkState, standbyAt: string | null | undefined): string {
  switch (state.kind) {
    case "ready":
      return `relay ${state.relayName} at ${state.relayUrl}, epoch ${state.linkEpoch}${standbyWords(standbyAt)}`;
    case "switching":
      return `lost (${state.reason}); promoting the standby at ${state.relayUrl}`;
    case "dialling":
      return `dialling ${state.relayUrl}`;
    case "waiting":
      return `${state.refusal === null ? "" : "refused: "}${state.refusal?.message ?? state.reason} (next try after ${Math.ceil(state.retryInMs / 1000)} s)`;
    case "stopped":
      return "not dialling";
  }
}

/** With one relay there is nothing to say. */
function standbyWords(standbyAt: string | null | undefined): string {
  if (standbyAt === undefined) return "";
  return standbyAt === null ? "; no relay stands by" : `; relay ${standbyAt} stands by`;
}
