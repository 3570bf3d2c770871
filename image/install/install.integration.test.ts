import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/**
 * install.sh as a host runs it, in a mount namespace of its own where dpkg-query, apt-get and os-release are stand-ins, against a local
 * server that offers an archive with a stand-in agent.
 */
const SCRIPT = new URL("./install.sh", import.meta.url).pathname;
const TOKEN = `indium-enrol-${"0123456789abcdef".repeat(4)}`;
const reason =
  process.getuid?.() !== 0
    ? "not root"
    : spawnSync("unshare", ["--mount", "true"]).status !== 0
      ? "mount namespaces cannot be made here"
      : spawnSync("openssl", ["version"]).status !== 0
        ? "openssl is missing"
        : null;
if (reason !== null) console.log(`install.sh: skipped, ${reason}`);

let dir: string;
let server: Server;
let url: string;
/** What the server offers; `cut` ends the archive's transfer after so many bytes. */
let offer: { manifest: string; archive: Buffer; cut: number | null };

const serve: RequestListener = (request, response) => {
  if (request.url === "/download/agent.json") return void response.end(offer.manifest);
  if (request.url?.startsWith("/download/agent-") !== true) return void response.writeHead(404).end();
  response.writeHead(200, { "content-length": offer.archive.length });
  if (offer.cut === null) return void response.end(offer.archive);
  response.write(offer.archive.subarray(0, offer.cut), () => response.destroy());
};

const listen = (target: Server) =>
  new Promise<number>((done) => target.listen(0, "127.0.0.1", () => done((target.address() as AddressInfo).port)));

/** A stand-in agent that enrols unless told otherwise and keeps what it was called with. */
function archive(version: string, enrolment = "echo 'Enrolled as h-0.'; echo '{}' >\"$state/membership.json\""): void {
  const folder = mkdtempSync(join(dir, "archive-"));
  for (const name of ["bin", "systemd"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "bin/indium-agent"),
    `#!/bin/sh
case $1 in
  version) echo ${version} ;;
  enrol)
    printf '%s\\n' "$*" >${dir}/enrol-arguments
    printf '%s' "\${INDIUM_ENROL_TOKEN:-}" >${dir}/enrol-token
    state=${dir}/state
    mkdir -p "$state"
    ${enrolment}
    ;;
esac
`,
  );
  chmodSync(join(folder, "bin/indium-agent"), 0o755);
  writeFileSync(join(folder, "VERSION"), `${version}\n`);
  writeFileSync(join(folder, "systemd/indium-agent.service"), readFileSync(new URL("./indium-agent.service", import.meta.url)));
  const packed = join(dir, `agent-${version}-x86_64.tar.gz`);
  execFileSync("tar", ["-C", folder, "-czf", packed, "."]);
  const bytes = readFileSync(packed);
  offer = {
    archive: bytes,
    cut: null,
    manifest: JSON.stringify(
      {
        version,
        arch: "x86_64",
        file: `agent-${version}-x86_64.tar.gz`,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        sizeBytes: bytes.length,
      },
      null,
      2,
    ),
  };
}

interface Stage {
  /** Shell lines run in the namespace before the script: mounts. */
  readonly mounts?: string;
  readonly script?: string;
  readonly env?: Record<string, string>;
}

function install(args: readonly string[], stage: Stage = {}): Promise<{ code: number; out: string }> {
  const wrapper = `set -e
mount --bind ${dir}/dpkg-query /usr/bin/dpkg-query
mount --bind ${dir}/apt-get /usr/bin/apt-get
mount --bind ${dir}/os-release "$(readlink -f /etc/os-release)"
${stage.mounts ?? ""}
set +e
sh ${stage.script ?? SCRIPT} "$@"
`;
  const child = spawn("unshare", ["--mount", "sh", "-c", wrapper, "sh", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      TMPDIR: join(dir, "tmp"),
      INDIUM_INSTALL_PREFIX: join(dir, "opt"),
      INDIUM_AGENT_STATE_DIR: join(dir, "state"),
      INDIUM_UNIT_DIR: join(dir, "units"),
      ...stage.env,
    },
  });
  let out = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (out += chunk));
  return new Promise((done) => child.on("close", (code) => done({ code: code ?? -1, out })));
}

