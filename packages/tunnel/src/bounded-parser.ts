import * as parser from "socket.io-parser";
import { isDeeplyNested } from "./foreign-json";

class BoundedDecoder extends parser.Decoder {
  /** @throws Error, on which socket.io ends the connection. */
  override add(packet: unknown): void {
    if (typeof packet === "string" && isDeeplyNested(packet)) throw new Error("a packet is nested too deeply");
    super.add(packet);
  }
}

/** socket.io's own, for links: the same packets but for what is nested deeper than anything of ours. Both ends take it as their `parser`. */
export const boundedParser = { ...parser, Decoder: BoundedDecoder };
