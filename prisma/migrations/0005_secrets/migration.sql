-- Secrets that end with the first boot, live changes, and re-provisioning.
ALTER TABLE "Instance"
  ADD COLUMN "wishGeneration" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "pendingSecretsCiphertext" TEXT,
  ADD COLUMN "pendingHasPassword" BOOLEAN,
  ADD COLUMN "pendingHasUserData" BOOLEAN,
  ADD COLUMN "guestAgent" TEXT NOT NULL DEFAULT 'cloud-init';
UPDATE "Instance" SET "wishGeneration" = "desiredGeneration";
UPDATE "Instance" SET "guestAgent" = 'none' FROM "Image" WHERE "Image".id = "Instance"."imageId" AND NOT "Image"."cloudInit";
ALTER TABLE "Instance"
  ADD CHECK ("wishGeneration" >= 1),
  ADD CHECK ("guestAgent" IN ('cloud-init', 'none')),
  ADD CHECK (("pendingHasPassword" IS NULL) = ("pendingHasUserData" IS NULL)),
  ADD CHECK (("pendingSecretsCiphertext" IS NOT NULL) = (coalesce("pendingHasPassword", false) OR coalesce("pendingHasUserData", false)));

ALTER TABLE "InstanceRuntime"
  ADD COLUMN "guestUuid" TEXT,
  ADD COLUMN "secretsServedUntil" TIMESTAMP(3),
  ADD COLUMN "secretsSealedAt" TIMESTAMP(3),
  ADD COLUMN "secretsSealedBy" TEXT,
  ADD CHECK ("secretsSealedBy" IN ('cloud-init', 'phone-home', 'time-limit')),
  ADD CHECK (("secretsSealedAt" IS NULL) = ("secretsSealedBy" IS NULL)),
  ADD CHECK ("guestUuid" IS NOT NULL OR ("secretsSealedAt" IS NULL AND "secretsServedUntil" IS NULL));

ALTER TABLE "Operation"
  ADD COLUMN "revertGuest" JSONB,
  DROP CONSTRAINT "Operation_kind_check",
  ADD CONSTRAINT "Operation_kind_check" CHECK (kind IN ('instance.create', 'instance.start', 'instance.stop', 'instance.forceStop', 'instance.reboot',
    'instance.reset', 'instance.pause', 'instance.resume', 'instance.reprovision', 'instance.delete', 'image.build', 'host.remove')),
  ADD CHECK ("revertGuest" IS NULL OR (kind = 'instance.reprovision' AND "endedAt" IS NULL));
