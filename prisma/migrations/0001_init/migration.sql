-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "centreEpoch" INTEGER NOT NULL DEFAULT 1,
    "setupTokenHash" TEXT,
    "setUpAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "passwordHash" TEXT,
    "installationAdmin" BOOLEAN NOT NULL DEFAULT false,
    "sessionEpoch" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabledAt" TIMESTAMP(3),

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Organization" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "providerId" TEXT,
    "isProvider" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Grant" (
    "userId" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("userId","organizationId")
);

-- CreateTable
CREATE TABLE "Invitation" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "email" TEXT,
    "tokenHash" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "acceptedAt" TIMESTAMP(3),
    "acceptedById" TEXT,

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Site" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Site_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Enrolment" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT,
    "siteId" TEXT,
    "tokenHash" TEXT NOT NULL,
    "local" BOOLEAN NOT NULL DEFAULT false,
    "createdById" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "usedAt" TIMESTAMP(3),
    "hostId" TEXT,

    CONSTRAINT "Enrolment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Host" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT,
    "siteId" TEXT,
    "name" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "sealingKey" TEXT NOT NULL,
    "local" BOOLEAN NOT NULL DEFAULT false,
    "simulated" BOOLEAN NOT NULL DEFAULT false,
    "facts" JSONB,
    "factsAt" TIMESTAMP(3),
    "usage" JSONB,
    "agentVersion" TEXT,
    "protocol" INTEGER,
    "enrolledAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMP(3),
    "relayUrl" TEXT,
    "relayName" TEXT,
    "linkEpoch" INTEGER NOT NULL DEFAULT 0,
    "leaseExpiresAt" TIMESTAMP(3),
    "lastSeenAt" TIMESTAMP(3),
    "desiredGeneration" INTEGER NOT NULL DEFAULT 0,
    "acceptedGeneration" INTEGER NOT NULL DEFAULT 0,
    "acceptedEpoch" INTEGER NOT NULL DEFAULT 0,
    "ledgerId" TEXT,
    "ackedSeq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "Host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HostEvent" (
    "id" BIGSERIAL NOT NULL,
    "hostId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "level" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "HostEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Relay" (
    "name" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "rpcUrl" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "registeredAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Relay_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Size" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memoryBytes" BIGINT NOT NULL,
    "diskBytes" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "Size_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SshKey" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "createdById" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SshKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Image" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT,
    "slug" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "operatingSystem" TEXT NOT NULL DEFAULT 'other',
    "origin" TEXT NOT NULL,
    "url" TEXT,
    "checksumUrl" TEXT,
    "checksumAlgorithm" TEXT,
    "checksumFileName" TEXT,
    "sha256" TEXT,
    "sizeBytes" BIGINT,
    "minimumDiskBytes" BIGINT NOT NULL DEFAULT 0,
    "minimumMemoryBytes" BIGINT NOT NULL DEFAULT 0,
    "firmware" TEXT NOT NULL DEFAULT 'bios',
    "defaultUser" TEXT NOT NULL DEFAULT 'root',
    "cloudInit" BOOLEAN NOT NULL DEFAULT true,
    "bootedHere" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'ready',
    "progressDone" BIGINT,
    "progressTotal" BIGINT,
    "progressUnit" TEXT,
    "statusMessage" TEXT,
    "error" JSONB,
    "position" INTEGER NOT NULL DEFAULT 100,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMP(3),

    CONSTRAINT "Image_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ImageCopy" (
    "imageId" TEXT NOT NULL,
    "hostId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "progressDone" BIGINT,
    "progressTotal" BIGINT,
    "error" JSONB,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ImageCopy_pkey" PRIMARY KEY ("imageId","hostId")
);

