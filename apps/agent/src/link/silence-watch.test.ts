import { expect, it } from "vitest";
import { SILENCE_LOOK_MS, SilenceWatch } from "./silence-watch";

/** Looks until `until`; `answers` says who answers at a time, at once. */
function watch(until: number, answers: (at: number) => { link: boolean; standby: boolean }, looks = new SilenceWatch(), from = 0) {
  const heard = { link: from, standby: from };
  const asked: string[] = [];
  for (let at = from; at <= until; at += SILENCE_LOOK_MS) {
    const verdict = looks.look(at, heard);
    if (verdict === "promote") return { asked, promotedAt: at };
    if (verdict !== null) asked.push(verdict);
    const { link, standby } = answers(at);
    if (link && verdict === "ask link") heard.link = at + 1;
    if (standby && verdict === "ask standby") heard.standby = at + 1;
  }
  return { asked, promotedAt: null };
}
const both = () => ({ link: true, standby: true });

it("asks a quiet link now and then, and leaves one that answers alone", () => {
  const { asked, promotedAt } = watch(30_000, both);
  expect(promotedAt).toBeNull();
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.length).toBeLessThan(13);
  expect(asked).not.toContain("ask standby");
});

it("asks nothing of a link that speaks by itself", () => {
  const looks = new SilenceWatch();
  for (let at = 0; at < 20_000; at += SILENCE_LOOK_MS) expect(looks.look(at, { link: at - 400, standby: 0 })).toBeNull();
});

it("finds a dead link within 5 s of its last word, when the standby answers", () => {
  expect(watch(30_000, () => ({ link: false, standby: true })).promotedAt).toBe(4_000);
  const later = watch(60_000, (at) => ({ link: at < 20_000, standby: true })).promotedAt ?? 0;
  expect(later).toBeGreaterThan(20_000);
  expect(later).toBeLessThan(25_000);
});

it("stays where it is when the standby says nothing either, and goes as soon as it does", () => {
  expect(watch(60_000, () => ({ link: false, standby: false })).promotedAt).toBeNull();
  expect(watch(60_000, (at) => ({ link: false, standby: at >= 20_000 })).promotedAt).toBeLessThan(24_000);
  expect(watch(60_000, (at) => ({ link: at >= 20_000, standby: at >= 20_000 })).promotedAt).toBeNull();
});

it("takes no answer that came before the question for one", () => {
  const looks = new SilenceWatch();
  const verdicts = [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000].map((at) => looks.look(at, { link: 0, standby: 2_499 }));
  expect(verdicts).toEqual([null, null, null, null, null, "ask link", "ask standby", null, "ask link"]);
});

it("asks again after this process stood still", () => {
  const looks = new SilenceWatch();
  for (let at = 0; at <= 2_000; at += SILENCE_LOOK_MS) looks.look(at, { link: 0, standby: 0 });
  expect(looks.look(2_500, { link: 0, standby: 0 })).toBe("ask link");
  expect(looks.look(60_000, { link: 0, standby: 2_600 })).toBe("ask link");
  expect(looks.look(60_500, { link: 60_100, standby: 60_100 })).toBeNull();
});

it("is slower for a minute after it left one", () => {
  const looks = new SilenceWatch();
  const dead = () => ({ link: false, standby: true });
  expect(watch(30_000, dead, looks).promotedAt).toBe(4_000);
  expect(watch(60_000, dead, looks, 10_000).promotedAt).toBe(18_500);
  expect(watch(120_000, dead, looks, 100_000).promotedAt).toBe(104_000);
});
