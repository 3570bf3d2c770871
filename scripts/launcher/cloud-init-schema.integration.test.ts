import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { USER_DATA_EXAMPLES } from "../../apps/web/src/features/instances/user-data/examples";
import { type CloudConfigSchema, schemaReader } from "../../apps/web/src/server/services/cloud-config-schema";
import { checkUserData } from "../../apps/web/src/server/services/user-data-check";
import { provideCloudInitSchema, type SchemaOutcome } from "./cloud-init-schema";

/** The real schema, of Debian's package; needs Debian's mirror. */
const folder = mkdtempSync(join(tmpdir(), "indium-schema-test-"));
const file = join(folder, "cloud-init-schema.json");
const never = new AbortController().signal;
let outcome: SchemaOutcome;
let schema: CloudConfigSchema | null = null;

beforeAll(async () => {
  outcome = await provideCloudInitSchema(folder, never);
  if (outcome.state === "failed") console.warn(`Left out, because cloud-init's schema could not be had: ${outcome.why}`);
  else schema = schemaReader(file)();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (text: string) => checkUserData(text, schema);

describe("cloud-init's schema from Debian", () => {
  it("is fetched once, and kept when no other can be had", async (context) => {
    if (schema === null) return context.skip();
    expect(outcome).toMatchObject({ state: "new", version: expect.stringMatching(/^\d+\.\d+/) });
    expect(await provideCloudInitSchema(folder, never)).toMatchObject({ state: "kept" });
    utimesSync(file, 0, 0);
    expect(await provideCloudInitSchema(folder, AbortSignal.abort())).toMatchObject({ state: "kept" });
  });

  it("says why when it cannot be had, and takes a broken file for none", async () => {
    const empty = mkdtempSync(join(tmpdir(), "indium-schema-test-"));
    expect(await provideCloudInitSchema(empty, AbortSignal.abort())).toMatchObject({ state: "failed", why: expect.any(String) });
    writeFileSync(join(empty, "cloud-init-schema.json"), '{"version":"1","schema":{"type":7}}');
    expect(schemaReader(join(empty, "cloud-init-schema.json"))()).toBeNull();
    rmSync(empty, { recursive: true, force: true });
  });

  it.each(USER_DATA_EXAMPLES.map((example) => [example.id, example.text] as const))(
    "finds nothing wrong with the example %s",
    (_name, text) => {
      expect(check(text).problems).toEqual([]);
    },
  );

  it("finds what cloud-init would stumble over, where it stands", (context) => {
    if (schema === null) return context.skip();
    expect(check("#cloud-config\npackages: nginx\n").problems).toMatchObject([
      { line: 2, column: 1, severity: "error", message: expect.stringContaining("`packages` must be a list") },
    ]);
    expect(check("#cloud-config\nruncmd:\n  - echo hello\n  - echo: done\n").problems).toMatchObject([
      { line: 4, column: 5, severity: "error", message: expect.stringMatching(/item 2.*put the line in quotes/) },
    ]);
    expect(check("#cloud-config\nwrite_files:\n  - path: /a\n    contents: x\n  - content: y\n").problems).toMatchObject([
      { line: 4, column: 5, severity: "warning", message: expect.stringContaining("Did you mean `content`?") },
      { line: 5, column: 5, severity: "error", message: expect.stringContaining("needs the key `path`") },
    ]);
    expect(check("#cloud-config\nwrite_files:\n  - path: /a\n    permissions: 0644\n").problems).toMatchObject([
      { line: 4, severity: "warning", message: expect.stringContaining("Put it in quotes") },
    ]);
    expect(check("#cloud-config\npower_state:\n  mode: rebot\n").problems).toMatchObject([
      { line: 3, severity: "warning", message: expect.stringContaining("Did you mean `reboot`?") },
    ]);
  });

  it("warns of what is deprecated, and reads YAML as cloud-init does", (context) => {
    if (schema === null) return context.skip();
    expect(check("#cloud-config\napt_update: true\n").problems).toMatchObject([
      { line: 2, severity: "warning", message: expect.stringMatching(/`apt_update` is deprecated.*`package_update`/) },
    ]);
    expect(check("#cloud-config\nssh_pwauth: 'yes'\n").problems).toMatchObject([{ line: 2, severity: "warning" }]);
    expect(check("#cloud-config\nssh_pwauth: yes\npackage_update: on\n").problems).toEqual([]);
    expect(check("#cloud-config\nusers:\n  - name: a\n    sudo: ALL=(ALL) ALL\n").problems).toEqual([]);
    expect(check("#cloud-config\nusers:\n  - name: a\n    sudo: false\n").problems).toMatchObject([{ line: 4, severity: "warning" }]);
  });

  it("stays quick and short with a list that is wrong throughout", (context) => {
    if (schema === null) return context.skip();
    const began = performance.now();
    const { problems } = check(`#cloud-config\nruncmd:\n${"- {a: b}\n".repeat(7_000)}`);
    expect(problems.length).toBeLessThanOrEqual(100);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
