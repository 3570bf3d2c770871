"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Fold } from "@/ui/fold";
import { Select } from "@/ui/select";
import type { FirmwareChoice } from "./create-form";

interface FirmwareSectionProps {
  image: ImageView | null;
  firmware: FirmwareChoice | null;
  tpm: boolean;
  onChange: (change: { firmware: FirmwareChoice | null } | { tpm: boolean }) => void;
}

const CHOICES: Record<FirmwareChoice, string> = { bios: "BIOS", uefi: "UEFI", "uefi-secure": "UEFI with Secure Boot" };

/** What the machine starts with; fixed once the instance is made. Folded away: the image says what it needs. */
export function FirmwareSection({ image, firmware, tpm, onChange }: FirmwareSectionProps) {
  const effective = firmware ?? image?.firmware ?? null;
  const summary = `Firmware: ${effective === null ? "as the image says" : CHOICES[effective]}${tpm ? ", with a TPM 2.0" : ""}`;
  return (
    <Fold summary={summary}>
      <div className="grid grid-cols-1 gap-5 sm:grid-cols-2">
        <Field label="Firmware" hint="The image needs a boot loader for it, a signed one for Secure Boot. Cannot be changed later.">
          <Select
            value={firmware ?? ""}
            onChange={(event) => {
              const { value } = event.target;
              onChange({ firmware: value === "bios" || value === "uefi" || value === "uefi-secure" ? value : null });
            }}
          >
            <option value="">As the image says{image === null ? "" : ` (${CHOICES[image.firmware]})`}</option>
            {Object.entries(CHOICES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <div className="sm:pt-6">
          <Checkbox
            label="TPM 2.0"
            description="Its keys are kept with the instance and are deleted with it."
            checked={tpm}
            onCheckedChange={(checked) => onChange({ tpm: checked })}
          />
        </div>
      </div>
    </Fold>
  );
}
