import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RelayBook } from "./relay-book";

const centre = generateSigningKeyPair();
const membership = {
  formatVersion: 1 as const,
  hostId: newId("host"),
  centrePublicKey: centre.publicKey,
  relayUrls: ["https://indium.example"],
  origin: "https://indium.example",
  tlsPin: null,
};
const entry = (name: string) => ({ name, url: `https://${name}.example` });
const listOf = (issuedAt: number, names: string[], key = centre) =>
  signEnvelope("relay-list", { issuedAt, relays: names.map(entry) }, key.privateKey);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), `indium-relay-book-${process.pid}-`));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it("keeps what the centre listed last, over restarts", async () => {
  const book = await RelayBook.load(dir, { membership: { ...membership, relays: [entry("first")] } });
  expect(book.relays).toEqual([entry("first")]);
  expect(book.learn(listOf(2, ["a", "b"]))).toBe(true);
  expect(book.urlsOf("b")).toEqual(["https://b.example"]);
  expect(book.urlsOf("unknown")).toEqual(membership.relayUrls);
  await vi.waitFor(async () => expect((await RelayBook.load(dir, { membership })).relays).toEqual([entry("a"), entry("b")]));
});

it("takes no list from anyone but the centre, and none older than what it has", async () => {
  const book = await RelayBook.load(dir, { membership });
  book.learn(listOf(5, ["a"]));
  expect(book.learn(listOf(4, ["old"]))).toBe(false);
  expect(book.learn(listOf(5, ["same"]))).toBe(false);
  expect(() => book.learn(listOf(9, ["evil"], generateSigningKeyPair()))).toThrow(expect.objectContaining({ code: "signature_invalid" }));
  const claim = signEnvelope("link-claim", { issuedAt: 9, relays: [entry("evil")] }, centre.privateKey);
  expect(() => book.learn(claim)).toThrow(expect.objectContaining({ code: "signature_invalid" }));
  expect(() => book.learn({ relays: [] })).toThrow(expect.objectContaining({ code: "bad_request" }));
  expect(book.relays).toEqual([entry("a")]);
});

it("does without a file that was tampered with or broken", async () => {
  const complaints: unknown[] = [];
  const load = () => RelayBook.load(dir, { membership, onSaveFailed: (error) => complaints.push(error) });
  const book = await load();
  book.learn(listOf(1, ["a"]));
  const path = join(dir, "relays.json");
  await vi.waitFor(() => readFile(path, "utf8"));
  await writeFile(path, (await readFile(path, "utf8")).replace("a.example", "evil.example"));
  expect((await load()).relays).toEqual([]);
  await writeFile(path, "{");
  expect((await load()).relays).toEqual([]);
  expect(complaints.length).toBe(2);
});
