import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ErrorObject, SchemaObject } from "ajv";
import Ajv from "ajv-draft-04";
import { z } from "zod";
import { env } from "../../lib/env";

/**
 * cloud-init's own schema of cloud-config, as Debian ships it (cloudinit/config/schemas/schema-cloud-config-v1.json). It is not ours to
 * carry: the launcher takes it from Debian's package and keeps it in the state folder (scripts/launcher/cloud-init-schema.ts). While it
 * is not there, user data is checked for its YAML and its first line only.
 */
export const SCHEMA_FILE = "cloud-init-schema.json";
/** The file is looked at this often: it may come, or become a newer one, while web runs. */
const LOOK_AGAIN_MS = 10_000;

const SchemaFile = z.object({ version: z.string().min(1).max(100), schema: z.record(z.string(), z.unknown()) });

/** A key or a value that cloud-init will take no more one day. */
export interface Deprecation {
  readonly path: string;
  /** cloud-init's own words, in its markup. */
  readonly description: string;
}

export interface CloudConfigSchema {
  /** Of Debian's package cloud-init. */
  readonly version: string;
  readonly topLevelKeys: ReadonlySet<string>;
  check(value: unknown): { readonly errors: readonly ErrorObject[]; readonly deprecations: readonly Deprecation[] };
}

/** @throws Error when ajv cannot make sense of it. */
export function compileSchema(version: string, schema: SchemaObject): CloudConfigSchema {
  let deprecations: Deprecation[] = [];
  // `strict`: the schema holds words of its documentation ("label", "hidden"). Formats: cloud-init does not look at them either.
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, validateFormats: false, logger: false });
  ajv.removeKeyword("deprecated");
  ajv.addKeyword({
    keyword: "deprecated",
    errors: false,
    validate: (flag: unknown, data: unknown, parent?: { type?: unknown; description?: unknown }, at?: { instancePath: string }) => {
      // Within a oneOf all branches are looked at: only the one that takes this type of value is what the user wrote.
      if (flag === true && isOfType(parent?.type, data))
        deprecations.push({ path: at?.instancePath ?? "", description: typeof parent?.description === "string" ? parent.description : "" });
      return true;
    },
  });
  const validate = ajv.compile(schema);
  return {
    version,
    topLevelKeys: new Set(topLevelKeys(schema)),
    check(value) {
      deprecations = [];
      validate(value);
      return { errors: validate.errors ?? [], deprecations };
    },
  };
}

function isOfType(wanted: unknown, value: unknown): boolean {
  if (wanted === undefined) return true;
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const names = Array.isArray(wanted) ? wanted : [wanted];
  return names.some((name) => name === actual || ((name === "integer" || name === "number") && actual === "number"));
}

function topLevelKeys(schema: SchemaObject): string[] {
  const own = Object.keys(asRecord(schema.properties));
  const definitions = asRecord(schema.$defs);
  const parts: unknown[] = Array.isArray(schema.allOf) ? schema.allOf : [];
  const referred = parts.flatMap((part) => {
    const name = String(asRecord(part).$ref ?? "").replace("#/$defs/", "");
    return Object.keys(asRecord(asRecord(definitions[name]).properties));
  });
  return [...own, ...referred];
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Reads and compiles the file when it is new; a broken one counts as none. */
export function schemaReader(file: string, now: () => number = Date.now): () => CloudConfigSchema | null {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let modified = Number.NaN;
  let current: CloudConfigSchema | null = null;
  return () => {
    if (now() - lookedAt < LOOK_AGAIN_MS) return current;
    lookedAt = now();
    try {
      const { mtimeMs } = statSync(file);
      if (mtimeMs === modified) return current;
      modified = mtimeMs;
      const { version, schema } = SchemaFile.parse(JSON.parse(readFileSync(file, "utf8")));
      current = compileSchema(version, schema);
    } catch (thrown) {
      current = null;
      const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
      if (!isMissing) console.error(`${file} cannot be used; user data is checked for its YAML only:`, thrown);
    }
    return current;
  };
}

let reader: (() => CloudConfigSchema | null) | undefined;
/** The schema this installation has; null while it has none. */
export function cloudConfigSchema(): CloudConfigSchema | null {
  reader ??= schemaReader(join(env().stateDir, SCHEMA_FILE));
  return reader();
}
