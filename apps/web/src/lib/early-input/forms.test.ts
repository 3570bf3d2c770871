import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "../..");

describe("forms", () => {
  it("never put what is in them into an address, also where no script of ours runs", () => {
    const forms = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".tsx"))
      .flatMap((file) => [...readFileSync(join(source, file), "utf8").matchAll(/<form\b[\s\S]{0,60}/g)].map(([form]) => ({ file, form })));
    expect(forms.length).toBeGreaterThan(8);
    expect(forms.filter(({ form }) => !/^<form\s[^>]*method="post"/.test(form))).toEqual([]);
  });
});
