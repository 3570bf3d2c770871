import { expect, it } from "vitest";
import { ByteRing } from "./byte-ring";

it("keeps the last bytes of whatever came, however it came", () => {
  const ring = new ByteRing(10_000);
  let all = "";
  for (let step = 1; step < 400; step += 7) {
    const text = `${step},`.repeat(step);
    all += text;
    ring.push(Buffer.from(text));
    expect(ring.last().toString()).toBe(all.slice(-10_000));
    expect(ring.last(33).toString()).toBe(all.slice(-33));
  }
  ring.push(Buffer.alloc(25_000, "z"));
  expect(ring.last().equals(Buffer.alloc(10_000, "z"))).toBe(true);
});
