import { join } from "node:path";
import { createConsoleServer } from "../console/server";
import { examine } from "../doctor/examine";
import { doctorSocket, serveDoctor } from "../doctor/socket";
import { rememberTroubles } from "../doctor/trouble-log";
import type { HostParts } from "../host/host-parts";
import { MetricRing, MetricSampler } from "../host/metrics";
import { openSecrets } from "../host/open-secrets";
import { ReportSender } from "../host/report-sender";
import { USAGE_INTERVAL_MS, UsageSampler } from "../host/usage";
import { AGENT_VERSION } from "../host/version";
import { Ledger } from "../ledger/ledger";
import { FileLedgerStore } from "../ledger/ledger-store";
import { Outbox } from "../ledger/outbox";
import { Link } from "../link/dial";
import type { Identity, Membership } from "../link/identity";
import { RelayBook } from "../link/relay-book";
import { createStreams, dialStream } from "../link/streams";
import { Reconciler } from "../reconciler/reconciler";
import { CommandCheck } from "../router/command-check";
import { createRouter } from "../router/router";
import { systemClock } from "../system/clock";
import { ensureDirectory } from "../system/files";
import { describeError, type Log } from "../system/log";

export interface HostAgentOptions {
  readonly stateDir: string;
  readonly identity: Identity;
  readonly membership: Membership;
  readonly parts: HostParts;
  readonly log: Log;
}

/** How often facts are looked at again; told only when they have changed. */
const FACTS_INTERVAL_MS = 60_000;

export interface HostAgent {
  /** Lets go of everything; VMs run on. */
  close(): Promise<void>;
}

/**
 * One host's agent, put together: it works from its ledger first and looks for the centre second. The real and the simulated
 * one differ in their parts only.
 */
