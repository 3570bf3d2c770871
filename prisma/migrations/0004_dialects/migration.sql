-- What a guest's metadata looks like: chosen per image with a reason, kept per instance.
ALTER TABLE "Image"
  ADD COLUMN "dialect" TEXT NOT NULL DEFAULT 'openstack',
  ADD COLUMN "dialectReason" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "metadataTokens" TEXT NOT NULL DEFAULT 'optional',
  ADD CHECK ("dialect" IN ('openstack', 'ec2', 'digitalocean', 'nocloud')),
  ADD CHECK ("metadataTokens" = 'optional' OR ("metadataTokens" = 'required' AND "dialect" = 'ec2'));

ALTER TABLE "Instance"
  ADD COLUMN "dialect" TEXT NOT NULL DEFAULT 'openstack',
  ADD COLUMN "metadataTokens" TEXT NOT NULL DEFAULT 'optional',
  ADD COLUMN "metadataHopLimit" INTEGER NOT NULL DEFAULT 1,
  ADD CHECK ("dialect" IN ('openstack', 'ec2', 'digitalocean', 'nocloud')),
  ADD CHECK ("metadataTokens" = 'optional' OR ("metadataTokens" = 'required' AND "dialect" = 'ec2')),
  ADD CHECK ("metadataHopLimit" BETWEEN 1 AND 64);

-- Addresses that NICs were given by their LAN's DHCP server, as the host saw it.
ALTER TABLE "InstanceRuntime"
  ADD COLUMN "learnedAddresses" JSONB NOT NULL DEFAULT '{}',
  ADD CHECK (jsonb_typeof("learnedAddresses") = 'object');
