-- What hosts measure (docs/metrics.md). A schema of its own: none of it is intent, a backup may leave it out, and Prisma need not know it.
-- Rows are only ever inserted; what is old goes by its whole partition. Values are arrays in the order of METRICS; NULL inside is "not measured".
CREATE SCHEMA "metrics";

-- One row for each host and slot of 15 seconds: its own values, and those of its instances, `width` to each, one instance after the other.
-- The key is what makes a sample that comes twice, or to two web processes, count once. Partitions of an hour.
CREATE TABLE "metrics"."raw" (
  "host" TEXT NOT NULL,
  "slot" TIMESTAMPTZ(0) NOT NULL,
  "hostValues" REAL[] NOT NULL,
  "instances" TEXT[] NOT NULL,
  "width" SMALLINT NOT NULL,
  "instanceValues" REAL[] NOT NULL,
  CONSTRAINT "raw_pkey" PRIMARY KEY ("host", "slot"),
  CHECK ("host" ~ '^h-[0-9a-f]{17}$'),
  CHECK (extract(epoch FROM "slot")::bigint % 15 = 0),
  CHECK ("width" >= 0 AND cardinality("instanceValues") = cardinality("instances") * "width")
) PARTITION BY RANGE ("slot");

-- One row for each host or instance and hour: metric after metric, 60 minutes each. Partitions of a day.
CREATE TABLE "metrics"."minute" (
  "subject" TEXT NOT NULL,
  "start" TIMESTAMPTZ(0) NOT NULL,
  "values" REAL[] NOT NULL,
  CONSTRAINT "minute_pkey" PRIMARY KEY ("subject", "start"),
  CHECK ("subject" ~ '^[hi]-[0-9a-f]{17}$'),
  CHECK (extract(epoch FROM "start")::bigint % 3600 = 0),
  CHECK (cardinality("values") % 60 = 0)
) PARTITION BY RANGE ("start");

-- One row for each host or instance and day: metric after metric, 96 quarters of an hour each. Partitions of a month.
CREATE TABLE "metrics"."quarter" (
  "subject" TEXT NOT NULL,
  "start" TIMESTAMPTZ(0) NOT NULL,
  "values" REAL[] NOT NULL,
  CONSTRAINT "quarter_pkey" PRIMARY KEY ("subject", "start"),
  CHECK ("subject" ~ '^[hi]-[0-9a-f]{17}$'),
  CHECK (extract(epoch FROM "start")::bigint % 86400 = 0),
  CHECK (cardinality("values") % 96 = 0)
) PARTITION BY RANGE ("start");

-- Hours of `minute` and days of `quarter` that are complete. A chart reads each stretch of time from one tier alone.
CREATE TABLE "metrics"."rolled" (
  "tier" TEXT NOT NULL,
  "start" TIMESTAMPTZ(0) NOT NULL,
  CONSTRAINT "rolled_pkey" PRIMARY KEY ("tier", "start"),
  CHECK ("tier" IN ('minute', 'quarter'))
);