export async function startHostAgent(options: HostAgentOptions): Promise<HostAgent> {
  const { identity, membership, parts, stateDir } = options;
  const clock = systemClock;
  const startedAt = clock.now();
  const { log, troubles } = rememberTroubles(options.log, () => clock.now());
  const ledgerDir = join(stateDir, "ledger");
  await ensureDirectory(ledgerDir);
  const ledger = await Ledger.load(new FileLedgerStore(ledgerDir));
  const outbox = new Outbox(join(ledgerDir, "outbox.log"), ledger.ledgerId);
  const report = (body: Parameters<Outbox["append"]>[0]): void => outbox.append(body, clock.now());

  let facts = await parts.facts();
  const reconciler = new Reconciler({
    hostId: membership.hostId,
    centrePublicKey: membership.centrePublicKey,
    hostname: facts.hostname,
    ledger,
    hypervisor: parts.hypervisor,
    networks: parts.networks,
    images: parts.images,
    volumes: parts.volumes,
    metadata: parts.metadata,
    clock,
    log,
    report,
    openSecrets: (instance) => openSecrets(identity.sealing.privateKey, instance),
  });
  reconciler.start();
  report({ kind: "host.facts", facts });

  const consoles = createConsoleServer({
    findVm: (id) => Promise.resolve(reconciler.drivers.get(id)?.vmHandle ?? null),
    serialLog: (id, bytes) => parts.hypervisor.serialLog(id, bytes),
    onError: (streamId, error) => log.warn("console failed", { stream: streamId, ...describeError(error) }),
  });
  const attachStreams = createStreams({
    membership,
    server: consoles,
    onError: (streamId, error) => log.warn("stream failed", { stream: streamId, ...describeError(error) }),
  });
  const commands = new CommandCheck({
    hostId: membership.hostId,
    centrePublicKey: membership.centrePublicKey,
    centreEpoch: () => ledger.centreEpoch,
    now: () => clock.now(),
  });
  const router = createRouter({
    reconciler,
    ledger,
    hypervisor: parts.hypervisor,
    networks: parts.networks,
    volumes: parts.volumes,
    commands,
    host: { hostId: membership.hostId, keys: identity.signing },
    facts: () => parts.facts(),
    onInternalError: (path, error) => log.error("call failed", { path, ...describeError(error) }),
  });
  let linkSince = startedAt;
  const book = await RelayBook.load(stateDir, {
    membership,
    onSaveFailed: (error) => log.warn("the list of relays is not kept", describeError(error)),
  });
  const link = new Link({
    identity,
    membership,
    book,
    agentVersion: AGENT_VERSION,
    router,
    createContext: (signal) => ({ signal }),
    onReady: (ready) => {
      attachStreams(ready);
      overlay.ready(ready);
    },
    onState: (state) => {
      linkSince = clock.now();
      switch (state.kind) {
        case "ready":
          parts.link.ready();
          log.info("linked", { relay: state.relayName, epoch: state.linkEpoch });
          break;
        case "waiting":
          parts.link.lost();
          log.warn("no link", { reason: state.reason, retryInMs: Math.round(state.retryInMs) });
          break;
        case "dialling":
          parts.link.dialling();
          break;
        case "switching":
          // Its promotion is a handshake as well.
          parts.link.dialling();
          log.warn("link lost; the standby takes its place", { reason: state.reason });
          break;
        case "stopped":
          parts.link.stopped();
          break;
      }
      sender.linked(state.kind === "ready");
    },
    onPing: () => parts.link.pinged(),
    onInternalError: (path, error) => log.error("call failed", { path, ...describeError(error) }),
  });
  const overlay = await parts.overlay({
    signing: identity.signing,
    log,
    move: (relayUrl) => link.move(relayUrl),
    dial: (ready, streamId) => dialStream(ready, streamId, membership.tlsPin),
    report,
  });
  reconciler.onPeers((peers) => overlay.peers(peers));
  const sender = new ReportSender({ outbox, send: async (batch) => (await link.sendBatch(batch)).ackedSeq, clock, log });

  const watched = {
    clock,
    host: () => parts.counters(),
    vms: () => [...reconciler.drivers.values()].flatMap((driver) => driver.vmHandle ?? []),
  };
  const usage = new UsageSampler(watched);
  const metrics = new MetricSampler(watched);
  const ring = new MetricRing();
  const stopUsage = clock.every(USAGE_INTERVAL_MS, () => {
    Promise.all([usage.sample(), metrics.sample()]).then(
      ([now, slot]) => {
        if (slot !== null) ring.push(slot);
        const pending = ring.pending(clock.now());
        const peers = overlay.peerPaths();
        const standby = link.standbyAt;
        const ways = { path: overlay.path(), ...(peers.length === 0 ? {} : { peers }), ...(standby === undefined ? {} : { standby }) };
        link.sendUsage({ ...now, ...ways }, pending, () => ring.taken(pending));
      },
      (thrown: unknown) => log.warn("usage not sampled", describeError(thrown)),
    );
  });
  const stopFacts = clock.every(FACTS_INTERVAL_MS, () => {
    parts.facts().then(
      (now) => {
        if (JSON.stringify(now) === JSON.stringify(facts)) return;
        facts = now;
        report({ kind: "host.facts", facts });
      },
      (thrown: unknown) => log.warn("facts not read", describeError(thrown)),
    );
  });
  const stopDoctor = await serveDoctor(doctorSocket(stateDir), () =>
    examine({
      membership,
      hostname: facts.hostname,
      startedAt,
      ledger,
      reconciler,
      hypervisor: parts.hypervisor,
      networks: parts.networks,
      link: () => ({ state: link.state, since: linkSince, standbyAt: link.standbyAt }),
      path: () => overlay.path(),
      reportsWaiting: () => outbox.length,
      troubles,
      now: () => clock.now(),
    }),
  ).catch((thrown: unknown) => {
    log.warn("doctor cannot ask this agent", describeError(thrown));
    return async () => {};
  });
  link.start();
  log.info("agent started", {
    host: membership.hostId,
    driver: parts.hypervisor.kind,
    instances: ledger.records.size,
    version: AGENT_VERSION,
  });

  return {
    close: async () => {
      stopUsage();
      stopFacts();
      await stopDoctor();
      consoles.closeAll("The agent on this host restarts.");
      sender.close();
      await overlay.close();
      await link.stop();
      await reconciler.close();
      await parts.networks.close();
      outbox.close();
    },
  };
}
