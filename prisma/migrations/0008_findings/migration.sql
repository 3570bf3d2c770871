-- Why a guest hangs, as its host sees it, and that a picture of its last screen is kept there.
ALTER TABLE "InstanceRuntime"
  ADD COLUMN "findings" JSONB NOT NULL DEFAULT '[]',
  ADD COLUMN "screen" JSONB;

ALTER TABLE "InstanceRuntime"
  ADD CHECK (jsonb_typeof("findings") = 'array'),
  ADD CHECK (jsonb_typeof("screen") = 'object');
