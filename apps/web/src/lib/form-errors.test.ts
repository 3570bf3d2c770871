import { SetupInput } from "@indium/contract/api/organization-views";
import { expect, it } from "vitest";
import { fieldErrorsOf, serverFieldErrors } from "./form-errors";

it("names the first fault of each field in the contract's own words", () => {
  const errors = fieldErrorsOf(SetupInput, {
    token: "t",
    name: " ",
    email: "x",
    password: "short",
    organizationName: "Acme",
    siteName: "Cellar",
  });
  expect(errors).toEqual({ name: "Tell us your name.", email: "Give a full e-mail address.", password: "Use at least 12 characters." });
});

it("puts the server's refusal beside its field, or leaves it to the form", () => {
  const refusal = (field?: string) => ({ data: { app: { code: "already_exists", message: "Taken.", ...(field ? { field } : {}) } } });
  expect(serverFieldErrors(refusal("name"), ["name"])).toEqual({ name: "Taken." });
  expect(serverFieldErrors(refusal("account.email"), ["email"])).toEqual({ email: "Taken." });
  expect(serverFieldErrors(refusal(), ["name"])).toBeNull();
  expect(serverFieldErrors(null, ["name"])).toEqual({});
});
