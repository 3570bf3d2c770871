import { CountReader, countRecord, joinAnswer, offerText, readAnswer, readOffer } from "@indium/tunnel/join/wire";
import type { Target } from "../target";

/** What a relay answers a front, and what a front says to a relay, where the front joins a console's ends itself. */
const ID = "0123456789abcdef".repeat(2);
const FIRST = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: indium-stream\r\n\r\nGET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");

const answerTarget: Target = {
  name: "join-answer",
  seeds: [
    { bytes: joinAnswer(ID, FIRST) },
    { bytes: joinAnswer(ID, Buffer.alloc(0)) },
    { bytes: FIRST },
    { bytes: "HTTP/1.1 404 Not Found\r\n\r\n" },
  ],
  run: (input) => {
    // As it comes, in pieces: the first word that is not "more" counts.
    for (let length = 0; ; length = Math.min(input.length, length + 509)) {
      const answer = readAnswer(input.subarray(0, length));
      if (answer.kind !== "more" || length === input.length) return { answer, waited: length };
    }
  },
  check: (value) => {
    const { answer, waited } = value as { answer: ReturnType<typeof readAnswer>; waited: number };
    if (answer.kind === "more" && waited > 81_924) return `waits on after ${waited} bytes`;
    return answer.kind !== "join" || (/^[0-9a-f]{32}$/.test(answer.viewer) && answer.first.length <= 65_536)
      ? null
      : "a join of what is none";
  },
};

const countsTarget: Target = {
  name: "join-counts",
  seeds: [{ bytes: Buffer.concat([1, 2 ** 33, 2 ** 53 - 1].map((toViewer) => countRecord({ toViewer, toHost: 7 }))) }],
  run: (input) => {
    const [whole, torn] = [new CountReader(), new CountReader()];
    whole.push(input);
    for (let at = 0; at < input.length; at += 7) torn.push(input.subarray(at, at + 7));
    return { whole: whole.bytes, torn: torn.bytes };
  },
  check: (value) => {
    const { whole, torn } = value as Record<"whole" | "torn", CountReader["bytes"]>;
    if (whole.toViewer !== torn.toViewer || whole.toHost !== torn.toHost) return "counts otherwise when the bytes are cut otherwise";
    return [whole.toViewer, whole.toHost].every((count) => Number.isSafeInteger(count) && count >= 0) ? null : "a count that is none";
  },
};

const offerTarget: Target = {
  name: "join-offer",
  seeds: [{ bytes: offerText({ front: ID, connection: ID }) }],
  run: (input) => readOffer(input.toString("latin1")),
  check: (value, input) => {
    const offer = value as ReturnType<typeof readOffer>;
    return offer === null || offerText(offer) === input.toString("latin1") ? null : "an offer that was not made";
  },
};

export const JOIN_TARGETS: readonly Target[] = [answerTarget, countsTarget, offerTarget];
