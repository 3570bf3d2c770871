"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { serverFieldErrors } from "@/lib/form-errors";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { CopyValue } from "@/ui/copy-button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { useToast } from "@/ui/toast";
import { PlacementSettings } from "./placement-settings";

export function OrganizationSettings() {
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
      toast.show({ tone: "good", title: "Saved" });
    },
  });
  const fromServer = serverFieldErrors(update.error, ["name"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (denial === null && name.trim() !== "") update.mutate({ organizationId: organization.id, name: name.trim() });
  };
  return (
    <div className="flex flex-col gap-6">
      <Section title="Organization" description="Who the hosts and instances belong to.">
        <form className="flex max-w-md flex-col gap-4" onSubmit={submit}>
          <Field label="Name" error={fromServer?.name ?? (name.trim() === "" ? "Name the organization." : null)}>
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
              disabledReason={denial ?? (name.trim() === organization.name ? "The name is the same." : null)}
            >
              Save
            </Button>
          </div>
        </form>
      </Section>
      <PlacementSettings />
      <Section title="About">
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[10rem_1fr]">
          <dt className="text-ink-3">Id</dt>
          <dd>
            <CopyValue value={organization.id} label="Copy the organization's id" />
          </dd>
          <dt className="text-ink-3">Your role</dt>
          <dd className="capitalize">
            {organization.role}
            {organization.viaProvider && organization.providerName !== null ? (
              <span className="normal-case"> through {organization.providerName}</span>
            ) : null}
          </dd>
          <dt className="text-ink-3">Managed by</dt>
          <dd>{organization.providerName ?? "its own members only"}</dd>
          {organization.isProvider ? (
            <>
              <dt className="text-ink-3">Provider</dt>
              <dd>Members of {organization.name} have their role in the organizations it manages, too.</dd>
            </>
          ) : null}
        </dl>
      </Section>
    </div>
  );
}
