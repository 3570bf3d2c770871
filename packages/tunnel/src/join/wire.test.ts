import { describe, expect, it } from "vitest";
import { CountReader, countRecord, joinAnswer, offerText, readAnswer, readOffer } from "./wire";

const id = (digit: string) => digit.repeat(32);

it("an offer is two ids, and nothing else is one", () => {
  const offer = { front: id("a"), connection: id("0") };
  expect(readOffer(offerText(offer))).toEqual(offer);
  const text = offerText(offer);
  for (const other of [undefined, "", [text, text], `${text} `, text.toUpperCase(), text.replace(".", ":"), `${id("a")}.${id("g")}`])
    expect(readOffer(other)).toBeNull();
});

describe("a relay's answer to a dial-back", () => {
  const first = Buffer.from("HTTP/1.1 101 Switching Protocols\r\n\r\nGET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\xff", "latin1");
  const join = joinAnswer(id("b"), first);

  it("says which viewer to join it with and what the host is told first, however it is cut", () => {
    for (let length = 0; length < join.length; length += 1) expect(readAnswer(join.subarray(0, length))).toEqual({ kind: "more" });
    expect(readAnswer(join)).toEqual({ kind: "join", viewer: id("b"), first });
    expect(readAnswer(joinAnswer(id("b"), Buffer.alloc(0)))).toEqual({ kind: "join", viewer: id("b"), first: Buffer.alloc(0) });
    // As a proxy on the way would have it.
    const other = join.toString("latin1").replace("Upgrade: i", "upgrade:i").replace("X-Indium-Join", "x-indium-join");
    expect(readAnswer(Buffer.from(other, "latin1"))).toMatchObject({ kind: "join" });
  });

  it("is for the host where it says anything else, also when a viewer's words in it say so", () => {
    for (const head of ["HTTP/1.1 404 Not Found\r\nUpgrade: indium-join", "HTTP/1.1 101 x\r\nUpgrade: indium-stream", "", "nonsense"])
      expect(readAnswer(Buffer.from(`${head}\r\n\r\n${join.toString("latin1")}`, "latin1"))).toEqual({ kind: "plain" });
    expect(readAnswer(Buffer.alloc(16_384, 65))).toEqual({ kind: "plain" });
    expect(readAnswer(Buffer.concat([Buffer.alloc(20_000, 65), join]))).toEqual({ kind: "plain" });
  });

  it("is broken where it asks for a join and does not say which, or says more than it announced", () => {
    const change = (from: string | RegExp, to: string) => Buffer.from(join.toString("latin1").replace(from, to), "latin1");
    for (const broken of [
      change(/X-Indium-Join: .*\r\n/, ""),
      change(id("b"), "b"),
      change(/ \d+\r\n/, " 99999\r\n"),
      change(/ \d+\r\n/, " -1\r\n"),
      Buffer.concat([join, Buffer.of(6)]),
    ])
      expect(readAnswer(broken)).toEqual({ kind: "broken" });
  });
});

it("counts are read however they are cut, never fall, and are never more than there can be", () => {
  const said = Buffer.concat([countRecord({ toViewer: 5, toHost: 1 }), countRecord({ toViewer: 2 ** 40, toHost: 3 })]);
  const reader = new CountReader();
  for (const byte of said.subarray(0, 17)) reader.push(Buffer.of(byte));
  expect(reader.bytes).toEqual({ toViewer: 5, toHost: 1 });
  reader.push(said.subarray(17));
  expect(reader.bytes).toEqual({ toViewer: 2 ** 40, toHost: 3 });
  reader.push(countRecord({ toViewer: 7, toHost: 4 }));
  reader.push(Buffer.alloc(16, 255));
  expect(reader.bytes).toEqual({ toViewer: 2 ** 40, toHost: 4 });
});
