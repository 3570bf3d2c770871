import { useEffect, useState } from "react";
import type { z } from "zod";
import { wireErrorOf } from "./wire-error";

/** For each field of a form (by its path, "account.email") the first thing that is wrong with it. */
export type FieldErrors = Readonly<Record<string, string>>;

/** @param schema null while it is on its way: then nothing is found here, and what is wrong the API says. */
export function fieldErrorsOf(schema: z.ZodType | null, values: unknown): FieldErrors {
  if (schema === null) return {};
  const parsed = schema.safeParse(values);
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) errors[issue.path.join(".")] ??= issue.message;
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

/** What the server said, beside its field when the form shows that field; null when it belongs to the form as a whole. */
export function serverFieldErrors(thrown: unknown, fields: readonly string[]): FieldErrors | null {
  if (thrown === null || thrown === undefined) return {};
  const { field, message } = wireErrorOf(thrown);
  const name = fields.find((each) => each === field || field?.endsWith(`.${each}`));
  return name === undefined ? null : { [name]: message };
}
