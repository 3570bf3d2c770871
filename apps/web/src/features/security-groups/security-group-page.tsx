"use client";

import type { SecurityGroupView, SecurityRuleInput } from "@indium/contract/api/security-group-views";
import type { SecurityDirection } from "@indium/contract/security-group";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useSchema } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { useToast } from "@/ui/toast";
import { draftOf, emptyDraft, parseDraft, type RuleDraft } from "./rule-form";
import { RuleRow } from "./rule-row";

export function SecurityGroupPage({ securityGroupId }: { securityGroupId: `sg-${string}` }) {
  const t = useTranslations("securityGroups");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const group = useQuery(trpc.securityGroup.get.queryOptions({ securityGroupId }));
  const groups = useQuery(trpc.securityGroup.list.queryOptions({ organizationId }));
  const schema = useSchema(loadSchema);
  return (
    <Page
      width="wide"
      title={group.data?.name ?? t("page.title")}
      crumbs={[{ label: t("title"), href: paths.securityGroups(organizationId) }]}
      badges={group.data?.isDefault === true ? <Badge>{common("default")}</Badge> : null}
      description={group.data?.description}
    >
      <QueryView query={schema === null ? { ...group, data: undefined } : group} what={t("page.this")}>
        {(data) => schema && <Rules key={JSON.stringify(data.rules)} schema={schema} group={data} groups={groups.data ?? [data]} />}
      </QueryView>
    </Page>
  );
}

const loadSchema = () => import("@indium/contract/api/security-group-views").then((module) => module.SecurityRuleInput);

const DIRECTIONS = ["in", "out"] as const;

interface RulesProps {
  schema: typeof SecurityRuleInput;
  group: SecurityGroupView;
  groups: readonly SecurityGroupView[];
}

function Rules({ schema, group, groups }: RulesProps) {
  const t = useTranslations("securityGroups.page");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const denial = useDenial("securityGroup.manage");
  const [drafts, setDrafts] = useState<readonly RuleDraft[]>(() => group.rules.map(draftOf));
  const [nextKey, setNextKey] = useState(group.rules.length);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    ...trpc.securityGroup.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.securityGroup.pathFilter());
      toast.show({
        tone: "good",
        title: t("saved", { name: group.name }),
        ...(group.nicCount === 0 ? {} : { description: t("savedHint") }),
      });
    },
  });
  const parsed = drafts.map((draft) => parseDraft(schema, draft, say));
  const rules = parsed.flatMap((each) => ("rule" in each ? [each.rule] : []));
  const changed =
    JSON.stringify(drafts.map(({ key: _, ...draft }) => draft)) !== JSON.stringify(group.rules.map((rule) => strip(draftOf(rule, 0))));
  const add = (direction: SecurityDirection) => {
    setDrafts([...drafts, emptyDraft(direction, nextKey)]);
    setNextKey(nextKey + 1);
  };
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (rules.length < drafts.length) {
          flushSync(() => setTried(true));
          event.currentTarget.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
        } else save.mutate({ securityGroupId: group.id, rules });
      }}
    >
      {DIRECTIONS.map((direction) => (
        <Section key={direction} title={t(`${direction}.title`)} description={t(`${direction}.description`)}>
          {drafts.some((draft) => draft.direction === direction) ? null : <p className="pb-3 text-ink-3">{t(`${direction}.none`)}</p>}
          {drafts.map((draft, index) => {
            const result = parsed[index];
            return draft.direction !== direction ? null : (
              <RuleRow
                key={draft.key}
                draft={draft}
                position={drafts.slice(0, index + 1).filter((each) => each.direction === direction).length}
                errors={tried && result !== undefined && "errors" in result ? result.errors : {}}
                groups={groups}
                onChange={(next) => setDrafts(drafts.map((each) => (each.key === next.key ? next : each)))}
                onRemove={() => setDrafts(drafts.filter((each) => each.key !== draft.key))}
              />
            );
          })}
          <Button size="sm" type="button" disabledReason={denial} onClick={() => add(direction)}>
            <Plus aria-hidden />
            {t(`${direction}.add`)}
          </Button>
        </Section>
      ))}
      {save.error ? <ErrorNotice title={t("notSaved")} error={save.error} /> : null}
      {tried && rules.length < drafts.length ? (
        <Alert tone="bad" title={t("unusable")}>
          {t("unusableHint")}
        </Alert>
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" loading={save.isPending} disabledReason={denial ?? (changed ? null : t("unchanged"))}>
          {t("save")}
        </Button>
        <p className="text-ink-3">{group.nicCount === 0 ? t("unused") : t("holds")}</p>
      </div>
    </form>
  );
}

const strip = ({ key: _, ...draft }: RuleDraft) => draft;
