"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import type { ImageId } from "@indium/contract/ids";
import { useTranslations } from "use-intl/react";
import { ImageProgress } from "@/features/images/image-state";
import { OsMark } from "@/features/images/os-mark";
import { useFormat } from "@/lib/i18n/use-format";
import { Badge } from "@/ui/badge";
import { RadioCards } from "@/ui/radio-cards";

interface ImagePickerProps {
  images: readonly ImageView[];
  value: ImageId | null;
  onChange: (id: ImageId) => void;
}

export function ImagePicker({ images, value, onChange }: ImagePickerProps) {
  const t = useTranslations("instancesCreate.image");
  const common = useTranslations("common");
  const format = useFormat();
  const describe = (image: ImageView): string =>
    [t(image.origin), image.sizeBytes === null ? null : format.bytes(image.sizeBytes)].filter(Boolean).join(" · ");
  return (
    <RadioCards
      label={common("image")}
      value={value}
      onValueChange={onChange}
      columns={2}
      options={images.map((image) => ({
        value: image.id,
        title: image.name,
        leading: <OsMark operatingSystem={image.operatingSystem} />,
        description: describe(image),
        disabled: image.state === "failed",
        footer: <Footer image={image} />,
      }))}
    />
  );
}

function Footer({ image }: { image: ImageView }) {
  const t = useTranslations("instancesCreate.image");
  if (image.state === "building") {
    return (
      <ImageProgress
        label={t("building", { name: image.name })}
        progress={image.progress}
        message={image.statusMessage}
        meanwhile={t("beingBuilt")}
      />
    );
  }
  if (image.state === "failed") return <Badge tone="bad">{t("failed")}</Badge>;
  if (!image.bootedHere) return <Badge tone="quiet">{t("notBooted")}</Badge>;
  return null;
}
