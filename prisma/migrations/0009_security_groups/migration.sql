-- Security groups: what a NIC lets pass. Instances of before have none, and stay unfiltered until they are given one.
CREATE TABLE "SecurityGroup" (
  "id" TEXT NOT NULL,
  "organizationId" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "isDefault" BOOLEAN NOT NULL DEFAULT false,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "SecurityGroup_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "SecurityGroup_organizationId_name_key" ON "SecurityGroup"("organizationId", "name");
CREATE UNIQUE INDEX "SecurityGroup_one_default_key" ON "SecurityGroup"("organizationId") WHERE "isDefault";
ALTER TABLE "SecurityGroup" ADD CONSTRAINT "SecurityGroup_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CHECK (id ~ '^sg-[0-9a-f]{17}$'), ADD CHECK (name <> '');

CREATE TABLE "SecurityGroupRule" (
  "groupId" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "direction" TEXT NOT NULL,
  "protocol" TEXT NOT NULL,
  "fromPort" INTEGER,
  "toPort" INTEGER,
  "cidr" TEXT,
  "remoteGroupId" TEXT,
  "description" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "SecurityGroupRule_pkey" PRIMARY KEY ("groupId", "position")
);
CREATE INDEX "SecurityGroupRule_remoteGroupId_idx" ON "SecurityGroupRule"("remoteGroupId");
ALTER TABLE "SecurityGroupRule"
  ADD CONSTRAINT "SecurityGroupRule_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "SecurityGroup"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "SecurityGroupRule_remoteGroupId_fkey" FOREIGN KEY ("remoteGroupId") REFERENCES "SecurityGroup"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CHECK (direction IN ('in', 'out')),
  ADD CHECK (protocol IN ('any', 'tcp', 'udp', 'icmp')),
  ADD CHECK (("fromPort" IS NULL) = ("toPort" IS NULL)),
  ADD CHECK ("fromPort" IS NULL OR (protocol IN ('tcp', 'udp') AND "fromPort" >= 1 AND "toPort" <= 65535 AND "fromPort" <= "toPort")),
  ADD CHECK ((cidr IS NULL) <> ("remoteGroupId" IS NULL)),
  ADD CHECK (cidr IS NULL OR cidr::cidr IS NOT NULL);

CREATE TABLE "NicSecurityGroup" (
  "nicId" TEXT NOT NULL,
  "groupId" TEXT NOT NULL,
  CONSTRAINT "NicSecurityGroup_pkey" PRIMARY KEY ("nicId", "groupId")
);
CREATE INDEX "NicSecurityGroup_groupId_idx" ON "NicSecurityGroup"("groupId");
ALTER TABLE "NicSecurityGroup"
  ADD CONSTRAINT "NicSecurityGroup_nicId_fkey" FOREIGN KEY ("nicId") REFERENCES "Nic"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "NicSecurityGroup_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "SecurityGroup"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Every organization has its default group: everything out, SSH and ICMP in.
INSERT INTO "SecurityGroup" ("id", "organizationId", "name", "description", "isDefault")
  SELECT 'sg-' || substr(md5(id || random()::text), 1, 17), id, 'default', 'Everything out; SSH and ICMP in.', true FROM "Organization";
INSERT INTO "SecurityGroupRule" ("groupId", "position", "direction", "protocol", "fromPort", "toPort", "cidr", "description")
  SELECT g.id, r.position, r.direction, r.protocol, r.port, r.port, r.cidr, r.description
  FROM "SecurityGroup" g CROSS JOIN (VALUES
    (0, 'out', 'any', NULL::int, '0.0.0.0/0', 'Everything'),
    (1, 'out', 'any', NULL, '::/0', 'Everything'),
    (2, 'in', 'tcp', 22, '0.0.0.0/0', 'SSH'),
    (3, 'in', 'tcp', 22, '::/0', 'SSH'),
    (4, 'in', 'icmp', NULL, '0.0.0.0/0', 'Ping'),
    (5, 'in', 'icmp', NULL, '::/0', 'Ping')
  ) AS r(position, direction, protocol, port, cidr, description) WHERE g."isDefault";
