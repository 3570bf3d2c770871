"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import type { ImageId } from "@indium/contract/ids";
import { ImageProgress } from "@/features/images/image-state";
import { OsMark } from "@/features/images/os-mark";
import { formatBytes } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { RadioCards } from "@/ui/radio-cards";

interface ImagePickerProps {
  images: readonly ImageView[];
  value: ImageId | null;
  onChange: (id: ImageId) => void;
}

export function ImagePicker({ images, value, onChange }: ImagePickerProps) {
  return (
    <RadioCards
      label="Image"
      value={value}
      onValueChange={onChange}
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

function describe(image: ImageView): string {
  const size = image.sizeBytes === null ? null : formatBytes(image.sizeBytes);
  const origin = image.origin === "built" ? "Built here" : image.origin === "catalogue" ? "Official cloud image" : "Added by address";
  return [origin, size].filter(Boolean).join(" · ");
}

function Footer({ image }: { image: ImageView }) {
  if (image.state === "building") {
    return <ImageProgress label={`Building ${image.name}`} progress={image.progress} message={image.statusMessage ?? "Being built"} />;
  }
  if (image.state === "failed") return <Badge tone="bad">could not be built</Badge>;
  if (!image.bootedHere) return <Badge tone="quiet">not yet booted by us</Badge>;
  return null;
}
