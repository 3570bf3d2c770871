#!/usr/bin/env node
// Speaks the schema-engine binary's protocol (CLI sub-commands + JSON-RPC over stdio)
// on top of @prisma/schema-engine-wasm + @prisma/adapter-pg, so no binary is downloaded.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";

const require = createRequire(import.meta.url);

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "-V") {
  console.log("schema-engine-cli wasm-shim");
  process.exit(0);
}
const opt = (n) => argv.flatMap((a, i) => (a === n ? [argv[i + 1]] : []));
const ds = JSON.parse(opt("--datasource")[0] ?? "{}");
// the CLI drops stderr's first line and JSON.parses every other one
const log = (o) => process.stderr.write(`{}\n${JSON.stringify(o)}`);
const dbName = (u) => decodeURIComponent(new URL(u).pathname.slice(1)) || "postgres";
const onMaintenance = async (url, sql) => {
  const u = new URL(url);
  u.pathname = "/postgres";
  u.searchParams.delete("schema");
  const c = new pg.Client({ connectionString: String(u) });
  await c.connect();
  try {
    await c.query(sql);
  } finally {
    await c.end();
  }
};
const quote = (s) => `"${s.replaceAll('"', '""')}"`;

const cli = argv.indexOf("cli");
if (cli >= 0) {
  const cmd = argv[cli + 1];
  try {
    if (cmd === "can-connect-to-database") {
      const c = new pg.Client({ connectionString: ds.url });
      await c.connect();
      await c.end();
    } else if (cmd === "create-database") await onMaintenance(ds.url, `CREATE DATABASE ${quote(dbName(ds.url))}`);
    else if (cmd === "drop-database") await onMaintenance(ds.url, `DROP DATABASE IF EXISTS ${quote(dbName(ds.url))}`);
    else throw new Error(`unknown command ${cmd}`);
    process.exit(0);
  } catch (e) {
    const code = e.code === "3D000" ? "P1003" : e.code === "42P04" ? "P1009" : e.code === "28P01" ? "P1000" : "P1001";
    log({
      level: "ERROR",
      target: "schema_engine::logger",
      fields: { message: e.message, error_code: code },
      timestamp: new Date().toISOString(),
    });
    process.exit(1);
  }
}

// ---- JSON-RPC daemon
const bgPath = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
const bg = await import(bgPath);
const mod = await WebAssembly.compile(readFileSync(bgPath.replace(/\.js$/, ".wasm")));
const inst = await WebAssembly.instantiate(mod, { "./schema_engine_bg.js": bg });
bg.__wbg_set_wasm(inst.exports);
inst.exports.__wbindgen_start();

const schema = new URL(ds.url).searchParams.get("schema") ?? undefined;
// adapter-pg knows no OID 18 ("char"), which the describer's catalog queries return: relabel as text
const relabel = (x) => {
  for (const q of [x].flat()) for (const f of q?.fields ?? []) if (f.dataTypeID === 18) f.dataTypeID = 25;
  return x;
};
class Client extends pg.Client {
  query(...a) {
    const i = a.length - 1;
    if (typeof a[i] === "function") {
      const cb = a[i];
      a[i] = (e, r) => cb(e, relabel(r));
      return super.query(...a);
    }
    return super.query(...a).then(relabel);
  }
}
const pool = (url) => new pg.Pool({ connectionString: url, Client, max: 4 });
const base = new PrismaPg(pool(ds.url), { schema, disposeExternalPool: true });
const factory = {
  provider: "postgres",
  adapterName: "@prisma/adapter-pg",
  connect: () => base.connect(),
  connectToShadowDb: async () => {
    const u = new URL(ds.shadowDatabaseUrl ?? ds.url);
    if (ds.shadowDatabaseUrl) return new PrismaPg(pool(String(u)), { disposeExternalPool: true }).connect();
    // PrismaPg.connectToShadowDb() spreads {connectionString, database}: pg lets connectionString win => it would use the MAIN database
    const name = `prisma_migrate_shadow_${crypto.randomUUID()}`;
    await onMaintenance(ds.url, `CREATE DATABASE ${quote(name)}`);
    u.pathname = `/${name}`;
    const a = await new PrismaPg(pool(String(u)), { disposeExternalPool: true }).connect();
    const dispose = a.dispose.bind(a);
    a.dispose = async () => {
      await dispose();
      await onMaintenance(ds.url, `DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
    };
    return a;
  },
};
const datamodels = opt("--datamodels").map((p) => [p, readFileSync(p, "utf8")]);
const engine = await bg.SchemaEngine.new(
  { datamodels: datamodels.length ? datamodels : undefined },
  () => {},
  bindMigrationAwareSqlAdapterFactory(factory),
);
const send = (m) => process.stdout.write(`${JSON.stringify(m)}\n`);
let queue = Promise.resolve();
const rl = createInterface({ input: process.stdin });
rl.on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (!method) return;
  queue = queue.then(async () => {
    try {
      const name = method === "getDatabaseVersion" ? "version" : method;
      const result = await engine[name](params);
      if (method === "diff" && result?.stdout != null)
        send({ jsonrpc: "2.0", id: `p${id}`, method: "print", params: { content: result.stdout } });
      send({ jsonrpc: "2.0", id, result: result ?? {} });
    } catch (e) {
      send({
        jsonrpc: "2.0",
        id,
        error: {
          code: 4466,
          message: String(e?.message ?? e),
          data: {
            is_panic: false,
            message: String(e?.message ?? e),
            error_code: e?.code ?? e?.error_code ?? e?.meta?.error_code,
            meta: e?.meta,
          },
        },
      });
    }
  });
});
rl.on("close", () => queue.then(() => process.exit(0)));
