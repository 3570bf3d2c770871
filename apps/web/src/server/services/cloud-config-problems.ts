import type { UserDataCheck } from "@indium/contract/api/instance-views";
import type { ErrorObject } from "ajv";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { CloudConfigSchema } from "./cloud-config-schema";
import { nearest } from "./nearest-word";

type Problem = UserDataCheck["problems"][number];
type Where = (offset: number) => readonly [line: number, column: number];

/**
 * What cloud-init's schema says of a parsed cloud-config, in words, at the place in the text.
 *
 * An error is what a guest could not use: a list where a text belongs, a key that must be there. The rest warns, because cloud-init only
 * warns too, and a guest may run a newer one than this schema's: keys and choices it does not know, numbers where it wants text.
 */
export function schemaProblems(document: Document, schema: CloudConfigSchema, where: Where, most: number): Problem[] {
  const value = plainValue(document);
  if (value === undefined) return [];
  const { errors, deprecations } = schema.check(value);
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const add = (path: readonly string[], key: string | null, severity: Problem["severity"], message: string) => {
    if (problems.length >= most) return;
    const [line, column] = where(offsetOf(document, path, key));
    const mark = `${line}:${column}:${message}`;
    if (seen.has(mark)) return;
    seen.add(mark);
    problems.push({ line, column, severity, message });
  };
  for (const group of byPath(errors)) {
    if (problems.length >= most) break;
    for (const { key, severity, message } of wordsOf(group)) add(group.path, key, severity, message);
  }
  for (const { path, description } of deprecations) {
    const tokens = tokensOf(path);
    add(tokens, null, "warning", `${nameOf(tokens)} is deprecated. ${plain(description)}`.trim());
  }
  return problems;
}

/** As cloud-init would see it; undefined where the aliases in it would grow beyond all bounds. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100, reviver: (_key: unknown, value: unknown) => (value instanceof Uint8Array ? "" : value) });
  } catch {
    return undefined;
  }
}

interface Group {
  readonly path: readonly string[];
  readonly errors: ErrorObject[];
}

/** By value. Where a choice failed as a whole, the branch that came furthest says more than the choice. */
function byPath(errors: readonly ErrorObject[]): Group[] {
  const groups = new Map<string, Group>();
  const deeper = new Set<string>();
  for (const error of errors) {
    const group = groups.get(error.instancePath) ?? { path: tokensOf(error.instancePath), errors: [] };
    group.errors.push(error);
    groups.set(error.instancePath, group);
    for (let cut = error.instancePath.lastIndexOf("/"); cut > 0; cut = error.instancePath.lastIndexOf("/", cut - 1))
      deeper.add(error.instancePath.slice(0, cut));
  }
  const result: Group[] = [];
  for (const [path, group] of groups) {
    const telling = deeper.has(path) ? group.errors.filter((error) => !isAboutTheWhole(error)) : group.errors;
    if (telling.length > 0) result.push({ path: group.path, errors: telling });
  }
  return result;
}

const CHOICES = new Set(["oneOf", "anyOf", "allOf", "not", "if"]);
const isAboutTheWhole = (error: ErrorObject): boolean => error.keyword === "type" || CHOICES.has(error.keyword);

interface Words {
  readonly key: string | null;
  readonly severity: Problem["severity"];
  readonly message: string;
}

function wordsOf({ path, errors }: Group): Words[] {
  const name = nameOf(path);
  const types = errors.filter((error) => error.keyword === "type");
  const others = errors.filter((error) => !isAboutTheWhole(error));
  // A value that fitted a branch's type and failed further on tells more than the branches it did not fit.
  if (others.length > 0) return others.map((error) => wordsOfOne(name, error));
  if (types.length > 0) return [wrongType(name, types, errors[0]?.data)];
  return [{ key: null, severity: "warning", message: `${name} has none of the forms that cloud-init takes here.` }];
}

