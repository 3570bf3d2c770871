CREATE TABLE "ConsoleShare" (
  "id" TEXT NOT NULL,
  "organizationId" TEXT NOT NULL,
  "instanceId" TEXT NOT NULL,
  "tokenHash" TEXT NOT NULL,
  "label" TEXT NOT NULL DEFAULT '',
  "createdById" TEXT NOT NULL,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMP(3) NOT NULL,
  "revokedAt" TIMESTAMP(3),
  CONSTRAINT "ConsoleShare_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "ConsoleShare_tokenHash_key" ON "ConsoleShare"("tokenHash");
CREATE INDEX "ConsoleShare_instanceId_expiresAt_idx" ON "ConsoleShare"("instanceId", "expiresAt");
ALTER TABLE "ConsoleShare"
  ADD CONSTRAINT "ConsoleShare_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CHECK (id ~ '^shr-[0-9a-f]{17}$'),
  ADD CHECK ("tokenHash" ~ '^[0-9a-f]{64}$'),
  ADD CHECK ("expiresAt" > "createdAt" AND "expiresAt" <= "createdAt" + interval '7 days');

CREATE TABLE "ConsoleViewer" (
  "ticketId" TEXT NOT NULL,
  "instanceId" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "shareId" TEXT,
  "kind" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "relayName" TEXT NOT NULL,
  "openedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "ConsoleViewer_pkey" PRIMARY KEY ("ticketId")
);
CREATE INDEX "ConsoleViewer_instanceId_idx" ON "ConsoleViewer"("instanceId");
CREATE INDEX "ConsoleViewer_relayName_idx" ON "ConsoleViewer"("relayName");
ALTER TABLE "ConsoleViewer"
  ADD CONSTRAINT "ConsoleViewer_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CHECK (kind IN ('vnc', 'serial')),
  ADD CHECK (mode IN ('control', 'view')),
  -- Who came by a link only looks.
  ADD CHECK ("shareId" IS NULL OR mode = 'view');

CREATE TABLE "ConsoleControl" (
  "instanceId" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "since" TIMESTAMP(3) NOT NULL,
  "seenAt" TIMESTAMP(3) NOT NULL,
  "askedById" TEXT,
  "askedAt" TIMESTAMP(3),
  CONSTRAINT "ConsoleControl_pkey" PRIMARY KEY ("instanceId")
);
ALTER TABLE "ConsoleControl"
  ADD CONSTRAINT "ConsoleControl_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CHECK (("askedById" IS NULL) = ("askedAt" IS NULL)),
  ADD CHECK ("askedById" IS DISTINCT FROM "userId");
