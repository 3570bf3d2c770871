-- Chosen per instance: a clipboard shared with the console keeps a VM from being moved while it runs.
ALTER TABLE "Instance" ADD COLUMN "desktop" BOOLEAN NOT NULL DEFAULT false;
