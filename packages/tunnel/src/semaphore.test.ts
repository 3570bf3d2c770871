import { expect, it } from "vitest";
import { Semaphore } from "./semaphore";

it("does so much at once and the rest in order, whatever fails", async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const ends = new Map<number, (failed: boolean) => void>();
  const results = [1, 2, 3, 4].map((number) =>
    semaphore
      .run(() => {
        begun.push(number);
        return new Promise<number>((resolve, reject) => ends.set(number, (failed) => (failed ? reject(new Error("x")) : resolve(number))));
      })
      .catch(() => -number),
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  expect([begun, semaphore.waiting]).toEqual([[1, 2], 2]);
  ends.get(2)?.(true);
  await settle();
  expect(begun).toEqual([1, 2, 3]);
  ends.get(1)?.(false);
  ends.get(3)?.(false);
  await settle();
  expect(begun).toEqual([1, 2, 3, 4]);
  ends.get(4)?.(false);
  expect(await Promise.all(results)).toEqual([1, -2, 3, 4]);
  expect(await semaphore.run(async () => "free again")).toBe("free again");
});
