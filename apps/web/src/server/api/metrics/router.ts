import { MetricRange, MetricsView } from "@indium/contract/api/metric-views";
import { HostId, InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { readHostMetrics, readInstanceMetrics } from "../../services/metrics-read";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

const question = {
  range: MetricRange.default("1h"),
  /** Only what is new: steps from this time on, ms. */
  since: z.number().int().min(0).optional(),
};

export const metricsRouter = createRouter({
  host: organizationProcedure("host.read", z.object({ hostId: HostId, ...question }), organizationOf.host, "host")
    .output(MetricsView)
    .query(({ ctx, input }) => readHostMetrics(ctx.db, input.hostId, input, ctx.now().getTime())),
  instance: organizationProcedure("instance.read", z.object({ instanceId: InstanceId, ...question }), organizationOf.instance, "instance")
    .output(MetricsView)
    .query(({ ctx, input }) => readInstanceMetrics(ctx.db, input.instanceId, input, ctx.now().getTime())),
});
