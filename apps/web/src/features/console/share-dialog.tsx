"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { RelativeTime } from "@/ui/relative-time";
import { Select } from "@/ui/select";

/** Minutes: a quarter of an hour to a week. */
const LIFETIMES = [15, 60, 480, 1440, 10080] as const;

interface ShareDialogProps {
  instanceId: `i-${string}`;
  name: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Links to watch this console without an account: make one, see those there are, take them back. */
export function ShareDialog({ instanceId, name, open, onOpenChange }: ShareDialogProps) {
  const t = useTranslations("console");
  const trpc = useTRPC();
  const [label, setLabel] = useState("");
  const [minutes, setMinutes] = useState<number>(60);
  const shares = useQuery({ ...trpc.console.shares.queryOptions({ instanceId }), enabled: open });
  const again = { onSettled: () => shares.refetch() };
  const create = useMutation({ ...trpc.console.createShare.mutationOptions(), ...again });
  const revoke = useMutation({ ...trpc.console.revokeShare.mutationOptions(), ...again });
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) create.reset();
        onOpenChange(next);
      }}
      wide
      title={t("sharing.title", { name })}
      description={t("sharing.description")}
      footer={<Button onClick={() => onOpenChange(false)}>{t("sharing.close")}</Button>}
    >
      <form
        method="post"
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ instanceId, label, minutes });
        }}
      >
        <Field label={t("sharing.forWhom")} optional className="grow basis-40">
          <Input
            value={label}
            maxLength={60}
            placeholder={t("sharing.forWhomExample")}
            onChange={(event) => setLabel(event.target.value)}
          />
        </Field>
        <Field label={t("sharing.expiresAfter")} className="w-40">
          <Select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
            {LIFETIMES.map((each) => (
              <option key={each} value={each}>
                {t(`sharing.lifetimes.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" variant="primary" loading={create.isPending}>
          {t("sharing.make")}
        </Button>
      </form>
      {create.error === null ? null : <ErrorNotice error={create.error} className="mt-3" />}
      {create.data === undefined ? null : (
        <Alert tone="good" title={t("sharing.once")} className="mt-4">
          <CodeLine code={create.data.link} label={t("sharing.copy")} className="mt-1.5" />
        </Alert>
      )}
      {shares.error === null ? null : <ErrorNotice error={shares.error} className="mt-3" />}
      {shares.data === undefined || shares.data.length === 0 ? null : (
        <ul aria-label={t("sharing.open")} className="mt-4 divide-y divide-line border-line border-t">
          {shares.data.map((share) => (
            <li key={share.id} className="flex flex-wrap items-center justify-between gap-2 py-2">
              <span className="min-w-0">
                <span className="block font-medium">{share.label === "" ? t("sharing.guest") : share.label}</span>
                <span className="block text-[0.8125rem] text-ink-3">
                  {t.rich("sharing.by", { name: share.createdBy, when: () => <RelativeTime date={share.expiresAt} /> })}
                </span>
              </span>
              <Button
                size="sm"
                variant="dangerQuiet"
                loading={revoke.isPending && revoke.variables.shareId === share.id}
                aria-label={share.label === "" ? t("sharing.revokeForGuest") : t("sharing.revokeFor", { name: share.label })}
                onClick={() => revoke.mutate({ shareId: share.id })}
              >
                {t("sharing.revoke")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoke.error === null ? null : <ErrorNotice error={revoke.error} className="mt-3" />}
    </Dialog>
  );
}
