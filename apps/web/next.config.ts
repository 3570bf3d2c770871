import path from "node:path";
import type { NextConfig } from "next";

const root = path.join(import.meta.dirname, "../..");
const development = process.env.NODE_ENV === "development";

/**
 * Next writes its bootstrap as inline scripts without a nonce on static pages, so inline is allowed for scripts of our own
 * origin only; nothing may be loaded from, or sent to, any other origin, and nobody may frame the dashboard.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ""}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  // A relay may have an origin of its own: consoles are websockets to it.
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const config: NextConfig = {
  output: "standalone",
  // Two webs of one version must be the same to a browser that asks now one, now the other; Next's own choice is a random one.
  generateBuildId: () => process.env.INDIUM_BUILD_ID ?? null,
  outputFileTracingRoot: root,
  turbopack: {
    root,
    // Messages are parsed by the server (lib/i18n/compiled-messages.ts).
    resolveAlias: { "use-intl/format-message": "use-intl/format-message/format-only" },
  },
  transpilePackages: ["@indium/contract", "@indium/domain", "@indium/tunnel"],
  serverExternalPackages: ["@node-rs/argon2", "pg", "graphile-worker"],
  // Next keeps what it generates in its own one, so that a stale build breaks no `tsc`.
  typescript: { tsconfigPath: "tsconfig.next.json" },
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // The front compresses, and knows what may not be (front/compression.ts); Next would hold back the live stream.
  compress: false,
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "Content-Security-Policy", value: contentSecurityPolicy },
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "X-Frame-Options", value: "DENY" },
        // Set-up and invitation links carry their token in the address.
        { key: "Referrer-Policy", value: "no-referrer" },
        { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=()" },
        { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
      ],
    },
  ],
};

export default config;
