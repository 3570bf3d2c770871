-- A LAN network names a bridge that is there, or an interface of which its host makes one.
ALTER TABLE "Network" ADD COLUMN "uplinkInterface" TEXT;

-- (kind = 'bridge') = ("bridgeInterface" IS NOT NULL), as 0001 left PostgreSQL to name it.
ALTER TABLE "Network" DROP CONSTRAINT "Network_check";
ALTER TABLE "Network"
  ADD CONSTRAINT "Network_bridge_check" CHECK ((kind = 'bridge') = (num_nonnulls("bridgeInterface", "uplinkInterface") = 1)),
  ADD CONSTRAINT "Network_one_way_check" CHECK (num_nonnulls("bridgeInterface", "uplinkInterface") <= 1),
  ADD CONSTRAINT "Network_uplinkInterface_check" CHECK ("uplinkInterface" ~ '^[a-zA-Z0-9_.-]{1,15}$');

-- An interface is in one bridge.
CREATE UNIQUE INDEX "Network_live_uplink_key" ON "Network" ("hostId", "uplinkInterface") WHERE "deletedAt" IS NULL;
