/**
 * What a front and a relay say to each other so that the front may join the two ends of a console itself (docs/protocol.md, "Joined at the front").
 * Either may be older or newer than the other: what is not understood is no offer, and an answer like any other.
 */

/** On the requests for a console and of a dial-back, from a front. */
export const JOIN_HEADER = "X-Indium-Join";
const JOIN_UPGRADE = "indium-join";

/** Random, and told to nobody but the relay that the connection is for. */
export interface JoinOffer {
  /** Of the front's process. */
  readonly front: string;
  /** Of this one connection to it. */
  readonly connection: string;
}

const ID = /^[0-9a-f]{32}$/;

export const offerText = ({ front, connection }: JoinOffer): string => `${front}.${connection}`;

export function readOffer(text: string | readonly string[] | undefined): JoinOffer | null {
  if (typeof text !== "string" || text.length !== 65) return null;
  const [front = "", connection = ""] = text.split(".");
  return ID.test(front) && ID.test(connection) ? { front, connection } : null;
}

/** Longer is no head of a relay's. */
const MAX_HEAD_BYTES = 16_384;
/** The host's 101 and the viewer's upgrade, which came to the relay in a head of 16 KiB at most. */
const MAX_FIRST_BYTES = 65_536;

/** To a dial-back: join it with that connection, and write the host these bytes first. */
export function joinAnswer(viewer: string, first: Buffer): Buffer {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    `Upgrade: ${JOIN_UPGRADE}`,
    `${JOIN_HEADER}: ${viewer} ${first.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), first]);
}

export type DialBackAnswer =
  /** Not all of it is there yet. */
  | { readonly kind: "more" }
  /** For the host, as it is. */
  | { readonly kind: "plain" }
  | { readonly kind: "broken" }
  | { readonly kind: "join"; readonly viewer: string; readonly first: Buffer };

/** The relay's answer to a dial-back, as far as it has come: 81,920 bytes at most are asked for. */
export function readAnswer(bytes: Buffer): DialBackAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return bytes.length < MAX_HEAD_BYTES ? { kind: "more" } : { kind: "plain" };
  if (end > MAX_HEAD_BYTES) return { kind: "plain" };
  const [status = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map(lines.map((line) => [nameOf(line), line.slice(line.indexOf(":") + 1).trim()]));
  if (!/^HTTP\/1\.1 101(?: |$)/.test(status) || headers.get("upgrade") !== JOIN_UPGRADE) return { kind: "plain" };
  const [, viewer, digits] = /^([0-9a-f]{32}) (\d{1,5})$/.exec(headers.get(JOIN_HEADER.toLowerCase()) ?? "") ?? [];
  const [from, length] = [end + 4, Number(digits)];
  // A relay says nothing more before the front has.
  if (viewer === undefined || length > MAX_FIRST_BYTES || bytes.length > from + length) return { kind: "broken" };
  return bytes.length < from + length ? { kind: "more" } : { kind: "join", viewer, first: bytes.subarray(from) };
}

const nameOf = (line: string): string => line.slice(0, Math.max(0, line.indexOf(":"))).toLowerCase();

/** What has passed since the join. */
export interface JoinedBytes {
  readonly toViewer: number;
  readonly toHost: number;
}

export const NO_BYTES: JoinedBytes = { toViewer: 0, toHost: 0 };
const RECORD_BYTES = 16;

/** Two unsigned numbers of 64 bits, big-endian: a record, of which the front says one after the other. */
export function countRecord({ toViewer, toHost }: JoinedBytes): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeBigUInt64BE(BigInt(toViewer), 0);
  record.writeBigUInt64BE(BigInt(toHost), 8);
  return record;
}

/** Reads records however the bytes are cut. Counts never fall; one that no console can have had is passed over. */
export class CountReader {
  #carried = Buffer.alloc(0);
  #bytes = NO_BYTES;

  get bytes(): JoinedBytes {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    const all = Buffer.concat([this.#carried, chunk]);
    const whole = all.length - (all.length % RECORD_BYTES);
    for (let at = 0; at < whole; at += RECORD_BYTES) {
      this.#bytes = {
        toViewer: higher(this.#bytes.toViewer, all.readBigUInt64BE(at)),
        toHost: higher(this.#bytes.toHost, all.readBigUInt64BE(at + 8)),
      };
    }
    this.#carried = Buffer.from(all.subarray(whole));
  }
}

const higher = (before: number, now: bigint): number => (now > BigInt(Number.MAX_SAFE_INTEGER) ? before : Math.max(before, Number(now)));
