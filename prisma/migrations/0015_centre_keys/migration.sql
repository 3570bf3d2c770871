-- Which keys this installation's processes work with: one that holds others must not make up an installation of its own beside it.
ALTER TABLE "Installation"
  ADD COLUMN "centreKeyId" TEXT CHECK ("centreKeyId" ~ '^[0-9a-f]{16}$'),
  ADD COLUMN "secretKeyId" TEXT CHECK ("secretKeyId" ~ '^[0-9a-f]{8}$'),
  ADD COLUMN "sessionKeyId" TEXT CHECK ("sessionKeyId" ~ '^[0-9a-f]{16}$');
