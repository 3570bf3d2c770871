import { expect, it } from "vitest";
import { SharedTasks } from "./shared-tasks";

function deferred() {
  let resolve = (_value: string): void => {};
  const promise = new Promise<string>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
const signal = () => new AbortController().signal;

it("runs once for all who ask, and tells them all", async () => {
  const tasks = new SharedTasks<string, [number]>();
  const work = deferred();
  let starts = 0;
  let notify = (_: number): void => {};
  const start = (_: AbortSignal, tell: (note: number) => void) => {
    starts += 1;
    notify = tell;
    return work.promise;
  };
  const heard: string[] = [];
  const first = tasks.join("a", signal(), (note) => heard.push(`first ${note}`), start);
  const second = tasks.join("a", signal(), (note) => heard.push(`second ${note}`), start);
  await Promise.resolve();
  notify(7);
  work.resolve("done");
  expect(await Promise.all([first, second])).toEqual(["done", "done"]);
  expect(starts).toBe(1);
  expect(heard).toEqual(["first 7", "second 7"]);
  await tasks.join("a", signal(), () => {}, start);
  expect(starts).toBe(2);
});

it("goes on for the others when one gives up, and is cancelled by the last; the next waits for its end", async () => {
  const tasks = new SharedTasks<string, []>();
  const [first, second] = [new AbortController(), new AbortController()];
  const work = deferred();
  let cancelled = false;
  const start = (cancel: AbortSignal) => {
    cancel.addEventListener("abort", () => {
      cancelled = true;
    });
    return work.promise;
  };
  const one = tasks.join("a", first.signal, () => {}, start);
  const two = tasks.join("a", second.signal, () => {}, start);
  first.abort(new Error("one left"));
  await expect(one).rejects.toThrow("one left");
  expect(cancelled).toBe(false);
  second.abort(new Error("two left"));
  await expect(two).rejects.toThrow("two left");
  expect(cancelled).toBe(true);
  let startedAgain = false;
  const three = tasks.join(
    "a",
    signal(),
    () => {},
    async () => {
      startedAgain = true;
      return "again";
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(startedAgain).toBe(false);
  work.resolve("late");
  expect(await three).toBe("again");
});
