-- A network may be one VLAN of a LAN bridge: IEEE 802.1Q's ids, of which 0 and 4095 are reserved.
ALTER TABLE "Network" ADD COLUMN "vlanId" INTEGER;
ALTER TABLE "Network"
  ADD CHECK ("vlanId" BETWEEN 1 AND 4094),
  ADD CHECK ("vlanId" IS NULL OR "bridgeInterface" IS NOT NULL);

-- A LAN bridge carries one network of ours untagged, and one in each of its VLANs.
DROP INDEX "Network_live_bridge_key";
CREATE UNIQUE INDEX "Network_live_bridge_key" ON "Network" ("hostId", "bridgeInterface", (coalesce("vlanId", 0))) WHERE "deletedAt" IS NULL;
