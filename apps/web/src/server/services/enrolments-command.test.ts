import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { installCommand, installScript } from "./enrolments-command";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "indium-command-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const KEY = `${"A".repeat(43)}=`;
const PIN = `sha256//${"B".repeat(43)}=`;
const env = (over = {}) => ({ publicUrl: "https://192.0.2.1:7780", keysDir: dir, distDir: dir, tlsCertFile: null, ...over });

it("pins the front's own certificate, and only that", async () => {
  await writeFile(join(dir, "front.pin"), `${PIN}\n`);
  expect(await installCommand(env(), KEY, "indium-enrol-0")).toBe(
    `curl -fsSL -k --pinnedpubkey '${PIN}' https://192.0.2.1:7780/install.sh | sudo sh -s -- --url https://192.0.2.1:7780 --pin '${PIN}' --centre-key '${KEY}' --token indium-enrol-0`,
  );
  for (const over of [{ tlsCertFile: "/etc/ssl/cert.pem" }, { publicUrl: "http://localhost:7780" }])
    expect(await installCommand(env(over), KEY, "t")).not.toContain("pin");
});

it("takes no pin that could be a command", async () => {
  await writeFile(join(dir, "front.pin"), "sha256//x'; reboot; '");
  expect(await installCommand(env(), KEY, "t")).not.toContain("reboot");
});

it("fills the script in", async () => {
  await writeFile(join(dir, "install.sh"), "URL=@INDIUM_URL@\nPIN=@INDIUM_PIN@\n");
  expect(await installScript(env())).toBe("URL=https://192.0.2.1:7780\nPIN=\n");
});
