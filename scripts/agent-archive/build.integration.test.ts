import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
// @ts-expect-error plain JavaScript: it runs before anything is built
import { buildAgentArchive } from "./build.mjs";

const root = new URL("../..", import.meta.url).pathname;
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** The real agent, packed, unpacked elsewhere and started without anything of this tree. */
describe("the agent's archive", () => {
  let dir: string;
  const dist = (name: string) => join(dir, name);
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), `indium-archive-${process.pid}-`));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("is described truthfully, and the same contents give the same bytes", async () => {
    const first = await buildAgentArchive({ dist: dist("one") });
    const second = await buildAgentArchive({ dist: dist("two") });
    expect(first.built && second.built).toBe(true);
    expect(second.manifest).toEqual(first.manifest);
    const { file, sha256: hash, sizeBytes, version } = first.manifest;
    const archive = join(dist("one"), "agent", file);
    expect(sha256(archive)).toBe(hash);
    expect(readFileSync(archive).length).toBe(sizeBytes);
    expect(version).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{10}$/);
    expect(readFileSync(join(dist("one"), "install.sh"), "utf8")).toContain("@INDIUM_URL@");
  });

  it("is left alone when nothing changed", async () => {
    expect((await buildAgentArchive({ dist: dist("one") })).built).toBe(false);
  });

  it("runs where there is no Node, also through the `current` link", () => {
    const prefix = dist("opt");
    mkdirSync(join(prefix, "1"), { recursive: true });
    const { file, version } = JSON.parse(readFileSync(join(dist("one"), "agent/agent.json"), "utf8"));
    execFileSync("tar", ["-xzf", join(dist("one"), "agent", file), "-C", join(prefix, "1")]);
    execFileSync("ln", ["-s", "1", join(prefix, "current")]);
    const agent = join(prefix, "current/bin/indium-agent");
    const env = { PATH: "/usr/bin:/bin" };
    expect(execFileSync(agent, ["version"], { encoding: "utf8", env, cwd: "/" }).trim()).toBe(version);
    const enrol = spawnSync(agent, ["enrol"], { encoding: "utf8", env: { ...env, INDIUM_AGENT_STATE_DIR: dist("state") }, cwd: "/" });
    expect(enrol.status).not.toBe(0);
    expect(enrol.stderr).toContain("--url");
    const notice = readFileSync(join(prefix, "1/NOTICE"), "utf8");
    for (const name of ["zod", "socket.io-client", "@trpc/server"]) expect(notice).toContain(`== ${name} `);
  });

  it("gets a new version when the agent changes, and keeps the archive before for who is downloading it", async () => {
    const entry = join(root, "apps/agent/src/bin", `archive-test-${process.pid}.ts`);
    const before = JSON.parse(readFileSync(join(dist("one"), "agent/agent.json"), "utf8"));
    writeFileSync(entry, 'import manifest from "../../package.json";\nconsole.log(manifest.version);\n');
    try {
      const { manifest } = await buildAgentArchive({ dist: dist("one"), entry });
      expect(manifest.version).not.toBe(before.version);
      expect(readdirSync(join(dist("one"), "agent")).sort()).toEqual(["agent.json", before.file, manifest.file].sort());
    } finally {
      rmSync(entry);
    }
  });
});
