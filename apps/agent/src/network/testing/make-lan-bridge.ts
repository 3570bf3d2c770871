import { DesiredNetwork } from "@indium/contract/network";
import { z } from "zod";
import { createMetadataService } from "../../metadata/service";
import { createNetworkManager } from "../manager";

/** An agent's network part alone, as a process that a test kills while it makes a LAN bridge. Input: one JSON argument. */
const { network, ...input } = z
  .object({ stateDir: z.string(), hostNetns: z.string(), network: DesiredNetwork, lanBridgeLimitMs: z.number() })
  .parse(JSON.parse(process.argv[2] ?? "{}"));

const log = (level: string, message: string): void => console.error(`${level}: ${message}`);
const manager = createNetworkManager({ ...input, metadata: createMetadataService({ log }), vmUid: 65_534, log });
await manager.ensureNetwork(network);
console.log("stands");
