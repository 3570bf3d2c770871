import type { ApiOutputs } from "@/server/api/root";

export type OrganizationSummary = ApiOutputs["organization"]["listAll"][number];
