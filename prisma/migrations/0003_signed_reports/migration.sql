-- The number of the last signed sample of use within the host's present link: an older one is not shown again as the newest.
ALTER TABLE "Host" ADD COLUMN "usageNumber" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Host" ADD CHECK ("usageNumber" >= 0);
