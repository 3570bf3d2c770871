import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { expect, it } from "vitest";
import { ConsoleAudit } from "./console-audit";

const TICKET: SignedEnvelope = { purpose: "console-ticket", keyId: "k", payload: "e30=", signature: "" };

it.each([
  [1, ["opened oldest opening"]],
  [2, []],
])("forgets refusals first, then openings, and no end while there is another: %i too many", async (tooMany, kept) => {
  const told: string[] = [];
  let isAway = true;
  let asked = () => {};
  const answered = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const audit = new ConsoleAudit({
    call: async (_: unknown, { event, reason }: { event: string; reason: string | null }) => {
      // The first is on its way and not taken: all others wait behind it.
      if (isAway) {
        await answered;
        throw new AppError("not_found", "no such ticket");
      }
      told.push(`${event} ${reason}`);
    },
  } as unknown as ConstructorParameters<typeof ConsoleAudit>[0]);
  audit.add(TICKET, "closed", "on its way", 0);
  audit.add(TICKET, "refused", "oldest refusal", 0);
  audit.add(TICKET, "opened", "oldest opening", 0);
  for (let index = 3; index < 2_000; index += 1) audit.add(TICKET, "closed", `end ${index}`, 0);
  for (let index = 1; index <= tooMany; index += 1) audit.add(TICKET, "closed", `one more, ${index}`, 0);
  isAway = false;
  asked();
  await expect.poll(() => told.at(-1)).toBe(`closed one more, ${tooMany}`);
  expect(told.filter((each) => /refus|open/.test(each))).toEqual(kept);
  expect(told).toHaveLength(1_999);
  audit.stop();
});
