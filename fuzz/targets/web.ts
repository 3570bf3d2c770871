import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnrolRequest } from "@indium/contract/enrolment";
import { signText, verifyText } from "@indium/tunnel/keys";
import superjson from "superjson";
import { ZodError, type z } from "zod";
import { idOrNull, oneOf } from "../../apps/web/src/lib/one-of";
import { parseSort } from "../../apps/web/src/lib/sort-parameter";
import { withParameters } from "../../apps/web/src/lib/url-parameters";
import { UnreadableError, wireValues } from "../../apps/web/src/lib/wire-values";
import { appRouter } from "../../apps/web/src/server/api/root";
import { transformer } from "../../apps/web/src/server/api/transformer";
import { fileResponse, rangeOf } from "../../apps/web/src/server/http/file-response";
import { auditFilterOf } from "../../apps/web/src/server/services/audit-export";
import { checkImageQuery } from "../../apps/web/src/server/services/image-blobs";
import { rangeSql } from "../../apps/web/src/server/services/keyset";
import { signerOf } from "../../apps/web/src/server/services/signing";
import { parseSshPublicKey } from "../../apps/web/src/server/services/ssh-public-key";
import { checkUserData } from "../../apps/web/src/server/services/user-data-check";
import { parsed, type Target } from "../target";
import { FACTS, fixedKeyPair, HOST, INSTANCE, NOW } from "./honest";
import { declaredCodes, isAppError } from "./signed";

/** What browsers, and machines that want to become hosts, say to web. */

const ORGANIZATION = "org-0123456789abcdef0";
const host = fixedKeyPair("ed25519", 6);
const sealing = fixedKeyPair("x25519", 7);
const token = `indium-enrol-${"0".repeat(64)}`;

const enrolTarget: Target = {
  name: "enrolment",
  seeds: [
    {
      json: {
        token,
        protocol: 1,
        publicKey: host.publicKey,
        sealingKey: sealing.publicKey,
        signature: signText(`indium:enrol\n${token}\n${host.publicKey}\n${sealing.publicKey}`, host.privateKey),
        facts: FACTS,
      },
    },
  ],
  run: (input) => {
    const request = EnrolRequest.safeParse(parsed(input));
    if (!request.success) return null;
    const { token: said, publicKey, sealingKey, signature } = request.data;
    return { request: request.data, signed: verifyText(`indium:enrol\n${said}\n${publicKey}\n${sealingKey}`, signature, publicKey) };
  },
};

type Inputs = { _def: { inputs?: readonly z.ZodType[] } };
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Inputs>)
  .map(([path, { _def }]) => ({ path, inputs: _def.inputs ?? [] }))
  .filter(({ inputs }) => inputs.length > 0);

/** Much of what procedures take, under the names they take it by; each strips what it does not know. */
const INPUT = {
  organizationId: ORGANIZATION,
  id: INSTANCE,
  instanceId: INSTANCE,
  hostId: HOST,
  userId: "usr-0123456789abcdef0",
  imageId: "img-0123456789abcdef0",
  sizeId: "size-0123456789abcdef0",
  siteId: "site-0123456789abcdef0",
  networkId: "net-0123456789abcdef0",
  securityGroupId: "sg-0123456789abcdef0",
  operationId: "op-0123456789abcdef0",
  name: "walk",
  text: "web",
  query: "web",
  state: null,
  tag: { key: "role", value: "web" },
  tags: { role: "web" },
  cursor: Buffer.from('["2026-11-21T00:00:00.000Z","i-0123456789abcdef0"]').toString("base64url"),
  until: null,
  limit: 50,
  sort: "name",
  direction: "asc",
  role: "viewer",
  email: "walk@example.org",
  password: "correct horse battery",
  publicKey: "ssh-ed25519 AAAA",
  url: "https://images.example.org/disk.qcow2",
  kind: "nat",
  mode: "control",
  action: "start",
  userData: "#cloud-config\n",
  reason: "walked past",
  minutes: 60,
  give: true,
  from: new Date(5),
  rules: [{ direction: "ingress", protocol: "tcp", fromPort: 22, toPort: 22, cidr: "0.0.0.0/0", description: "" }],
  cidr: "10.0.0.0/24",
  vcpus: 1,
  memoryBytes: 1_073_741_824,
  diskBytes: 10_737_418_240,
  token,
};

