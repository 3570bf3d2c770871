-- Where hosts and browsers reach each relay (null: where they reach web), when it was heard of last, and since when it lets its hosts go.
ALTER TABLE "Relay"
  ADD COLUMN "publicUrl" TEXT,
  ADD COLUMN "lastSeenAt" TIMESTAMP(3),
  ADD COLUMN "drainingSince" TIMESTAMP(3),
  ADD CHECK (length("publicUrl") <= 300 AND "publicUrl" ~ '^https?://[^/?#]+$');
