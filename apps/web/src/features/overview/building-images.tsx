"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useTranslations } from "use-intl/react";
import { ImageProgress } from "@/features/images/image-state";
import { Alert } from "@/ui/alert";

/** Images are built in the background once per installation; until then others can be used. */
export function BuildingImages({ images }: { images: readonly ImageView[] }) {
  const t = useTranslations("overview");
  const building = images.filter((image) => image.state === "building");
  const usable = images.find((image) => image.state === "ready");
  return building.map((image) => (
    <Alert key={image.id} tone="info" title={t("images.title", { name: image.name })}>
      <p className="mb-2.5">{usable === undefined ? t("images.once") : t("images.meanwhile", { name: usable.name })}</p>
      <ImageProgress label={t("images.building", { name: image.name })} progress={image.progress} message={image.statusMessage} />
    </Alert>
  ));
}
