import { AppError } from "@indium/contract/errors";
import { expect, it } from "vitest";
import { wireErrorOf } from "./wire-error";

it("takes ours out of an answer, with its detail and field", () => {
  const wire = new AppError("conflict", "There is one already.", { detail: "qemu said no", field: "name" }).toWire();
  expect(wireErrorOf({ message: "x", data: { app: wire } })).toEqual(wire);
  expect(wireErrorOf(wire)).toEqual(wire);
});

it("believes no code that is not in the list, and no message that is no text", () => {
  expect(wireErrorOf({ message: "Odd.", data: { app: { code: "made_up", message: "x" } } })).toEqual({ code: "internal", message: "Odd." });
  expect(wireErrorOf({ code: "conflict", message: 7, data: {} }).code).toBe("internal");
});

it("says that nobody answered where there is no answer", () => {
  expect(wireErrorOf(new TypeError("Failed to fetch")).message).toContain("did not answer");
});
