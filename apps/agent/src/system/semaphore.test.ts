import { describe, expect, it } from "vitest";
import { Semaphore } from "./semaphore";

describe("a semaphore", () => {
  it("lets so many in at once, and the others in their order", async () => {
    const semaphore = new Semaphore(2);
    const began: number[] = [];
    const finish: (() => void)[] = [];
    const work = [0, 1, 2, 3].map((number) =>
      semaphore.run(async () => {
        began.push(number);
        await new Promise<void>((resolve) => finish.push(resolve));
      }),
    );
    await Promise.resolve();
    expect(began).toEqual([0, 1]);
    finish[1]?.();
    await work[1];
    expect(began).toEqual([0, 1, 2]);
    finish[0]?.();
    finish[2]?.();
    await Promise.all([work[0], work[2]]);
    expect(began).toEqual([0, 1, 2, 3]);
    finish[3]?.();
    await work[3];
  });

  it("goes on after work that failed", async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(semaphore.run(async () => "yes")).resolves.toBe("yes");
  });
});
