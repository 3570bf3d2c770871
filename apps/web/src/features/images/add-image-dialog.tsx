"use client";

import { ImageCreateInput } from "@indium/contract/api/catalogue-views";
import type { Firmware } from "@indium/contract/image";
import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { METADATA_DIALECTS } from "@indium/contract/plain/metadata-dialects";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { issueWords } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { oneOf } from "@/lib/one-of";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Fold } from "@/ui/fold";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

interface AddImageDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const EMPTY = {
  url: "",
  name: "",
  sha256: "",
  defaultUser: "",
  firmware: "bios" as Firmware,
  cloudInit: true,
  dialect: "openstack" as MetadataDialect,
};

/** An image of the user's own, by its address; hosts fetch it when they first need it. */
export function AddImageDialog({ open, onOpenChange }: AddImageDialogProps) {
  const t = useTranslations("images");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [form, setForm] = useState(EMPTY);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const create = useMutation({
    ...trpc.image.create.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.image.list.pathFilter());
      onOpenChange(false);
    },
  });
  const { reset } = create;
  useEffect(() => {
    if (!open) return;
    setForm(EMPTY);
    setProblems({});
    reset();
  }, [open, reset]);
  const wire = create.error === null ? null : wireErrorOf(create.error);
  const error = (field: string) => problems[field] ?? (wire?.field === field ? say(wire.message) : undefined);
  const change = (part: Partial<typeof EMPTY>) => setForm({ ...form, ...part });

  const submit = () => {
    const parsed = ImageCreateInput.safeParse({
      organizationId,
      name: form.name.trim() === "" ? nameFromUrl(form.url) : form.name,
      url: form.url.trim(),
      sha256: form.sha256.trim() === "" ? null : form.sha256.trim().toLowerCase(),
      firmware: form.firmware,
      cloudInit: form.cloudInit,
      dialect: form.dialect,
      ...(form.defaultUser.trim() === "" ? {} : { defaultUser: form.defaultUser.trim() }),
    });
    if (parsed.success) {
      setProblems({});
      create.mutate(parsed.data);
    } else {
      const { name, ...others } = Object.fromEntries(parsed.error.issues.map((issue) => [String(issue.path[0]), issueWords(issue, say)]));
      // Without an address there is nothing yet to call it after.
      setProblems(name === undefined || (others.url !== undefined && form.name.trim() === "") ? others : { name, ...others });
    }
  };

  return (
    <FormDialog
      open={open}
      onClose={() => onOpenChange(false)}
      title={t("add.title")}
      description={t("add.description")}
      submitLabel={t("add.title")}
      pending={create.isPending}
      onSubmit={() => {
        submit();
      }}
    >
      <Field label={t("add.address")} error={error("url")}>
        <Input
          type="url"
          autoFocus
          maxLength={2_000}
          placeholder="https://example.org/cloud.qcow2"
          value={form.url}
          onChange={(event) => change({ url: event.target.value })}
        />
      </Field>
      <Field label={t("name")} optional error={error("name")} hint={t("add.nameHint")}>
        <Input
          maxLength={100}
          placeholder={nameFromUrl(form.url)}
          value={form.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label={t("add.hash")} optional error={error("sha256")} hint={t("add.hashHint")}>
        <Input
          mono
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={form.sha256}
          onChange={(event) => change({ sha256: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("add.defaultUser")} optional error={error("defaultUser")}>
          <Input
            maxLength={32}
            placeholder="root"
            value={form.defaultUser}
            onChange={(event) => change({ defaultUser: event.target.value })}
          />
        </Field>
        <Field label={t("add.firmware")} error={error("firmware")}>
          <Select value={form.firmware} onChange={(event) => change({ firmware: event.target.value === "uefi" ? "uefi" : "bios" })}>
            <option value="bios">BIOS</option>
            <option value="uefi">UEFI</option>
          </Select>
        </Field>
      </div>
      <Checkbox
        checked={form.cloudInit}
        onCheckedChange={(cloudInit) => change({ cloudInit })}
        label={t("add.cloudInit")}
        description={t("add.cloudInitHint")}
      />
      <Fold summary={t("add.metadata", { dialect: t(`dialects.${form.dialect}.name`) })} forcedOpen={error("dialect") !== undefined}>
        <Field label={t("add.dialect")} error={error("dialect")} hint={t(`dialects.${form.dialect}.about`)}>
          <Select
            value={form.dialect}
            onChange={(event) => change({ dialect: oneOf(METADATA_DIALECTS, event.target.value) ?? form.dialect })}
          >
            {METADATA_DIALECTS.map((each) => (
              <option key={each} value={each}>
                {t(`dialects.${each}.name`)}
              </option>
            ))}
          </Select>
        </Field>
      </Fold>
      {wire !== null && !["url", "name", "sha256", "defaultUser", "firmware", "dialect"].includes(wire.field ?? "") ? (
        <ErrorNotice error={create.error} />
      ) : null}
    </FormDialog>
  );
}

function nameFromUrl(url: string): string {
  const file = url.split(/[?#]/)[0]?.split("/").pop() ?? "";
  return file.replace(/\.(qcow2|img|raw)(\.\w+)?$/i, "").slice(0, 100);
}
