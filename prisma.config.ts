import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// The CLI would download a schema engine; ours speaks the same protocol over Prisma's own wasm build (docs/operations/database.md).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL("./tooling/schema-engine.mjs", import.meta.url));

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://indium@127.0.0.1:1/unset" },
});
