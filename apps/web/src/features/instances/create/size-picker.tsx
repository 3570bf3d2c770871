"use client";

import type { ImageView, SizeView } from "@indium/contract/api/catalogue-views";
import type { SizeId } from "@indium/contract/ids";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { RadioCards } from "@/ui/radio-cards";
import { fits } from "./create-form";

interface SizePickerProps {
  sizes: readonly SizeView[];
  image: ImageView | null;
  /** The most memory any online host has; null while unknown. */
  largestHostBytes: number | null;
  value: SizeId | null;
  onChange: (id: SizeId) => void;
}

export function SizePicker({ sizes, image, largestHostBytes, value, onChange }: SizePickerProps) {
  const t = useTranslations("instancesCreate.size");
  const common = useTranslations("common");
  const format = useFormat();
  const ascending = [...sizes].sort((left, right) => left.memoryBytes - right.memoryBytes || left.vcpus - right.vcpus);
  return (
    <RadioCards
      label={common("size")}
      value={value}
      onValueChange={onChange}
      columns={2}
      options={ascending.map((size) => {
        const refusal =
          largestHostBytes !== null && size.memoryBytes > largestHostBytes
            ? t("tooLarge")
            : image !== null && !fits(size, image)
              ? t("tooSmall", { image: image.name })
              : null;
        return {
          value: size.id,
          title: size.name,
          description: t("description", { shape: format.shape(size.vcpus, size.memoryBytes), disk: format.bytes(size.diskBytes) }),
          disabled: refusal !== null,
          footer: refusal === null ? undefined : <span className="text-ink-3">{refusal}</span>,
        };
      })}
    />
  );
}