-- CreateTable
CREATE TABLE "Network" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT,
    "hostId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "ipv4Cidr" TEXT,
    "ipv4Gateway" TEXT,
    "ipv6Cidr" TEXT,
    "ipv6Gateway" TEXT,
    "dnsServers" TEXT[],
    "mtu" INTEGER NOT NULL DEFAULT 1500,
    "bridgeInterface" TEXT,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "error" JSONB,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMP(3),

    CONSTRAINT "Network_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Instance" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hostId" TEXT,
    "imageId" TEXT NOT NULL,
    "sizeId" TEXT,
    "guestUuid" TEXT NOT NULL,
    "desired" TEXT NOT NULL,
    "desiredGeneration" INTEGER NOT NULL DEFAULT 1,
    "powerRequestId" TEXT,
    "powerKind" TEXT,
    "powerExpiresAt" TIMESTAMP(3),
    "stopGraceMs" INTEGER NOT NULL DEFAULT 90000,
    "vcpus" INTEGER NOT NULL,
    "memoryBytes" BIGINT NOT NULL,
    "diskBytes" BIGINT NOT NULL,
    "volumeId" TEXT NOT NULL,
    "firmware" TEXT NOT NULL,
    "sshKeys" JSONB NOT NULL DEFAULT '[]',
    "tags" JSONB NOT NULL DEFAULT '{}',
    "secretsCiphertext" TEXT,
    "hasPassword" BOOLEAN NOT NULL DEFAULT false,
    "hasUserData" BOOLEAN NOT NULL DEFAULT false,
    "placementReason" TEXT,
    "createdById" TEXT,
    "requestKey" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMP(3),

    CONSTRAINT "Instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "InstanceRuntime" (
    "instanceId" TEXT NOT NULL,
    "observedState" TEXT NOT NULL,
    "observedGeneration" INTEGER NOT NULL,
    "appliedGeneration" INTEGER NOT NULL DEFAULT 0,
    "guestPoweredOff" BOOLEAN NOT NULL DEFAULT false,
    "lastRequestId" TEXT,
    "startedAt" TIMESTAMP(3),
    "error" JSONB,
    "waitingMessage" TEXT,
    "waitingUntil" TIMESTAMP(3),
    "observedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "InstanceRuntime_pkey" PRIMARY KEY ("instanceId")
);

-- CreateTable
CREATE TABLE "InstanceStep" (
    "instanceId" TEXT NOT NULL,
    "boot" INTEGER NOT NULL,
    "step" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "endedAt" TIMESTAMP(3),
    "message" TEXT,
    "detail" TEXT,
    "progressDone" BIGINT,
    "progressTotal" BIGINT,
    "progressUnit" TEXT,

    CONSTRAINT "InstanceStep_pkey" PRIMARY KEY ("instanceId","boot","step")
);

