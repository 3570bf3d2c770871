"use client";

import type { SiteView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { RadioCards } from "@/ui/radio-cards";

interface SiteChoiceProps {
  sites: readonly SiteView[];
  value: `site-${string}` | null;
  onChange: (id: `site-${string}`) => void;
}

/** One of the organization's places, or a new one made there and then. */
export function SiteChoice({ sites, value, onChange }: SiteChoiceProps) {
  const t = useTranslations("hosts");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const denial = useDenial("site.manage");
  const [name, setName] = useState<string | null>(sites.length === 0 ? "" : null);
  const create = useMutation({
    ...trpc.site.create.mutationOptions(),
    onSuccess: async (site) => {
      await queryClient.invalidateQueries(trpc.site.list.pathFilter());
      onChange(site.id);
      setName(null);
    },
  });
  const submit = () => {
    if (name !== null && name.trim() !== "") create.mutate({ organizationId, name: name.trim() });
  };
  return (
    <div className="flex flex-col gap-3">
      {sites.length > 0 ? (
        <RadioCards
          label={t("site")}
          value={value}
          onValueChange={onChange}
          options={sites.map((site) => ({ value: site.id, title: site.name, description: t("count", { count: site.hostCount }) }))}
        />
      ) : null}
      {name === null ? (
        <div>
          <Button size="sm" variant="ghost" disabledReason={denial} onClick={() => setName("")}>
            <Plus aria-hidden />
            {t("siteChoice.new")}
          </Button>
        </div>
      ) : (
        <Field
          label={t("siteChoice.name")}
          hint={t("siteChoice.hint")}
          error={create.error ? say(wireErrorOf(create.error).message) : null}
        >
          <div className="flex max-w-md gap-2">
            <Input
              autoFocus
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") submit();
              }}
            />
            <Button loading={create.isPending} disabledReason={denial ?? (name.trim() === "" ? t("giveName") : null)} onClick={submit}>
              {t("siteChoice.create")}
            </Button>
          </div>
        </Field>
      )}
    </div>
  );
}