const trpcTarget: Target = {
  name: "trpc-input",
  seeds: [
    { json: superjson.serialize(INPUT) },
    { json: superjson.serialize({ ...INPUT, name: "a\0", text: "\0", query: "\0", tag: { key: "role", value: "\0" }, reason: "\0" }) },
    { json: superjson.serialize({ ...INPUT, kind: "vnc", id: HOST, sort: null, from: null, url: null }) },
    {
      json: { json: INPUT, meta: { values: { from: ["Date"], "tags.role": ["regexp"] }, referentialEqualities: { name: ["text"] }, v: 1 } },
    },
  ],
  run: (input) => {
    const value = transformer.deserialize(parsed(input));
    return procedures.flatMap(({ path, inputs }) => {
      const read = inputs.map((schema) => {
        try {
          return schema.parse(value);
        } catch (thrown) {
          if (thrown instanceof ZodError) return null;
          throw new Error(`${path}: ${String(thrown)}`, { cause: thrown });
        }
      });
      return read.some((each) => each === null) ? [] : [{ path, read }];
    });
  },
  declared: isAppError,
  // As many outputs as there are procedures.
  growth: 200,
  share: 0.3,
  check: (value) => {
    for (const { path, read } of (value ?? []) as { path: string; read: unknown[] }[]) {
      // Postgres takes no NUL in a text: what lets one in answers 500.
      const text = JSON.stringify(read);
      if (text.includes("\\u0000"))
        return `${path} lets a NUL in: ${text.slice(Math.max(0, text.indexOf("\\u0000") - 40), text.indexOf("\\u0000") + 10)}`;
    }
    return null;
  },
};

const auditTarget: Target = {
  name: "audit-export",
  seeds: [
    { bytes: `actor=usr-0123456789abcdef0&action=instance.create&target=${INSTANCE}&from=2026-11-21T00:00:00.000Z&until=2026-11-22` },
    { bytes: "actor=system&format=json" },
    { bytes: "from=+275760-09-13&until=-000001-01-01" },
  ],
  run: (input) => auditFilterOf(ORGANIZATION, new URLSearchParams(input.toString("latin1"))),
  declared: declaredCodes("bad_request"),
  check: (value) => (value === null || storable(value) ? null : "a filter that Postgres does not take"),
};

/** Dates of four digits' years, texts without NUL. */
function storable(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime()) && value.getUTCFullYear() >= 0 && value.getUTCFullYear() <= 9_999;
  if (typeof value === "string") return !value.includes("\0");
  return typeof value !== "object" || value === null || Object.values(value).every(storable);
}

const place = (key: string) => Buffer.from(JSON.stringify([key, INSTANCE])).toString("base64url");
const SQL = { strings: [] as string[], values: [] as unknown[] };
const cursorTarget: Target = {
  name: "list-cursor",
  seeds: [
    { bytes: place("2026-11-21T00:00:00.000Z") },
    { bytes: place("web-1") },
    { json: ["-000001-01-01T00:00:00Z", INSTANCE] },
    { json: ["+275760-09-13", INSTANCE] },
  ],
  run: (input) => {
    const cursor = input[0] === 0x5b ? input.toString("base64url") : input.toString("latin1");
    return (["text", "timestamp"] as const).map((type) => {
      try {
        const parts = rangeSql({ key: SQL as never, id: SQL as never, type, direction: "asc" }, { cursor, until: null, limit: 10 });
        return parts.flatMap((part) => part.values);
      } catch (thrown) {
        if (isAppError(thrown)) return null;
        throw thrown;
      }
    });
  },
  check: (value) => ((value as unknown[]).every(storable) ? null : "a place that Postgres does not take"),
};

const rangeTarget: Target = {
  name: "http-range",
  seeds: [
    { json: { range: "bytes=7-" } },
    { json: { range: "bytes=-3", "if-range": '"abc"' } },
    { json: { range: "bytes=0-1,3-4", "if-none-match": '"abc", "d"' } },
    { json: { range: "bytes=10-2" } },
    { json: { range: "bytes=2-99" } },
  ],
  run: async (input) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries((parsed(input) ?? {}) as object)) {
      try {
        headers.set(name, String(value));
      } catch {
        // What the platform refuses as a header never arrives.
      }
    }
    const directory = mkdtempSync(join(tmpdir(), `indium-fuzz-${process.pid}-`));
    try {
      writeFileSync(join(directory, "blob"), "0123456789");
      const answer = await fileResponse(new Request("http://localhost/x", { headers }), {
        path: join(directory, "blob"),
        etag: "abc",
        contentType: "text/plain",
        immutable: true,
      });
      return {
        status: answer.status,
        range: rangeOf(headers.get("range"), 10),
        text: await answer.text(),
        length: answer.headers.get("content-length"),
      };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  share: 0.2,
  check: (value) => {
    const { status, range, text, length } = value as {
      status: number;
      range: ReturnType<typeof rangeOf>;
      text: string;
      length: string | null;
    };
    if (![200, 206, 304, 416].includes(status)) return `answered ${status}`;
    if (!"0123456789".includes(text) || (length !== null && Number(length) !== text.length)) return "sent another part than it said";
    return range === null || range === "unsatisfiable" || (range.start >= 0 && range.start <= range.end && range.end < 10)
      ? null
      : "a range outside of the file";
  },
};

