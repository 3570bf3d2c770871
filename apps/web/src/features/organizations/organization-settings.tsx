"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { CopyValue } from "@/ui/copy-button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { useToast } from "@/ui/toast";
import { PlacementSettings } from "./placement-settings";

export function OrganizationSettings() {
  const t = useTranslations("organizations.general");
  const common = useTranslations("common");
  const say = useKnownWords();
  const organization = useOrganization();
  const denial = useDenial("organization.update");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(organization.name);
  const update = useMutation({
    ...trpc.organization.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      toast.show({ tone: "good", title: common("saved") });
    },
  });
  const fromServer = serverFieldErrors(update.error, ["name"], say);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (denial === null && name.trim() !== "") update.mutate({ organizationId: organization.id, name: name.trim() });
  };
  return (
    <div className="flex flex-col gap-6">
      <Section title={t("title")} description={t("description")}>
        <form method="post" className="flex max-w-md flex-col gap-4" onSubmit={submit}>
          <Field label={common("name")} error={fromServer?.name ?? (name.trim() === "" ? t("nameIt") : null)}>
            <Input
              maxLength={100}
              readOnly={denial !== null}
              value={name}
              onChange={(event) => {
                update.reset();
                setName(event.target.value);
              }}
            />
          </Field>
          {update.error !== null && fromServer === null ? <ErrorNotice error={update.error} /> : null}
          <div>
            <Button
              type="submit"
              variant="primary"
              loading={update.isPending}
              disabledReason={denial ?? (name.trim() === organization.name ? common("nameIsTheSame") : null)}
            >
              {common("save")}
            </Button>
          </div>
        </form>
      </Section>
      <PlacementSettings />
      <Section title={t("about")}>
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[10rem_1fr]">
          <dt className="text-ink-3">{t("id")}</dt>
          <dd>
            <CopyValue value={organization.id} label={t("copyId")} />
          </dd>
          <dt className="text-ink-3">{t("yourRole")}</dt>
          <dd className="first-letter:uppercase">
            {organization.viaProvider && organization.providerName !== null
              ? common("roleThrough", { role: common(`roles.${organization.role}`), provider: organization.providerName })
              : common(`roles.${organization.role}`)}
          </dd>
          <dt className="text-ink-3">{common("managedBy")}</dt>
          <dd>{organization.providerName ?? t("ownMembersOnly")}</dd>
          {organization.isProvider ? (
            <>
              <dt className="text-ink-3">{common("provider")}</dt>
              <dd>{t("isProvider", { name: organization.name })}</dd>
            </>
          ) : null}
        </dl>
      </Section>
    </div>
  );
}
