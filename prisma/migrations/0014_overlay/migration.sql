-- The WireGuard overlay between hosts and relays. The prefix is the first three groups of a ULA /48, chosen once; indexes are given once each
-- and make the addresses. The revision changes with the pairs.
ALTER TABLE "Installation"
  ADD COLUMN "overlayPrefix" TEXT,
  ADD COLUMN "overlayLastIndex" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "overlayRevision" INTEGER NOT NULL DEFAULT 0,
  ADD CHECK ("overlayPrefix" ~ '^fd[0-9a-f]{2}(:(0|[1-9a-f][0-9a-f]{0,3})){2}$'),
  ADD CHECK ("overlayLastIndex" >= 0),
  ADD CHECK ("overlayRevision" >= 0);

ALTER TABLE "Relay"
  ADD COLUMN "overlayIndex" INTEGER,
  ADD COLUMN "overlayKey" TEXT,
  ADD COLUMN "overlayEndpoint" TEXT,
  ADD CHECK ("overlayIndex" > 0),
  ADD CHECK (length("overlayKey") = 44),
  -- Without one of them there is no overlay there.
  ADD CHECK (("overlayKey" IS NULL) = ("overlayEndpoint" IS NULL)),
  ADD CHECK ("overlayKey" IS NULL OR "overlayIndex" IS NOT NULL);
CREATE UNIQUE INDEX "Relay_overlayIndex_key" ON "Relay"("overlayIndex");

ALTER TABLE "Host"
  ADD COLUMN "overlayIndex" INTEGER,
  ADD COLUMN "overlayKey" TEXT,
  ADD CHECK ("overlayIndex" > 0),
  ADD CHECK (length("overlayKey") = 44),
  ADD CHECK ("overlayKey" IS NULL OR "overlayIndex" IS NOT NULL);
CREATE UNIQUE INDEX "Host_overlayIndex_key" ON "Host"("overlayIndex");
-- A host that gave another's key would take its place at the relay. A machine that is enrolled anew brings the one it had.
CREATE UNIQUE INDEX "Host_overlayKey_live_key" ON "Host"("overlayKey") WHERE "revokedAt" IS NULL;

-- Hosts of one organization that may reach each other through their relay.
CREATE TABLE "OverlayPair" (
  "hostAId" TEXT NOT NULL,
  "hostBId" TEXT NOT NULL,
  "organizationId" TEXT NOT NULL,
  "createdById" TEXT,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "OverlayPair_pkey" PRIMARY KEY ("hostAId", "hostBId"),
  CONSTRAINT "OverlayPair_hostAId_fkey" FOREIGN KEY ("hostAId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "OverlayPair_hostBId_fkey" FOREIGN KEY ("hostBId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CHECK ("hostAId" < "hostBId")
);
CREATE INDEX "OverlayPair_hostBId_idx" ON "OverlayPair"("hostBId");
