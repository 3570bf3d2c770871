"use client";

import { NewSize } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { issueWords } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

const GIB = 1024 ** 3;
const AMOUNTS = [
  { field: "vcpus", label: "add.vcpus", unit: 1, step: 1 },
  { field: "memoryBytes", label: "add.memory", unit: GIB, step: 0.5 },
  { field: "diskBytes", label: "add.disk", unit: GIB, step: 1 },
] as const;

export function AddSizeDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("sizes");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [amounts, setAmounts] = useState({ vcpus: "2", memoryBytes: "4", diskBytes: "40" });
  const [shown, setShown] = useState(false);
  const create = useMutation({
    ...trpc.size.create.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.size.list.pathFilter());
      onClose();
    },
  });
  const parsed = NewSize.safeParse({
    name,
    ...Object.fromEntries(AMOUNTS.map(({ field, unit }) => [field, Math.round(Number.parseFloat(amounts[field]) * unit)])),
  });
  const wire = create.error === null ? null : wireErrorOf(create.error);
  const problemOf = (field: string): string | null => {
    if (wire?.field === field) return say(wire.message);
    const issue = shown ? parsed.error?.issues.find(({ path }) => path[0] === field) : undefined;
    return issue === undefined ? null : issue.code === "invalid_type" ? t("add.giveNumber") : issueWords(issue, say);
  };
  return (
    <FormDialog
      open
      onClose={onClose}
      title={t("add.title")}
      description={t("add.description")}
      submitLabel={t("add.title")}
      pending={create.isPending}
      onSubmit={() => {
        setShown(true);
        if (parsed.success) create.mutate(parsed.data);
      }}
    >
      <Field label={common("name")} error={problemOf("name")}>
        <Input autoFocus maxLength={40} placeholder={t("add.placeholder")} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-3">
        {AMOUNTS.map(({ field, label, step }) => (
          <Field key={field} label={t(label)} error={problemOf(field)}>
            <Input
              type="number"
              inputMode="decimal"
              min={step}
              step={step}
              value={amounts[field]}
              onChange={(event) => setAmounts({ ...amounts, [field]: event.target.value })}
            />
          </Field>
        ))}
      </div>
      {wire !== null && wire.field === undefined ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
