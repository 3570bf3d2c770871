import { expect, test } from "vitest";
import { generatePassword } from "./password-generator";

test("passwords have their length, no look-alikes, and differ", () => {
  const many = Array.from({ length: 200 }, () => generatePassword());
  for (const password of many) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{20}$/);
  expect(new Set(many).size).toBe(200);
});
