"use client";

import type { ImageView, SizeView } from "@indium/contract/api/catalogue-views";
import type { SizeId } from "@indium/contract/ids";
import { formatBytes, plural } from "@/lib/format";
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
  const ascending = [...sizes].sort((left, right) => left.memoryBytes - right.memoryBytes || left.vcpus - right.vcpus);
  return (
    <RadioCards
      label="Size"
      value={value}
      onValueChange={onChange}
      className="sm:grid-cols-2 lg:grid-cols-3"
      options={ascending.map((size) => {
        const refusal =
          largestHostBytes !== null && size.memoryBytes > largestHostBytes
            ? "No host online has this much memory."
            : image !== null && !fits(size, image)
              ? `Too small for ${image.name}.`
              : null;
        return {
          value: size.id,
          title: size.name,
          description: `${plural(size.vcpus, "vCPU")} · ${formatBytes(size.memoryBytes)} · ${formatBytes(size.diskBytes)} disk`,
          disabled: refusal !== null,
          footer: refusal === null ? undefined : <span className="text-ink-3">{refusal}</span>,
        };
      })}
    />
  );
}