const enrolArgs = () => ["--url", url, "--token", TOKEN, "--without-systemd"];
const versions = () => (existsSync(join(dir, "opt/agent")) ? readdirSync(join(dir, "opt/agent")).sort() : []);
const link = (name: string) => readlinkSync(join(dir, "opt/agent", name));

function standIn(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), 0o755);
}

beforeEach(async () => {
  if (reason !== null) return;
  dir = mkdtempSync(join(tmpdir(), `indium-install-${process.pid}-`));
  mkdirSync(join(dir, "tmp"));
  standIn("dpkg-query", "#!/bin/sh\nprintf installed\n");
  standIn("apt-get", `#!/bin/sh\necho "$*" >>${dir}/apt-calls\n`);
  standIn("os-release", 'ID=debian\nVERSION_ID="12"\n');
  archive("1.0.0-aaaa");
  server = createServer(serve);
  url = `http://127.0.0.1:${await listen(server)}`;
});

afterEach(() => {
  if (reason !== null) return;
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(reason !== null)("install.sh", () => {
  it("says what it would do and changes nothing", async () => {
    const { code, out } = await install([...enrolArgs(), "--dry-run"]);
    expect(out).toContain("unpack agent 1.0.0-aaaa");
    expect(out).toContain(`enrol with ${url}`);
    expect(code).toBe(0);
    for (const name of ["opt", "state", "units", "apt-calls"]) expect(existsSync(join(dir, name))).toBe(false);
    expect(readdirSync(join(dir, "tmp"))).toEqual([]);
  });

  it("installs, enrols and keeps the token out of sight", async () => {
    const { code, out } = await install([...enrolArgs(), "--centre-key", "MCowBQYDK2VwAyEAexampleexampleexample0="]);
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(link("current")).toBe("1.0.0-aaaa");
    expect(readFileSync(join(dir, "enrol-token"), "utf8")).toBe(TOKEN);
    const called = readFileSync(join(dir, "enrol-arguments"), "utf8");
    expect(called).toContain("--centre-key MCowBQYDK2VwAyEAexampleexampleexample0=");
    expect(called + out).not.toContain(TOKEN);
    expect(existsSync(join(dir, "apt-calls"))).toBe(false);
    expect(readdirSync(join(dir, "tmp"))).toEqual([]);
  });

  it("lists every failed check at once, each with its fix, and never shows the token", async () => {
    standIn("os-release", "ID=plan9\nVERSION_ID=4\n");
    const { code, out } = await install(["--url", "ftp://nowhere", "--token", "indium-enrol-SECRETSECRET", "--pin", "sha256//short"], {
      mounts: `mkdir -p ${dir}/state; mount -t tmpfs -o size=4m none ${dir}/state`,
    });
    expect(code).toBe(1);
    for (const said of ["ftp://nowhere is none", "pin is malformed", "token is malformed", "plan9 4", "MiB free"])
      expect(out).toContain(said);
    expect(out.match(/FIX:/g)?.length).toBeGreaterThanOrEqual(5);
    expect(out).toContain("nothing was changed");
    expect(out).not.toContain("SECRET");
    expect(versions()).toEqual([]);
  });

  it("refuses plain http to another machine", async () => {
    const { code, out } = await install(["--url", "http://192.0.2.1:7780", "--token", TOKEN, "--without-systemd"]);
    expect(out).toContain("plain http");
    expect(code).toBe(1);
  });

  it("says so when the dashboard cannot be reached", async () => {
    server.close();
    const { code, out } = await install(enrolArgs());
    expect(out).toMatch(/cannot be reached from here/);
    expect(code).toBe(1);
  });

  it("notices a clock that is far away", async () => {
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      response.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString());
      serve(request, response);
    });
    const { code, out } = await install(enrolArgs());
    expect(out).toMatch(/clock is 3[56]\d\d s away/);
    expect(code).toBe(1);
  });

  it("throws away a download with another checksum", async () => {
    offer.manifest = JSON.stringify({ ...JSON.parse(offer.manifest), sha256: "0".repeat(64) }, null, 2);
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("its checksum is");
    expect(out).toContain("  next: ");
    expect(code).toBe(1);
    expect(versions()).toEqual([]);
    expect(existsSync(join(dir, "enrol-token"))).toBe(false);
  });

  it("leaves nothing behind when the download breaks off", async () => {
    offer.cut = 200;
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("could not be downloaded");
    expect(code).toBe(1);
    expect(versions()).toEqual([]);
  });

  it("does not take a description that would lead elsewhere", async () => {
    offer.manifest = JSON.stringify({ ...JSON.parse(offer.manifest), version: "../../etc" }, null, 2);
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("not what this script understands");
    expect(code).toBe(1);
  });

  it("repeats the agent's own words for a used token, and what to do", async () => {
    archive("1.0.0-aaaa", "echo 'error the agent ended error=\"The token was used already.\" code=token_used' >&2; exit 1");
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("The token was used already.");
    expect(out).toContain("A token works once");
    expect(code).toBe(1);
    // Not the current one until it belongs to somebody.
    expect(versions()).toEqual(["1.0.0-aaaa"]);
  });

  it("refuses a token on a machine that is a host already", async () => {
    await install(enrolArgs());
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("a host already");
    expect(code).toBe(1);
  });

  it("upgrades in place without a token, keeps identity and the version before, and goes back", async () => {
    await install(enrolArgs());
    rmSync(join(dir, "enrol-token"));
    for (const version of ["1.1.0-bbbb", "1.2.0-cccc"]) {
      archive(version);
      const { code, out } = await install(["--url", url, "--without-systemd"]);
      expect({ code, out }).toMatchObject({ code: 0 });
      expect(link("current")).toBe(version);
    }
    expect(versions()).toEqual(["1.1.0-bbbb", "1.2.0-cccc", "current", "previous"]);
    expect(link("previous")).toBe("1.1.0-bbbb");
    expect(existsSync(join(dir, "enrol-token"))).toBe(false);
    expect(readFileSync(join(dir, "state/membership.json"), "utf8")).toBe("{}\n");

    const again = await install(["--url", url, "--without-systemd"]);
    expect(again.out).toContain("is here already");
    expect(link("previous")).toBe("1.1.0-bbbb");

    const back = await install(["--rollback", "--without-systemd"]);
    expect({ ...back }).toMatchObject({ code: 0 });
    expect(link("current")).toBe("1.1.0-bbbb");
    expect(link("previous")).toBe("1.2.0-cccc");
  });

  it("works without an address when the dashboard has filled it in", async () => {
    const script = join(dir, "served.sh");
    writeFileSync(script, readFileSync(SCRIPT, "utf8").replaceAll("@INDIUM_URL@", url).replaceAll("@INDIUM_PIN@", ""));
    const { code, out } = await install(["--token", TOKEN, "--without-systemd"], { script });
    expect({ code, out }).toMatchObject({ code: 0 });
  });

  it("installs only the packages that are missing, without recommendations", async () => {
    standIn("dpkg-query", '#!/bin/sh\nfor last; do :; done\n[ "$last" = ovmf ] || printf installed\n');
    const { code, out } = await install(enrolArgs());
    expect({ code, out }).toMatchObject({ code: 0 });
    const [update, added] = readFileSync(join(dir, "apt-calls"), "utf8").trim().split("\n");
    expect(update).toMatch(/ update$/);
    expect(added).toMatch(/ install --no-install-recommends ovmf$/);
  });

  it("says what to do when apt fails", async () => {
    standIn("dpkg-query", "#!/bin/sh\nexit 1\n");
    standIn("apt-get", "#!/bin/sh\necho 'E: Unable to locate package ovmf'; exit 100\n");
    const { code, out } = await install(enrolArgs());
    expect(out).toContain("E: Unable to locate package ovmf");
    expect(out).toContain("apt-get install --no-install-recommends");
    expect(code).toBe(1);
  });

  it("lets a confined swtpm keep its state in our folder, once, and leaves what else the site added", async () => {
    const apparmor = join(dir, "apparmor.d");
    const additions = join(apparmor, "local/usr.bin.swtpm");
    mkdirSync(join(apparmor, "local"), { recursive: true });
    writeFileSync(join(apparmor, "usr.bin.swtpm"), "profile swtpm /usr/bin/swtpm {}\n");
    writeFileSync(additions, "/srv/own/** rwk,\n/old/place/** rwk, # indium-agent\n");
    standIn("apparmor_parser", `#!/bin/sh\necho "$@" >>${dir}/parsed\n`);
    const env = { INDIUM_APPARMOR_DIR: apparmor, PATH: `${dir}:${process.env.PATH}` };
    expect(await install(enrolArgs(), { env })).toMatchObject({ code: 0 });
    expect(await install(["--url", url, "--without-systemd"], { env })).toMatchObject({ code: 0 });
    const rules = readFileSync(additions, "utf8").split("\n");
    expect(rules).toHaveLength(3);
    expect(rules[0]).toBe("/srv/own/** rwk,");
    expect(rules[1]).toContain(`owner ${join(dir, "state")}/vms/*/tpm/{,**} rwk`);
    expect(readFileSync(join(dir, "parsed"), "utf8")).toBe(`-r ${apparmor}/usr.bin.swtpm\n`);
  });

  it("runs nothing of a script that was cut off", async () => {
    const text = readFileSync(SCRIPT, "utf8");
    const script = join(dir, "cut.sh");
    const spread = Array.from({ length: 20 }, (_, index) => Math.floor((text.length * (index + 1)) / 22));
    const lastBytes = Array.from({ length: 21 }, (_, index) => text.length - 2 - index);
    for (const length of [...spread, ...lastBytes]) {
      writeFileSync(script, text.slice(0, length));
      const { out } = await install(enrolArgs(), { script });
      expect(out).not.toContain("Checking");
      expect(existsSync(join(dir, "opt"))).toBe(false);
    }
  });

  describe("over https with a certificate of Indium's own", () => {
    let tls: Server;
    let pin: string;
    beforeEach(async () => {
      const key = join(dir, "key.pem");
      const cert = join(dir, "cert.pem");
      const subject = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=indium"];
      execFileSync("openssl", ["req", ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
      const spki = new X509Certificate(readFileSync(cert)).publicKey.export({ format: "der", type: "spki" });
      pin = `sha256//${createHash("sha256").update(spki).digest("base64")}`;
      tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, serve);
      url = `https://127.0.0.1:${await listen(tls)}`;
    });
    afterEach(() => {
      tls.closeAllConnections();
      tls.close();
    });

    it("trusts the pinned key and hands the pin on to the agent", async () => {
      const { code, out } = await install([...enrolArgs(), "--pin", pin]);
      expect({ code, out }).toMatchObject({ code: 0 });
      expect(readFileSync(join(dir, "enrol-arguments"), "utf8")).toContain(`--pin ${pin}`);
    });

    it("trusts no other key, and no unknown certificate without a pin", async () => {
      const other = await install([...enrolArgs(), "--pin", `sha256//${"A".repeat(43)}=`]);
      expect(other.out).toContain("another key than the pinned one");
      expect(other.code).toBe(1);
      const bare = await install(enrolArgs());
      expect(bare.out).toContain("is not trusted here");
      expect(bare.code).toBe(1);
      expect(versions()).toEqual([]);
    });
  });
});
