-- Resize and rebuild: what an instance was before, to return to when its host never carries it out; which disks a rebuilt one took the place of.
ALTER TABLE "Instance"
  ADD COLUMN "replacesVolumeIds" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  ADD CHECK (cardinality("replacesVolumeIds") <= 10),
  ADD CHECK (NOT ("volumeId" = ANY("replacesVolumeIds")));
ALTER TABLE "InstanceRuntime" ADD COLUMN "disk" JSONB;
ALTER TABLE "Operation"
  ADD COLUMN "revertMachine" JSONB,
  DROP CONSTRAINT "Operation_kind_check",
  ADD CONSTRAINT "Operation_kind_check" CHECK (kind IN ('instance.create', 'instance.start', 'instance.stop', 'instance.forceStop', 'instance.reboot',
    'instance.reset', 'instance.pause', 'instance.resume', 'instance.reprovision', 'instance.resize', 'instance.rebuild', 'instance.delete',
    'image.build', 'host.remove')),
  ADD CONSTRAINT "Operation_revertMachine_check" CHECK ("revertMachine" IS NULL OR (kind IN ('instance.resize', 'instance.rebuild') AND "endedAt" IS NULL));

-- Cordoned: no new instances are placed there.
ALTER TABLE "Host"
  ADD COLUMN "cordonedAt" TIMESTAMP(3),
  ADD COLUMN "cordonReason" TEXT,
  ADD COLUMN "cordonedById" TEXT,
  ADD CONSTRAINT "Host_cordon_check" CHECK (("cordonedAt" IS NULL) = ("cordonReason" IS NULL) AND ("cordonedAt" IS NOT NULL OR "cordonedById" IS NULL));

ALTER TABLE "Organization"
  ADD COLUMN "placementStrategy" TEXT NOT NULL DEFAULT 'spread',
  ADD CONSTRAINT "Organization_placementStrategy_check" CHECK ("placementStrategy" IN ('spread', 'pack'));

ALTER TABLE "ImageCopy" ADD COLUMN "path" TEXT, ADD COLUMN "sizeBytes" BIGINT, ADD CHECK ("sizeBytes" >= 0);

-- The audit list: newest first, of one actor, action, or thing.
CREATE INDEX "AuditEvent_organizationId_actorId_id_idx" ON "AuditEvent"("organizationId", "actorId", "id" DESC);
CREATE INDEX "AuditEvent_organizationId_action_id_idx" ON "AuditEvent"("organizationId", "action", "id" DESC);
CREATE INDEX "AuditEvent_organizationId_targetId_id_idx" ON "AuditEvent"("organizationId", "targetId", "id" DESC);
CREATE INDEX "AuditEvent_organizationId_at_idx" ON "AuditEvent"("organizationId", "at" DESC);
