"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, RotateCw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { useNow } from "@/ui/clock";
import { CodeLine, CopyValue } from "@/ui/copy-button";
import { Countdown } from "@/ui/relative-time";
import { Spinner } from "@/ui/spinner";
import { HostStateBadge } from "./host-state";
import { SiteChoice } from "./site-choice";

interface Created {
  enrolment: { id: string; expiresAt: Date };
  command: string;
  scriptSha256: string;
}

/** One command to copy, and then the page waits for the machine to appear. */
export function AddHostPage() {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("host.manage");
  const [siteId, setSiteId] = useState<`site-${string}` | null>(null);
  const sites = useQuery(trpc.site.list.queryOptions({ organizationId }));
  const create = useMutation(trpc.enrolment.create.mutationOptions());
  const chosen = siteId ?? sites.data?.[0]?.id ?? null;
  return (
    <Page title={t("add.title")} crumbs={[{ label: t("title"), href: paths.hosts(organizationId) }]} description={t("add.description")}>
      <div className="flex max-w-3xl flex-col gap-5">
        <Section title={t("add.where")}>
          <QueryView query={sites} what={t("whatSites")}>
            {(data) => <SiteChoice sites={data} value={chosen} onChange={setSiteId} />}
          </QueryView>
          <div className="mt-4">
            <Button
              variant={create.data ? "secondary" : "primary"}
              loading={create.isPending}
              disabledReason={denial ?? (chosen === null ? t("add.chooseSite") : null)}
              onClick={() => {
                if (chosen !== null) create.mutate({ organizationId, siteId: chosen });
              }}
            >
              {create.data ? t("add.makeAnother") : t("add.makeCommand")}
            </Button>
          </div>
          {create.error ? <ErrorNotice error={create.error} className="mt-4" /> : null}
        </Section>
        {create.data ? (
          <CommandSections created={create.data} onAgain={() => chosen !== null && create.mutate({ organizationId, siteId: chosen })} />
        ) : null}
      </div>
    </Page>
  );
}

function CommandSections({ created, onAgain }: { created: Created; onAgain: () => void }) {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const now = useNow();
  const enrolments = useQuery(trpc.enrolment.list.queryOptions({ organizationId }));
  const hosts = useQuery(trpc.host.list.queryOptions({ organizationId }));
  const enrolment = enrolments.data?.find((each) => each.id === created.enrolment.id);
  const host = enrolment?.hostId ? hosts.data?.find((each) => each.id === enrolment.hostId) : undefined;
  const used = enrolment?.usedAt !== null && enrolment?.usedAt !== undefined;
  const expired = !used && now !== null && now >= created.enrolment.expiresAt.getTime();
  return (
    <>
      <Section
        title={t("add.run")}
        aside={
          used || expired ? null : (
            <p className="text-[0.8125rem] text-ink-3">
              {t.rich("add.goodFor", { countdown: () => <Countdown until={created.enrolment.expiresAt} /> })}
            </p>
          )
        }
      >
        <CodeLine code={created.command} label={t("add.copyCommand")} />
        <p className="mt-3 text-pretty text-[0.8125rem] text-ink-3">{t("add.whatItDoes")}</p>
        <p className="mt-2 min-w-0 text-[0.8125rem] text-ink-3">
          {t.rich("add.checksum", { value: () => <CopyValue value={created.scriptSha256} label={t("add.copyChecksum")} /> })}
        </p>
      </Section>
      <Section title={t("add.wait")}>
        <div aria-live="polite">
          {host?.state === "online" ? (
            <div className="flex flex-wrap items-center justify-between gap-4">
              <p className="flex items-center gap-2 font-medium text-good">
                <CircleCheck aria-hidden className="size-5" />
                {t("add.online", { name: host.name })}
              </p>
              <Button asChild variant="primary">
                <Link href={paths.host(organizationId, host.id)}>{t("add.open", { name: host.name })}</Link>
              </Button>
            </div>
          ) : host ? (
            <p className="flex items-center gap-2.5">
              <Spinner className="size-4 text-accent-ink" />
              {t("add.enrolled", { name: host.name })} <HostStateBadge state={host.state} />
            </p>
          ) : expired ? (
            <Alert
              tone="warn"
              title={t("add.expired")}
              action={
                <Button size="sm" onClick={onAgain}>
                  <RotateCw aria-hidden />
                  {t("add.makeNew")}
                </Button>
              }
            >
              {t("add.expiredHint")}
            </Alert>
          ) : (
            <p className="flex items-center gap-2.5 text-ink-2">
              <Spinner className="size-4 text-accent-ink" />
              {t("add.waiting")}
            </p>
          )}
        </div>
      </Section>
    </>
  );
}