const signer = signerOf(fixedKeyPair("ed25519", 1));
const imageQueryTarget: Target = {
  name: "image-query",
  seeds: [{ bytes: `host=${HOST}&expires=${NOW}&signature=AAAA` }, { bytes: "expires=1e400" }],
  run: (input) => {
    checkImageQuery(signer, "0".repeat(64), new URLSearchParams(input.toString("latin1")), NOW - 1);
    return "let in";
  },
  declared: declaredCodes("signature_invalid", "token_expired"),
  check: (value) => (value === null ? null : "took an address that was not signed"),
};

const userDataTarget: Target = {
  name: "user-data-check",
  seeds: [
    { bytes: "#cloud-config\npackages: [vim]\nusers:\n  - name: me\n    ssh_authorized_keys: [a]\nruncmd:\n  - [ls, -l]\n" },
    { bytes: "#cloud-config\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\n<<: *a\n" },
    { bytes: "#!/bin/sh\r\ntrue\n" },
    { bytes: "#cloud-config\n? [complex, key]\n: !!binary aGk=\nd: 2026-11-21\ne: !!set {a}\nf: |\n  text\n" },
    { bytes: "Content-Type: multipart/mixed\n\n" },
  ],
  run: (input) => checkUserData(input.toString("utf8").slice(0, 65_536), null),
  share: 0.3,
  check: (value) => ((value as ReturnType<typeof checkUserData>).problems.length <= 101 ? null : "too many problems"),
};

const sshTarget: Target = {
  name: "ssh-public-key",
  seeds: [
    { bytes: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@lab" },
    { bytes: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQC7 x" },
    { bytes: "-----BEGIN OPENSSH PRIVATE KEY-----" },
  ],
  run: (input) => parseSshPublicKey(input.toString("utf8")),
  declared: declaredCodes("bad_request"),
  check: (value) => {
    if (value === null) return null;
    const { line } = value as ReturnType<typeof parseSshPublicKey>;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be in there
    return /[\u0000-\u001f\u007f]/.test(line) ? "a control character in a key's line" : null;
  },
};

const urlTarget: Target = {
  name: "url-parameters",
  seeds: [{ bytes: "?state=running&sort=name:asc&q=web" }, { bytes: `?id=${INSTANCE}&__proto__=x&constructor=y` }],
  run: (input) => {
    const search = input.toString("utf8");
    const parameters = new URLSearchParams(search);
    const next = withParameters({ pathname: "/o/x", search }, { state: "stopped", q: null });
    return {
      next,
      state: oneOf(["running", "stopped"], parameters.get("state")),
      id: idOrNull("instance", parameters.get("id")),
      sort: parseSort(parameters.get("sort"), ["name", "state"], { key: "name", direction: "asc" }),
    };
  },
  growth: 10,
  check: (value) => ((value as { next: string }).next.startsWith("/o/x") ? null : "leads elsewhere"),
};

/** What browsers read of the API's answers. */
const answerTarget: Target = {
  name: "api-answer",
  seeds: [
    {
      json: superjson.serialize({
        items: [{ id: INSTANCE, at: new Date(NOW), tags: { "a.b": "c" } }],
        nothing: undefined,
        far: Number.NaN,
      }),
    },
    { json: superjson.serialize([new Date(NOW), undefined]) },
    { json: { json: {}, meta: { values: { "__proto__.x": ["Date"], "constructor.prototype.x": ["number"] } } } },
  ],
  run: (input) => {
    const written = parsed(input);
    return typeof written === "object" && written !== null ? { read: wireValues.deserialize(written) } : null;
  },
  declared: (error) => error instanceof UnreadableError,
  check: () => ("x" in {} ? "reached the objects of all" : null),
};

export const WEB_TARGETS: readonly Target[] = [
  enrolTarget,
  trpcTarget,
  auditTarget,
  cursorTarget,
  rangeTarget,
  imageQueryTarget,
  userDataTarget,
  sshTarget,
  urlTarget,
  answerTarget,
];