function wordsOfOne(name: string, error: ErrorObject): Words {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
      const meant = nearest(key, known);
      const choices = known.length <= 12 && known.length > 0 ? ` It takes ${known.map((each) => `\`${each}\``).join(", ")}.` : "";
      const hint = meant === null ? choices : ` Did you mean \`${meant}\`?`;
      return { key, severity: "warning", message: `${name} takes no key \`${key}\`.${hint}` };
    }
    case "required":
      return { key: null, severity: "error", message: `${name} needs the key \`${String(params.missingProperty)}\`.` };
    case "enum": {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const meant = typeof error.data === "string" ? nearest(error.data, allowed) : null;
      const list = allowed.length <= 12 ? ` It takes ${allowed.map((each) => `\`${each}\``).join(", ")}.` : "";
      return {
        key: null,
        severity: "warning",
        message: `${name} has a value that cloud-init does not know.${meant === null ? list : ` Did you mean \`${meant}\`?`}`,
      };
    }
    case "minItems":
    case "minProperties":
      return {
        key: null,
        severity: "warning",
        message: Number(params.limit) === 1 ? `${name} is empty.` : `${name} needs at least ${String(params.limit)} entries.`,
      };
    case "maxItems":
      return { key: null, severity: "warning", message: `${name} takes at most ${String(params.limit)} entries.` };
    case "uniqueItems":
      return { key: null, severity: "warning", message: `${name} lists the same twice.` };
    case "pattern":
      return {
        key: null,
        severity: "warning",
        message: `${name} does not have the form that cloud-init takes (${String(params.pattern)}).`,
      };
    default:
      return { key: null, severity: "warning", message: `${name} is not as cloud-init takes it: it ${error.message ?? "differs"}.` };
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list (lines that start with "- ")',
  object: "a map of `key: value` lines",
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "empty",
};

function wrongType(name: string, errors: readonly ErrorObject[], value: unknown): Words {
  const wanted = [
    ...new Set(
      errors.flatMap((error) => {
        const type = (error.params as { type: string | string[] }).type;
        return Array.isArray(type) ? type : [type];
      }),
    ),
  ];
  const given = typeName(value);
  const isStructural = isContainer(given) || (given !== "null" && wanted.every((type) => isContainer(type)));
  const words = wanted.map((type) => TYPE_WORDS[type] ?? type);
  const listed = words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  // The commonest slip of all: `- echo: done` is a map, for YAML.
  const colon =
    given === "object" && wanted.includes("string") ? " A colon followed by a space makes it a map: put the line in quotes." : "";
  const quotes =
    !isContainer(given) && given !== "null" && wanted.includes("string")
      ? ` Put it in quotes to keep YAML from reading ${GIVEN[given] ?? "it"}.`
      : "";
  // `packages: [{apt: …}]` and the like are read by cloud-init from 23.4 on.
  const isNewer = /^`packages` → item \d+$/.test(name) && given === "object";
  return {
    key: null,
    severity: isStructural && !isNewer ? "error" : "warning",
    message: `${name} must be ${listed}.${colon}${quotes}`,
  };
}

const GIVEN: Readonly<Record<string, string>> = { number: "a number", boolean: "true or false", date: "a date" };
const isContainer = (type: string): boolean => type === "array" || type === "object";

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return value instanceof Date ? "date" : typeof value;
}

const tokensOf = (path: string): string[] =>
  path
    .split("/")
    .slice(1)
    .map((token) => token.replace(/~1/g, "/").replace(/~0/g, "~"));

/** "`write_files` → item 1 → `permissions`" */
function nameOf(path: readonly string[]): string {
  if (path.length === 0) return "The cloud-config";
  return path.map((token) => (/^\d+$/.test(token) ? `item ${Number(token) + 1}` : `\`${token.slice(0, 80)}\``)).join(" → ");
}

/** Where the value at `path` begins; with `key`, where that key of it stands. */
function offsetOf(document: Document, path: readonly string[], key: string | null): number {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let offset = node?.range?.[0] ?? 0;
  for (const token of key === null ? path : [...path, key]) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === token);
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(token)];
      node = isNode(item) ? item : null;
      offset = node?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

/** Its documentation's markup (reStructuredText) as ours. */
const plain = (description: string): string => description.replaceAll("``", "`").replaceAll("**", "").trim().slice(0, 400);
