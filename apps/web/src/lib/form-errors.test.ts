import { SetupInput } from "@indium/contract/api/organization-views";
import { expect, it } from "vitest";
import { z } from "zod";
import { fieldErrorsOf, serverFieldErrors } from "./form-errors";
import { knownKey } from "./i18n/known-words";
import { translatorFor } from "./i18n/testing";

const asItCame = (english: string) => english;

it("names the first fault of each field in the contract's own words", () => {
  const errors = fieldErrorsOf(
    SetupInput,
    {
      token: "t",
      name: " ",
      email: "x",
      password: "short",
      organizationName: "Acme",
      siteName: "Cellar",
    },
    asItCame,
  );
  expect(errors).toEqual({ name: "Tell us your name.", email: "Give a full e-mail address.", password: "Use at least 12 characters." });
});

it("puts the server's refusal beside its field, or leaves it to the form", () => {
  const refusal = (field?: string) => ({ data: { app: { code: "already_exists", message: "Taken.", ...(field ? { field } : {}) } } });
  expect(serverFieldErrors(refusal("name"), ["name"], asItCame)).toEqual({ name: "Taken." });
  expect(serverFieldErrors(refusal("account.email"), ["email"], asItCame)).toEqual({ email: "Taken." });
  expect(serverFieldErrors(refusal(), ["name"], asItCame)).toBeNull();
  expect(serverFieldErrors(null, ["name"], asItCame)).toEqual({});
});

const known = translatorFor("known", "de");
const inGerman = (english: string) => {
  const key = knownKey(english);
  return key === null ? english : known(key);
};

it("says the contract's sentences in the language of the page, whoever found the fault", () => {
  const values = { token: "t", name: "", email: "a@b.de", password: "long enough 123", organizationName: "Acme", siteName: "Cellar" };
  expect(fieldErrorsOf(SetupInput, values, inGerman)).toEqual({ name: "Bitte einen Namen angeben." });
  const refusal = (message: string) => ({ data: { app: { code: "already_exists", message, field: "name" } } });
  expect(serverFieldErrors(refusal("Tell us your name."), ["name"], inGerman)).toEqual({ name: "Bitte einen Namen angeben." });
  expect(serverFieldErrors(refusal("Taken by web-1."), ["name"], inGerman)).toEqual({ name: "Taken by web-1." });
});

it("never shows the library's own words, and leaves a form's own alone", () => {
  const Form = z.object({ a: z.string().max(3), b: z.string().min(3), c: z.number(), d: z.string().refine(() => false, "Eigene Worte.") });
  expect(fieldErrorsOf(Form, { a: "long", b: "s", c: "1", d: "x" }, inGerman)).toEqual({
    a: "Das ist zu lang oder zu viel.",
    b: "Das ist zu kurz oder zu wenig.",
    c: "Damit lässt sich nichts anfangen.",
    d: "Eigene Worte.",
  });
});
