import { expect, it } from "vitest";
import { IMAGE, TestHost } from "./testing/test-host";

const SHA256 = IMAGE.sha256 ?? "";

it("removes an image's copy only when nothing here is made of it, and fetches it again when something is to be", async () => {
  const host = new TestHost();
  await host.startAgent();
  const instance = await host.running();
  await expect(host.reconciler.evictImage(IMAGE.id, SHA256)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("web-1"),
  });
  // Rebuilt from another image it would still stand on this one: the hash counts, not the name.
  await expect(host.reconciler.evictImage("img-00000000000000002", SHA256)).rejects.toMatchObject({ code: "conflict" });
  await host.change(instance.id, { desired: "gone" });
  await host.clock.advance(10_000);
  expect(await host.reconciler.evictImage(IMAGE.id, SHA256)).toBe(IMAGE.sizeBytes);
  expect(await host.reconciler.evictImage(IMAGE.id, SHA256)).toBe(0);
  expect(host.machine.state.images).toEqual([]);
  const next = await host.running({ name: "web-2" });
  expect(host.observed(next.id).state).toBe("running");
  expect(host.machine.state.images).toHaveLength(1);
});
