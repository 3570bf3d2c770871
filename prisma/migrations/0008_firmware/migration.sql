-- Firmware is chosen per instance, with Secure Boot and a TPM.
ALTER TABLE "Instance"
  ADD COLUMN "secureBoot" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "tpm" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "Instance" ADD CHECK (NOT "secureBoot" OR "firmware" = 'uefi');
