"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { OperationNoun, OperationStateBadge } from "@/features/operations/operation-row";
import { useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { RelativeTime } from "@/ui/relative-time";

export function RecentOperations() {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const operations = useQuery(trpc.operation.list.queryOptions({ organizationId, limit: 5 }));
  return (
    <QueryView query={operations} what={t("whatOperations")}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="p-4 text-ink-3">{t("operations.none")}</p>
        ) : (
          <ul className="divide-y divide-line">
            {items.map((operation) => (
              <li key={operation.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
                <span className="min-w-0 flex-1 basis-40 truncate">
                  <OperationNoun kind={operation.kind} />
                  {operation.instanceId !== null && operation.instanceName !== null ? (
                    <>
                      {" "}
                      <Link
                        href={paths.instance(organizationId, operation.instanceId)}
                        className="rounded underline decoration-line-strong underline-offset-2 hover:decoration-ink"
                      >
                        {operation.instanceName}
                      </Link>
                    </>
                  ) : null}
                </span>
                <OperationStateBadge operation={operation} />
                <RelativeTime date={operation.createdAt} className="whitespace-nowrap text-[0.8125rem] sm:w-28 sm:text-right text-ink-3" />
              </li>
            ))}
          </ul>
        )
      }
    </QueryView>
  );
}
