import { describe, expect, it } from "vitest";
import { compileSchema } from "./cloud-config-schema";
import { checkUserData } from "./user-data-check";

/** Shaped as cloud-init's is, in small; the real one is tested where it can be had (scripts/launcher). */
const schema = compileSchema("1.2-3", {
  $schema: "http://json-schema.org/draft-04/schema#",
  $defs: {
    packages: {
      type: "object",
      properties: { packages: { type: "array", minItems: 1, items: { oneOf: [{ type: "string" }, { type: "array", minItems: 2 }] } } },
    },
    files: {
      type: "object",
      properties: {
        write_files: {
          type: "array",
          items: {
            type: "object",
            required: ["path"],
            additionalProperties: false,
            properties: { path: { type: "string" }, content: { type: "string" }, encoding: { enum: ["base64", "gzip"] } },
          },
        },
      },
    },
    old: {
      type: "object",
      properties: {
        apt_update: { type: "boolean", deprecated: true, description: "Use ``package_update``." },
        brand_new: { oneOf: [{ type: "boolean" }, { type: "string", deprecated: true, description: "Use a boolean." }] },
      },
    },
  },
  allOf: [{ $ref: "#/$defs/packages" }, { $ref: "#/$defs/files" }, { $ref: "#/$defs/old" }],
});
const problems = (text: string) => checkUserData(`#cloud-config\n${text}`, schema).problems;

describe("what the schema says of a cloud-config", () => {
  it("names the schema it was checked against, and knows the keys in it", () => {
    expect(checkUserData("#cloud-config\nbrand_new: true\n", schema)).toEqual({
      kind: "cloud-config",
      problems: [],
      schemaVersion: "1.2-3",
    });
  });

  it("puts a wrong type into words, at its place", () => {
    expect(problems("packages: nginx\n")).toEqual([
      { line: 2, column: 1, severity: "error", message: '`packages` must be a list (lines that start with "- ").' },
    ]);
    expect(problems("packages:\n  - a\n  - [b]\n")).toMatchObject([
      { line: 4, column: 5, severity: "warning", message: expect.stringContaining("item 2") },
    ]);
    expect(problems("packages: []\n")).toMatchObject([{ severity: "warning", message: "`packages` is empty." }]);
    expect(problems("write_files:\n  - path: 7\n")).toMatchObject([
      { line: 3, column: 5, severity: "warning", message: expect.stringContaining("in quotes") },
    ]);
  });

  it("names what is missing, and the key or value that was meant", () => {
    expect(problems("write_files:\n  - contnet: y\n")).toMatchObject([
      { line: 3, column: 5, severity: "error", message: expect.stringContaining("needs the key `path`") },
      { line: 3, column: 5, severity: "warning", message: expect.stringContaining("Did you mean `content`?") },
    ]);
    expect(problems("write_files:\n  - path: /a\n    encoding: base46\n")).toMatchObject([
      { line: 4, column: 5, severity: "warning", message: expect.stringContaining("Did you mean `base64`?") },
    ]);
  });

  it("warns of what is deprecated, and only of the form that was used", () => {
    expect(problems("apt_update: yes\n")).toEqual([
      { line: 2, column: 1, severity: "warning", message: "`apt_update` is deprecated. Use `package_update`." },
    ]);
    expect(problems("brand_new: 'a text'\n")).toMatchObject([{ severity: "warning", message: expect.stringContaining("deprecated") }]);
    expect(problems("brand_new: true\n")).toEqual([]);
  });

  it("finds its way through anchors, and gives up on those that grow without bounds", () => {
    expect(problems("a: &x\n  - path: 1\nwrite_files: *x\n").filter(({ message }) => message.includes("path"))).toMatchObject([
      { line: 3 },
    ]);
    const bomb = [
      "a: &a [x]",
      ...Array.from({ length: 9 }, (_, n) => `k${n}: &k${n} [${`*${n === 0 ? "a" : `k${n - 1}`},`.repeat(9)}]`),
    ].join("\n");
    expect(problems(`${bomb}\npackages: *k8\n`).every(({ severity }) => severity === "warning")).toBe(true);
  });
});