-- CreateTable
CREATE TABLE "Nic" (
    "id" TEXT NOT NULL,
    "instanceId" TEXT NOT NULL,
    "networkId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "macAddress" TEXT NOT NULL,
    "addressMode" TEXT NOT NULL DEFAULT 'assigned',
    "ipv4" TEXT,
    "ipv6" TEXT,

    CONSTRAINT "Nic_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Operation" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "instanceId" TEXT,
    "hostId" TEXT,
    "targetGeneration" INTEGER,
    "revertDesired" TEXT,
    "startedById" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),
    "waiting" TEXT,
    "waitingUntil" TIMESTAMP(3),
    "error" JSONB,

    CONSTRAINT "Operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OperationStep" (
    "operationId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),
    "message" TEXT,

    CONSTRAINT "OperationStep_pkey" PRIMARY KEY ("operationId","position")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" BIGSERIAL NOT NULL,
    "organizationId" TEXT,
    "actorId" TEXT,
    "action" TEXT NOT NULL,
    "targetKind" TEXT NOT NULL,
    "targetId" TEXT,
    "result" TEXT NOT NULL,
    "remoteAddress" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RateLimit" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "windowEnd" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "RateLimit_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Organization_name_key" ON "Organization"("name");

-- CreateIndex
CREATE INDEX "Organization_providerId_idx" ON "Organization"("providerId");

-- CreateIndex
CREATE INDEX "Grant_organizationId_idx" ON "Grant"("organizationId");

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_tokenHash_key" ON "Invitation"("tokenHash");

-- CreateIndex
CREATE INDEX "Invitation_organizationId_idx" ON "Invitation"("organizationId");

-- CreateIndex
CREATE UNIQUE INDEX "Site_organizationId_name_key" ON "Site"("organizationId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "Enrolment_tokenHash_key" ON "Enrolment"("tokenHash");

-- CreateIndex
CREATE UNIQUE INDEX "Enrolment_hostId_key" ON "Enrolment"("hostId");

-- CreateIndex
CREATE INDEX "Enrolment_organizationId_createdAt_idx" ON "Enrolment"("organizationId", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "Host_publicKey_key" ON "Host"("publicKey");

-- CreateIndex
CREATE INDEX "Host_organizationId_name_idx" ON "Host"("organizationId", "name");

-- CreateIndex
CREATE INDEX "Host_siteId_idx" ON "Host"("siteId");

-- CreateIndex
CREATE INDEX "Host_leaseExpiresAt_idx" ON "Host"("leaseExpiresAt");

-- CreateIndex
CREATE INDEX "HostEvent_hostId_id_idx" ON "HostEvent"("hostId", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Relay_publicKey_key" ON "Relay"("publicKey");

-- CreateIndex
CREATE UNIQUE INDEX "Size_name_key" ON "Size"("name");

-- CreateIndex
CREATE UNIQUE INDEX "SshKey_organizationId_name_key" ON "SshKey"("organizationId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "SshKey_organizationId_fingerprint_key" ON "SshKey"("organizationId", "fingerprint");

-- CreateIndex
CREATE UNIQUE INDEX "Image_slug_key" ON "Image"("slug");

-- CreateIndex
CREATE INDEX "Image_organizationId_position_idx" ON "Image"("organizationId", "position");

-- CreateIndex
CREATE INDEX "ImageCopy_hostId_idx" ON "ImageCopy"("hostId");

-- CreateIndex
CREATE INDEX "Network_hostId_name_idx" ON "Network"("hostId", "name");

-- CreateIndex
CREATE INDEX "Network_organizationId_idx" ON "Network"("organizationId");

-- CreateIndex
CREATE UNIQUE INDEX "Instance_guestUuid_key" ON "Instance"("guestUuid");

-- CreateIndex
CREATE UNIQUE INDEX "Instance_volumeId_key" ON "Instance"("volumeId");

-- CreateIndex
CREATE INDEX "Instance_hostId_deletedAt_idx" ON "Instance"("hostId", "deletedAt");

-- CreateIndex
CREATE INDEX "Instance_imageId_idx" ON "Instance"("imageId");

-- CreateIndex
CREATE UNIQUE INDEX "Instance_organizationId_requestKey_key" ON "Instance"("organizationId", "requestKey");

-- CreateIndex
CREATE INDEX "InstanceRuntime_observedState_idx" ON "InstanceRuntime"("observedState");

-- CreateIndex
CREATE UNIQUE INDEX "Nic_macAddress_key" ON "Nic"("macAddress");

-- CreateIndex
CREATE INDEX "Nic_instanceId_idx" ON "Nic"("instanceId");

-- CreateIndex
CREATE UNIQUE INDEX "Nic_networkId_ipv4_key" ON "Nic"("networkId", "ipv4");

-- CreateIndex
CREATE UNIQUE INDEX "Nic_networkId_ipv6_key" ON "Nic"("networkId", "ipv6");

-- CreateIndex
CREATE INDEX "Operation_organizationId_createdAt_idx" ON "Operation"("organizationId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Operation_instanceId_createdAt_idx" ON "Operation"("instanceId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Operation_state_idx" ON "Operation"("state");

-- CreateIndex
CREATE INDEX "AuditEvent_organizationId_id_idx" ON "AuditEvent"("organizationId", "id" DESC);

-- AddForeignKey
ALTER TABLE "Organization" ADD CONSTRAINT "Organization_providerId_fkey" FOREIGN KEY ("providerId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Invitation" ADD CONSTRAINT "Invitation_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Site" ADD CONSTRAINT "Site_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Enrolment" ADD CONSTRAINT "Enrolment_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Enrolment" ADD CONSTRAINT "Enrolment_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Host" ADD CONSTRAINT "Host_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Host" ADD CONSTRAINT "Host_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HostEvent" ADD CONSTRAINT "HostEvent_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SshKey" ADD CONSTRAINT "SshKey_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Image" ADD CONSTRAINT "Image_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ImageCopy" ADD CONSTRAINT "ImageCopy_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "Image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ImageCopy" ADD CONSTRAINT "ImageCopy_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Network" ADD CONSTRAINT "Network_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Network" ADD CONSTRAINT "Network_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Instance" ADD CONSTRAINT "Instance_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Instance" ADD CONSTRAINT "Instance_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Instance" ADD CONSTRAINT "Instance_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "Image"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "InstanceRuntime" ADD CONSTRAINT "InstanceRuntime_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "InstanceStep" ADD CONSTRAINT "InstanceStep_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Nic" ADD CONSTRAINT "Nic_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Nic" ADD CONSTRAINT "Nic_networkId_fkey" FOREIGN KEY ("networkId") REFERENCES "Network"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationStep" ADD CONSTRAINT "OperationStep_operationId_fkey" FOREIGN KEY ("operationId") REFERENCES "Operation"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What follows is written by hand: what Prisma's schema cannot say.

INSERT INTO "Installation" (id) VALUES (1);
ALTER TABLE "Installation" ADD CHECK (id = 1), ADD CHECK ("centreEpoch" >= 1), ADD CHECK ("setupTokenHash" ~ '^[0-9a-f]{64}$');

-- Ids as the contract makes them.
ALTER TABLE "User" ADD CHECK (id ~ '^usr-[0-9a-f]{17}$');
ALTER TABLE "Organization" ADD CHECK (id ~ '^org-[0-9a-f]{17}$');
ALTER TABLE "Invitation" ADD CHECK (id ~ '^inv-[0-9a-f]{17}$');
ALTER TABLE "Site" ADD CHECK (id ~ '^site-[0-9a-f]{17}$');
ALTER TABLE "Enrolment" ADD CHECK (id ~ '^enr-[0-9a-f]{17}$');
ALTER TABLE "Host" ADD CHECK (id ~ '^h-[0-9a-f]{17}$');
ALTER TABLE "Size" ADD CHECK (id ~ '^size-[0-9a-f]{17}$');
ALTER TABLE "SshKey" ADD CHECK (id ~ '^key-[0-9a-f]{17}$');
ALTER TABLE "Image" ADD CHECK (id ~ '^img-[0-9a-f]{17}$');
ALTER TABLE "Network" ADD CHECK (id ~ '^net-[0-9a-f]{17}$');
ALTER TABLE "Instance" ADD CHECK (id ~ '^i-[0-9a-f]{17}$'), ADD CHECK ("volumeId" ~ '^vol-[0-9a-f]{17}$');
ALTER TABLE "Nic" ADD CHECK (id ~ '^nic-[0-9a-f]{17}$');
ALTER TABLE "Operation" ADD CHECK (id ~ '^op-[0-9a-f]{17}$');

-- People and organizations.
ALTER TABLE "User" ADD CHECK (email = lower(email)), ADD CHECK (email LIKE '%_@_%'), ADD CHECK (name <> ''), ADD CHECK ("sessionEpoch" >= 1);
ALTER TABLE "Organization" ADD CHECK (name <> ''), ADD CHECK ("providerId" <> id), ADD CHECK (NOT ("isProvider" AND "providerId" IS NOT NULL));
ALTER TABLE "Grant" ADD CHECK (role IN ('owner', 'admin', 'operator', 'viewer'));
ALTER TABLE "Invitation"
  ADD CHECK (role IN ('owner', 'admin', 'operator', 'viewer')),
  ADD CHECK ("expiresAt" > "createdAt"),
  ADD CHECK ("tokenHash" ~ '^[0-9a-f]{64}$'),
  ADD CHECK (("acceptedAt" IS NULL) = ("acceptedById" IS NULL));
ALTER TABLE "Site" ADD CHECK (name <> '');
ALTER TABLE "RateLimit" ADD CHECK (count >= 0);
ALTER TABLE "AuditEvent" ADD CHECK (result IN ('success', 'failed', 'denied')), ADD CHECK (action <> '');

-- Hosts.
ALTER TABLE "Enrolment" ADD CHECK ("expiresAt" > "createdAt"), ADD CHECK ("tokenHash" ~ '^[0-9a-f]{64}$'), ADD CHECK ("hostId" IS NULL OR "usedAt" IS NOT NULL);
ALTER TABLE "Host"
  ADD CHECK (name <> ''),
  ADD CHECK ("linkEpoch" >= 0), ADD CHECK ("desiredGeneration" >= 0), ADD CHECK ("acceptedGeneration" >= 0),
  ADD CHECK ("acceptedEpoch" >= 0), ADD CHECK ("ackedSeq" >= 0),
  ADD CHECK ("siteId" IS NULL OR "organizationId" IS NOT NULL);
ALTER TABLE "HostEvent" ADD CHECK (level IN ('info', 'warning', 'error'));

-- Catalogue.
ALTER TABLE "Size" ADD CHECK (vcpus BETWEEN 1 AND 256), ADD CHECK ("memoryBytes" >= 67108864), ADD CHECK ("diskBytes" > 0);
ALTER TABLE "SshKey" ADD CHECK (name <> ''), ADD CHECK (fingerprint LIKE 'SHA256:%');
ALTER TABLE "Image"
  ADD CHECK (origin IN ('built', 'catalogue', 'url')),
  ADD CHECK (state IN ('ready', 'building', 'failed')),
  ADD CHECK (firmware IN ('bios', 'uefi')),
  ADD CHECK ("operatingSystem" IN ('debian', 'ubuntu', 'almalinux', 'rocky', 'fedora', 'alpine', 'opensuse', 'tiny', 'other')),
  ADD CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  ADD CHECK ("sizeBytes" > 0), ADD CHECK ("minimumDiskBytes" >= 0), ADD CHECK ("minimumMemoryBytes" >= 0),
  ADD CHECK ("checksumAlgorithm" IN ('sha256', 'sha512')),
  ADD CHECK (("checksumUrl" IS NULL) = ("checksumAlgorithm" IS NULL) AND ("checksumUrl" IS NULL) = ("checksumFileName" IS NULL)),
  ADD CHECK (origin = 'built' OR url IS NOT NULL),
  ADD CHECK (url ~ '^https?://'),
  ADD CHECK ("progressDone" >= 0), ADD CHECK ("progressTotal" >= 0), ADD CHECK ("progressUnit" IN ('bytes', 'steps'));
ALTER TABLE "ImageCopy"
  ADD CHECK (state IN ('absent', 'downloading', 'verifying', 'ready', 'failed')), ADD CHECK ("progressDone" >= 0), ADD CHECK ("progressTotal" >= 0);
ALTER TABLE "Network"
  ADD CHECK (name <> ''),
  ADD CHECK (kind IN ('nat', 'bridge', 'isolated')),
  ADD CHECK (state IN ('pending', 'ready', 'failed')),
  ADD CHECK (mtu BETWEEN 576 AND 9216),
  ADD CHECK ((kind = 'bridge') = ("bridgeInterface" IS NOT NULL)),
  ADD CHECK (length("bridgeInterface") BETWEEN 1 AND 15),
  ADD CHECK (kind = 'bridge' OR "ipv4Cidr" IS NOT NULL OR "ipv6Cidr" IS NOT NULL),
  ADD CHECK (family("ipv4Cidr"::cidr) = 4), ADD CHECK (family("ipv6Cidr"::cidr) = 6),
  ADD CHECK (("ipv4Cidr" IS NULL) = ("ipv4Gateway" IS NULL) OR kind = 'bridge'),
  ADD CHECK ("ipv4Gateway"::inet <<= "ipv4Cidr"::cidr), ADD CHECK ("ipv6Gateway"::inet <<= "ipv6Cidr"::cidr);

-- Instances: intent.
ALTER TABLE "Instance"
  ADD CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  ADD CHECK (desired IN ('running', 'stopped', 'paused', 'gone')),
  ADD CHECK ("desiredGeneration" >= 1),
  ADD CHECK ("powerKind" IN ('reboot', 'reset')),
  ADD CHECK (("powerRequestId" IS NULL) = ("powerKind" IS NULL) AND ("powerRequestId" IS NULL) = ("powerExpiresAt" IS NULL)),
  ADD CHECK ("stopGraceMs" BETWEEN 0 AND 3600000),
  ADD CHECK (vcpus BETWEEN 1 AND 256),
  ADD CHECK ("memoryBytes" >= 67108864),
  ADD CHECK ("diskBytes" > 0),
  ADD CHECK (firmware IN ('bios', 'uefi')),
  ADD CHECK (jsonb_typeof("sshKeys") = 'array'), ADD CHECK (jsonb_typeof(tags) = 'object'),
  ADD CHECK ("deletedAt" IS NULL OR desired = 'gone');
ALTER TABLE "Nic"
  ADD CHECK (position BETWEEN 0 AND 7),
  ADD CHECK ("macAddress" ~ '^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$'),
  ADD CHECK ("addressMode" IN ('assigned', 'learned')),
  ADD CHECK (family(ipv4::inet) = 4), ADD CHECK (family(ipv6::inet) = 6);

-- Instances: observation.
ALTER TABLE "InstanceRuntime"
  ADD CHECK ("observedState" IN ('absent', 'preparing', 'starting', 'running', 'paused', 'stopping', 'rebooting', 'stopped', 'crashed', 'failed', 'deleting', 'gone')),
  ADD CHECK ("observedGeneration" >= 0), ADD CHECK ("appliedGeneration" >= 0);
ALTER TABLE "InstanceStep"
  ADD CHECK (boot >= 0), ADD CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'skipped')),
  ADD CHECK ("progressDone" >= 0), ADD CHECK ("progressTotal" >= 0), ADD CHECK ("progressUnit" IN ('bytes', 'steps'));

-- Operations: one that ended says when, one that has not does not.
ALTER TABLE "Operation"
  ADD CHECK (state IN ('pending', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
  ADD CHECK (kind IN ('instance.create', 'instance.start', 'instance.stop', 'instance.forceStop', 'instance.reboot', 'instance.reset',
    'instance.pause', 'instance.resume', 'instance.delete', 'image.build', 'host.remove')),
  ADD CHECK (("endedAt" IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled'))),
  ADD CHECK ("targetGeneration" >= 1),
  ADD CHECK ("revertDesired" IN ('running', 'stopped', 'paused'));
ALTER TABLE "OperationStep" ADD CHECK (position >= 0), ADD CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'skipped'));

-- A name is free again once its holder is deleted.
CREATE UNIQUE INDEX "Instance_live_name_key" ON "Instance" ("organizationId", name) WHERE "deletedAt" IS NULL;
CREATE UNIQUE INDEX "Network_live_name_key" ON "Network" ("hostId", name) WHERE "deletedAt" IS NULL;
CREATE UNIQUE INDEX "Network_one_default_key" ON "Network" ("hostId") WHERE "isDefault" AND "deletedAt" IS NULL;
-- A LAN bridge carries one network of ours.
CREATE UNIQUE INDEX "Network_live_bridge_key" ON "Network" ("hostId", "bridgeInterface") WHERE "deletedAt" IS NULL;

-- Lists, newest first, of what is not deleted. A plain index on "deletedAt" would keep no order: IS NULL is no equality to the planner.
CREATE INDEX "Instance_live_created_idx" ON "Instance" ("organizationId", "createdAt" DESC, id DESC) WHERE "deletedAt" IS NULL;
