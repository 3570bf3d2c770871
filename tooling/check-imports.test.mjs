import { describe, expect, it } from "vitest";
import { importsOf, isBarrel, violation } from "./check-imports.mjs";

const broken = (file, source) => importsOf(file, source).map(violation).filter(Boolean);

describe("the import rules", () => {
  it.each([
    ["packages/contract/src/a.ts", 'import pg from "pg";'],
    ["packages/contract/src/plain/a.ts", 'import { z } from "zod";'],
    ["packages/contract/src/plain/a.ts", 'import type { Role } from "../states";'],
    ["packages/domain/src/a.ts", 'import { readFile } from "node:fs";'],
    ["packages/tunnel/src/a.ts", 'import { x } from "@indium/domain/policy";'],
    ["apps/web/src/server/a.ts", 'import { router } from "@indium/agent/router-type";'],
    ["apps/relay/src/a.ts", 'import type { AgentRouter } from "@indium/agent/router-type";'],
    ["apps/web/src/features/x/a.tsx", 'import { db } from "@/server/db";'],
    ["apps/web/src/features/x/a.tsx", 'const m = await import("../../server/db");'],
    ["apps/web/src/ui/button.tsx", 'import { bytes } from "@/lib/format";'],
    ["apps/web/src/ui/button.tsx", 'import { useRouter } from "next/navigation";'],
    ["apps/web/src/server/api/host/get.ts", 'import type { Host } from "../../../generated/prisma/client";'],
    ["apps/agent/src/network/a.ts", 'import {\n  spawn,\n} from "node:child_process";'],
  ])("refuse %s: %s", (file, source) => expect(broken(file, source)).toHaveLength(1));
  it.each([
    ["packages/contract/src/a.ts", 'import { z } from "zod"; import { b } from "./b";'],
    ["packages/domain/src/a.ts", 'import type { Role } from "@indium/contract/states";'],
    ["apps/web/src/server/hosts/a.ts", 'import type { AgentRouter } from "@indium/agent/router-type";'],
    ["apps/web/src/features/x/a.tsx", 'import type { AppRouter } from "@/server/api/root";'],
    ["apps/agent/src/system/exec.ts", 'import { spawn } from "node:child_process";'],
  ])("allow %s: %s", (file, source) => expect(broken(file, source)).toEqual([]));
  it("know a barrel", () => {
    expect(isBarrel('export * from "./a";\nexport { b } from "./b";')).toBe(true);
    expect(isBarrel('export { b } from "./b";\nexport const c = 1;')).toBe(false);
  });
});
