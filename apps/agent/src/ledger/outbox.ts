import { closeSync, fdatasync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { LedgerId } from "@indium/contract/ids";
import { type ReportBody, ReportItem } from "@indium/contract/report";
import { z } from "zod";
import { isErrno } from "../system/files";
import { coalesceReports } from "./outbox-coalescing";

/**
 * Reports that wait for the centre's acknowledgement, on disk.
 *
 * An append log: a header, then one line per item or acknowledgement. Written with write(2) at once, so that kill -9 loses
 * nothing; `take` syncs before it hands out, so that a power cut never reuses a sequence number the centre has seen. The last
 * line may be partial after a power cut: it is cut off. Numbers only grow; coalescing leaves gaps in them, never reorders them.
 */
const FORMAT = 1;
const DEFAULT_BOUND = 5_000;
/** Of the items' text. An error's own words may be 16 kB long: the number of items alone bounds nothing. */
const DEFAULT_BOUND_BYTES = 8 * 1024 * 1024;
/** Rewrites the log once it holds this many lines that are of no use any more. */
const REWRITE_AFTER_DEAD_LINES = 2_000;
const MAX_BATCH = 500;
/** A batch stays well under the relay's message limit. */
const MAX_BATCH_BYTES = 400_000;

const Header = z.object({ formatVersion: z.number().int(), ledgerId: z.string(), nextSeq: z.number().int().positive() });
const Ack = z.object({ ack: z.number().int().min(0) });

export class Outbox {
  readonly #path: string;
  readonly #ledgerId: LedgerId;
  readonly #bound: number;
  readonly #boundBytes: number;
  #bytes = 0;
  readonly #listeners = new Set<() => void>();
  #fd: number;
  #items: ReportItem[] = [];
  #nextSeq = 1;
  #deadLines = 0;
  #dirty = false;
  #failing = false;

  /** @throws AppError `unsupported` when a newer agent wrote it; the file is left untouched. */
  constructor(path: string, ledgerId: LedgerId, options: { bound?: number; boundBytes?: number } = {}) {
    this.#path = path;
    this.#ledgerId = ledgerId;
    this.#bound = options.bound ?? DEFAULT_BOUND;
    this.#boundBytes = options.boundBytes ?? DEFAULT_BOUND_BYTES;
    this.#load();
    this.#fd = this.#rewrite();
  }

  get ledgerId(): LedgerId {
    return this.#ledgerId;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Never throws: a full disk must not stop a VM's driver. The item is then kept in memory. */
  append(body: ReportBody, at: number): void {
    const item: ReportItem = { seq: this.#nextSeq++, at, body };
    this.#items.push(item);
    const line = `${JSON.stringify(item)}\n`;
    this.#bytes += line.length;
    this.#write(line);
    if (this.#items.length > this.#bound || this.#bytes > this.#boundBytes) {
      // Half, so that it is not done again for each of the next items.
      this.#items = coalesceReports(this.#items, Math.ceil(this.#bound / 2), this.#boundBytes / 2);
      this.#tryRewrite();
    }
    for (const listener of this.#listeners) listener();
  }

  /** The oldest items, in order, durable before they are handed out. Empty when there are none. The same again until acknowledged. */
  async take(limit = MAX_BATCH): Promise<readonly ReportItem[]> {
    // What is appended while the disk syncs may not be durable yet: it is for the next batch.
    const durableBefore = this.#nextSeq;
    if (this.#dirty) {
      this.#dirty = false;
      // A disk that cannot sync must not silence the host: the report goes out anyway.
      await new Promise<void>((resolve) => fdatasync(this.#fd, () => resolve()));
    }
    const batch: ReportItem[] = [];
    let bytes = 0;
    for (const item of this.#items.slice(0, Math.min(limit, MAX_BATCH))) {
      if (item.seq >= durableBefore) break;
      bytes += JSON.stringify(item).length;
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      batch.push(item);
    }
    return batch;
  }

  /**
   * Forgets every item up to and including `seq`. A number that was never given here says that this file was lost and the ledger was not:
   * the centre took our items for old ones. They are numbered anew, above all it has seen, and kept.
   */
  ack(seq: number): void {
    if (seq >= this.#nextSeq) {
      this.#items = this.#items.map((item, index) => ({ ...item, seq: seq + 1 + index }));
      this.#nextSeq = seq + 1 + this.#items.length;
      this.#tryRewrite();
      return;
    }
    const before = this.#items.length;
    this.#items = this.#items.filter((item) => item.seq > seq);
    if (this.#items.length === before) return;
    this.#deadLines += before - this.#items.length + 1;
    this.#write(`${JSON.stringify({ ack: seq })}\n`);
    if (this.#deadLines > REWRITE_AFTER_DEAD_LINES) this.#tryRewrite();
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #load(): void {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      if (isErrno(error, "ENOENT")) return;
      throw error;
    }
    const lines = text.split("\n");
    const header = Header.safeParse(parseLine(lines[0] ?? ""));
    if (!header.success) return;
    if (header.data.formatVersion > FORMAT) {
      throw new AppError(
        "unsupported",
        `A newer agent wrote ${this.#path} (format ${header.data.formatVersion}; this one reads up to ${FORMAT}). Install that agent's version again; nothing was changed.`,
      );
    }
    // Another ledger's numbers mean nothing in this one.
    if (header.data.ledgerId !== this.#ledgerId) return;
    this.#nextSeq = header.data.nextSeq;
    for (const line of lines.slice(1)) {
      const value = parseLine(line);
      const ack = Ack.safeParse(value);
      if (ack.success) {
        this.#items = this.#items.filter((item) => item.seq > ack.data.ack);
        this.#nextSeq = Math.max(this.#nextSeq, ack.data.ack + 1);
        continue;
      }
      const item = ReportItem.safeParse(value);
      if (!item.success || item.data.seq < this.#nextSeq) continue;
      this.#items.push(item.data);
      this.#nextSeq = item.data.seq + 1;
    }
  }

  #write(line: string): void {
    try {
      writeSync(this.#fd, line);
      this.#dirty = true;
      if (this.#failing) this.#tryRewrite();
    } catch {
      this.#failing = true;
    }
  }

  #tryRewrite(): void {
    try {
      const old = this.#fd;
      this.#fd = this.#rewrite();
      closeSync(old);
      this.#failing = false;
    } catch {
      this.#failing = true;
    }
  }

  /** A new file with what is still waiting, renamed over the old one. @returns its descriptor, for appending. */
  #rewrite(): number {
    const first = this.#items[0]?.seq ?? this.#nextSeq;
    const header = { formatVersion: FORMAT, ledgerId: this.#ledgerId, nextSeq: first };
    const temporary = `${this.#path}.tmp`;
    const text = `${[header, ...this.#items].map((line) => JSON.stringify(line)).join("\n")}\n`;
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    // What is acknowledged stays in the file, and so is counted, until the next rewrite: it is the file that is bounded.
    this.#bytes = text.length;
    renameSync(temporary, this.#path);
    // Until the folder is on disk a power cut brings the old file back, with numbers that have been used since.
    const folder = openSync(dirname(this.#path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.#deadLines = 0;
    this.#dirty = true;
    return openSync(this.#path, "a", 0o600);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
