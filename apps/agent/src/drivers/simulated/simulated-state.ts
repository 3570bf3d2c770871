import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "@indium/contract/errors";
import { InstanceId, NetworkId, NicId, VolumeId } from "@indium/contract/ids";
import { z } from "zod";
import { isErrno } from "../../system/files";

/** The simulated machine's "hardware": what would outlive the agent on a real host, kept in a file. */
const StateFile = z.object({
  formatVersion: z.literal(1),
  nextPid: z.number().int(),
  vms: z.record(
    InstanceId,
    z.object({
      pid: z.number().int(),
      name: z.string(),
      cloudInit: z.boolean(),
      memoryBytes: z.number(),
      vcpus: z.number(),
      startedAt: z.number(),
      /** When the guest began to boot: at the start, and again at each reset. */
      bootedAt: z.number(),
      state: z.enum(["running", "paused", "shutdown", "crashed"]),
    }),
  ),
  images: z.array(z.object({ id: z.string(), sha256: z.string(), sizeBytes: z.number() })),
  volumes: z.record(VolumeId, z.number()),
  nics: z.record(NicId, z.object({ instanceId: InstanceId, networkId: NetworkId })),
  networks: z.array(NetworkId),
  /** The interface of which a LAN bridge was made for a network. */
  lanBridges: z.record(NetworkId, z.string()).default({}),
});
export type SimulatedState = z.infer<typeof StateFile>;
export type SimulatedVmState = SimulatedState["vms"][InstanceId];

const EMPTY: SimulatedState = {
  formatVersion: 1,
  nextPid: 1_000_001,
  vms: {},
  images: [],
  volumes: {},
  nics: {},
  networks: [],
  lanBridges: {},
};

export class SimulatedStateFile {
  readonly value: SimulatedState;
  readonly #path: string | null;

  /** `null` keeps it in memory. @throws AppError `internal` when the file is damaged. */
  constructor(path: string | null) {
    this.#path = path;
    this.value = path === null ? structuredClone(EMPTY) : load(path);
  }

  save(): void {
    if (this.#path === null) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.tmp`, JSON.stringify(this.value), { mode: 0o600 });
    renameSync(`${this.#path}.tmp`, this.#path);
  }
}

function load(path: string): SimulatedState {
  try {
    return StateFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return structuredClone(EMPTY);
    throw new AppError("internal", `The simulated host's state in ${path} is damaged. Remove the file to begin anew.`, { cause: error });
  }
}
