"use client";

import type { OrganizationId } from "@indium/contract/ids";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import type { OrganizationSummary } from "./organization-summary";

interface ProviderFieldsProps {
  isProvider: boolean;
  providerId: OrganizationId | null;
  onChange: (value: { isProvider: boolean; providerId: OrganizationId | null }) => void;
  providers: readonly OrganizationSummary[];
  errors: Readonly<Record<string, string>>;
}

/** Either it manages others, or one manages it, or neither. */
export function ProviderFields({ isProvider, providerId, onChange, providers, errors }: ProviderFieldsProps) {
  return (
    <>
      <Field
        label="Managed by"
        error={errors.providerId}
        hint={
          providers.length === 0 ? "There is no provider yet. Make an organization one first." : "Its members have their role here, too."
        }
      >
        <Select
          value={providerId ?? ""}
          disabled={isProvider || providers.length === 0}
          onChange={(event) =>
            onChange({ isProvider, providerId: providers.find((provider) => provider.id === event.target.value)?.id ?? null })
          }
        >
          <option value="">Nobody else</option>
          {providers.map((provider) => (
            <option key={provider.id} value={provider.id}>
              {provider.name}
            </option>
          ))}
        </Select>
      </Field>
      <Switch
        label="Is a provider"
        description={errors.isProvider ?? "It can manage other organizations."}
        checked={isProvider}
        onCheckedChange={(checked) => onChange({ isProvider: checked, providerId: checked ? null : providerId })}
      />
    </>
  );
}
