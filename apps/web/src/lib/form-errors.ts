import type { z } from "zod";
import { wireErrorOf } from "./wire-error";

/** For each field of a form (by its path, "account.email") the first thing that is wrong with it. */
export type FieldErrors = Readonly<Record<string, string>>;

export function fieldErrorsOf(schema: z.ZodType, values: unknown): FieldErrors {
  const parsed = schema.safeParse(values);
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) errors[issue.path.join(".")] ??= issue.message;
  return errors;
}

/** What the server said, beside its field when the form shows that field; null when it belongs to the form as a whole. */
export function serverFieldErrors(thrown: unknown, fields: readonly string[]): FieldErrors | null {
  if (thrown === null || thrown === undefined) return {};
  const { field, message } = wireErrorOf(thrown);
  const name = fields.find((each) => each === field || field?.endsWith(`.${each}`));
  return name === undefined ? null : { [name]: message };
}
