"use client";

import type { NetworkKind } from "@indium/contract/network";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { RadioCards } from "@/ui/radio-cards";
import { Select } from "@/ui/select";
import { type LanChoice, LanChoiceField, lanChoices } from "./lan-choice";

const KINDS: readonly NetworkKind[] = ["nat", "isolated", "bridge"];
const EMPTY = {
  name: "",
  kind: "nat" as NetworkKind,
  hostId: "",
  ipv4Cidr: "",
  lan: null as LanChoice | null,
  vlanId: "",
  confirmed: false,
};

export function CreateNetworkDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations("networks");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [form, setForm] = useState(EMPTY);
  const hosts = useQuery(trpc.host.list.queryOptions({ organizationId }));
  const networks = useQuery(trpc.network.list.queryOptions({ organizationId }));
  const create = useMutation({
    ...trpc.network.create.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.network.list.pathFilter());
      onOpenChange(false);
    },
  });
  const { reset } = create;
  useEffect(() => {
    if (!open) return;
    setForm(EMPTY);
    reset();
  }, [open, reset]);
  const change = (part: Partial<typeof EMPTY>) => setForm({ ...form, ...part });
  const host = hosts.data?.find((each) => each.id === form.hostId) ?? hosts.data?.[0];
  const nics = host?.facts?.nics ?? [];
  const taken = new Map(
    networks.data?.flatMap(({ hostId, uplinkInterface, name }) =>
      hostId === host?.id && uplinkInterface !== null ? [[uplinkInterface, name] as const] : [],
    ),
  );
  // A bridge that is there needs no thought; the host's own interface is never chosen for anybody.
  const lan = form.lan ?? lanChoices(nics, taken, t).find(({ choice }) => choice.kind === "bridge")?.choice ?? null;
  const wire = create.error === null ? null : wireErrorOf(create.error);
  const at = (field: string) => (wire?.field === field ? say(wire.message) : null);
  const vlanMistake = isVlan(form.vlanId.trim()) ? null : t("form.vlanMistake");
  const refusal =
    form.name.trim() === ""
      ? t("form.nameFirst")
      : host === undefined
        ? t("form.hostFirst")
        : form.kind !== "bridge"
          ? null
          : lan === null
            ? t("form.wayFirst")
            : lan.kind === "uplink" && !form.confirmed
              ? t("form.confirmFirst", { uplink: lan.name })
              : lan.kind === "bridge"
                ? vlanMistake
                : null;
  return (
    <FormDialog
      wide
      open={open}
      onClose={() => onOpenChange(false)}
      title={t("create")}
      submitLabel={t("create")}
      pending={create.isPending}
      disabledReason={refusal}
      onSubmit={() => {
        if (host === undefined) return;
        create.mutate({
          hostId: host.id,
          name: form.name.trim(),
          kind: form.kind,
          ipv4Cidr: form.kind === "bridge" || form.ipv4Cidr.trim() === "" ? null : form.ipv4Cidr.trim(),
          bridgeInterface: form.kind === "bridge" && lan?.kind === "bridge" ? lan.name : null,
          uplinkInterface: form.kind === "bridge" && lan?.kind === "uplink" ? lan.name : null,
          vlanId: form.kind === "bridge" && lan?.kind === "bridge" && form.vlanId.trim() !== "" ? Number(form.vlanId) : null,
        });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={common("name")} error={at("name")}>
          <Input
            autoFocus
            maxLength={100}
            autoComplete="off"
            value={form.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </Field>
        <Field label={common("host")} error={at("hostId")}>
          <Select value={host?.id ?? ""} onChange={(event) => change({ hostId: event.target.value, lan: null, confirmed: false })}>
            {hosts.data?.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <RadioCards
        label={common("kind")}
        value={form.kind}
        onValueChange={(kind) => change({ kind })}
        columns={1}
        options={KINDS.map((kind) => ({
          value: kind,
          title: <span className="inline-block first-letter:uppercase">{t(`kinds.${kind}.label`)}</span>,
          description: t(`kinds.${kind}.sentence`),
        }))}
      />
      {form.kind === "bridge" ? (
        <LanChoiceField
          hostName={host?.name ?? ""}
          nics={nics}
          taken={taken}
          value={lan}
          onValueChange={(choice) => change({ lan: choice, confirmed: false })}
          confirmed={form.confirmed}
          onConfirmedChange={(confirmed) => change({ confirmed })}
          error={at("bridgeInterface") ?? at("uplinkInterface")}
        />
      ) : (
        <Field label={t("form.addresses")} optional error={at("ipv4Cidr")} hint={t("form.addressesHint")}>
          <Input
            mono
            maxLength={18}
            placeholder="10.80.5.0/24"
            value={form.ipv4Cidr}
            onChange={(event) => change({ ipv4Cidr: event.target.value })}
          />
        </Field>
      )}
      {form.kind === "bridge" && lan?.kind === "bridge" ? (
        <Field label="VLAN" optional error={vlanMistake ?? at("vlanId")} hint={t("form.vlanHint")}>
          <Input mono inputMode="numeric" maxLength={4} value={form.vlanId} onChange={(event) => change({ vlanId: event.target.value })} />
        </Field>
      ) : null}
      {wire !== null && !["name", "hostId", "ipv4Cidr", "bridgeInterface", "uplinkInterface", "vlanId"].includes(wire.field ?? "") ? (
        <ErrorNotice error={create.error} />
      ) : null}
    </FormDialog>
  );
}

const isVlan = (text: string): boolean => text === "" || (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 4094);
