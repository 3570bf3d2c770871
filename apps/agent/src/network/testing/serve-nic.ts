import { z } from "zod";
import { createMetadataService } from "../../metadata/service";
import type { GuestDocument } from "../../metadata/types";
import { createNetworkManager } from "../manager";

/** An agent's network part alone, as a process that a test can kill. Input: one JSON argument. Prints `ready`. */
const input = z
  .object({ stateDir: z.string(), hostNetns: z.string(), document: z.custom<GuestDocument>((value) => typeof value === "object") })
  .parse(JSON.parse(process.argv[2] ?? "{}"));

const log = (level: string, message: string): void => console.error(`${level}: ${message}`);
const metadata = createMetadataService({ log });
const manager = createNetworkManager({ ...input, metadata, vmUid: 65_534, log });
metadata.setDocument(input.document);
for (const network of input.document.networks) await manager.ensureNetwork(network);
for (const nic of input.document.instance.nics) {
  const network = input.document.networks.find((candidate) => candidate.id === nic.networkId);
  if (network !== undefined) await manager.ensureNic(nic, network, input.document.instance.id);
}
console.log("ready");
