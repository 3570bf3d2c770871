"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useTranslations } from "use-intl/react";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Fold } from "@/ui/fold";
import { Select } from "@/ui/select";
import type { CreateForm, FirmwareChoice } from "./create-form";

interface FirmwareSectionProps {
  image: ImageView | null;
  form: Pick<CreateForm, "firmware" | "tpm" | "desktop">;
  onChange: (change: Partial<Pick<CreateForm, "firmware" | "tpm" | "desktop">>) => void;
}

const CHOICES: readonly FirmwareChoice[] = ["bios", "uefi", "uefi-secure"];

/** What the machine starts with and has built in; fixed once the instance is made. Folded away: the image says what it needs. */
export function FirmwareSection({ image, form: { firmware, tpm, desktop }, onChange }: FirmwareSectionProps) {
  const t = useTranslations("instancesCreate.firmware");
  const nameOf = (choice: FirmwareChoice): string => {
    switch (choice) {
      case "bios":
        return "BIOS";
      case "uefi":
        return "UEFI";
      case "uefi-secure":
        return t("secure");
    }
  };
  const effective = firmware ?? image?.firmware ?? "other";
  const summary = t("summary", {
    firmware: effective === "uefi-secure" ? "secure" : effective,
    tpm: String(tpm),
    desktop: String(desktop),
  });
  return (
    <Fold summary={summary}>
      <div className="grid grid-cols-1 gap-5 sm:grid-cols-2">
        <Field label={t("label")} hint={t("hint")}>
          <Select
            value={firmware ?? ""}
            onChange={(event) => {
              const { value } = event.target;
              onChange({ firmware: value === "bios" || value === "uefi" || value === "uefi-secure" ? value : null });
            }}
          >
            <option value="">{image === null ? t("asImage") : t("asImageNamed", { firmware: nameOf(image.firmware) })}</option>
            {CHOICES.map((choice) => (
              <option key={choice} value={choice}>
                {nameOf(choice)}
              </option>
            ))}
          </Select>
        </Field>
        <div className="flex flex-col gap-3 sm:pt-6">
          <Checkbox
            label={t("tpm")}
            description={t("tpmDescription")}
            checked={tpm}
            onCheckedChange={(checked) => onChange({ tpm: checked })}
          />
          <Checkbox
            label={t("desktop")}
            description={t("desktopDescription")}
            checked={desktop}
            onCheckedChange={(checked) => onChange({ desktop: checked })}
          />
        </div>
      </div>
    </Fold>
  );
}
