import { useEffect, useState } from "react";
import type { z } from "zod";
import { KNOWN_WORDS, knownKey } from "./i18n/known-words";
import type { Say } from "./i18n/use-known-words";
import { wireErrorOf } from "./wire-error";

/** For each field of a form (by its path, "account.email") the first thing that is wrong with it. */
export type FieldErrors = Readonly<Record<string, string>>;

/**
 * @param schema null while it is on its way: then nothing is found here, and what is wrong the API says.
 * @param say `useKnownWords()`, the language of the page.
 */
export function fieldErrorsOf(schema: z.ZodType | null, values: unknown, say: Say): FieldErrors {
  if (schema === null) return {};
  const parsed = schema.safeParse(values);
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) errors[issue.path.join(".")] ??= issueWords(issue, say);
  return errors;
}

/**
 * A form's schema, fetched beside the page: zod weighs more than most pages do. Null until it is there, and for good where it cannot be had.
 * @param load the same function on every render
 */
export function useSchema<S>(load: () => Promise<S>): S | null {
  const [schema, setSchema] = useState<{ readonly it: S } | null>(null);
  useEffect(() => {
    let here = true;
    load().then(
      (it) => here && setSchema({ it }),
      () => {},
    );
    return () => {
      here = false;
    };
  }, [load]);
  return schema?.it ?? null;
}

/** Our schema's own sentence; where it has none, one for its kind rather than the library's words. */
export function issueWords(issue: Pick<z.core.$ZodIssue, "code" | "message">, say: Say): string {
  if (knownKey(issue.message) !== null) return say(issue.message);
  switch (issue.code) {
    case "too_big":
      return say(KNOWN_WORDS.tooLong);
    case "too_small":
      return say(KNOWN_WORDS.tooShort);
    // A form's own schema may have brought its sentence, in the language of the page.
    case "custom":
      return issue.message;
    default:
      return say(KNOWN_WORDS.unusable);
  }
}

/** What the server said, beside its field when the form shows that field; null when it belongs to the form as a whole. */
export function serverFieldErrors(thrown: unknown, fields: readonly string[], say: Say): FieldErrors | null {
  if (thrown === null || thrown === undefined) return {};
  const { field, message } = wireErrorOf(thrown);
  const name = fields.find((each) => each === field || field?.endsWith(`.${each}`));
  return name === undefined ? null : { [name]: say(message) };
}
