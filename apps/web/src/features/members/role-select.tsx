"use client";

import type { Role } from "@indium/contract/states";
import { useTranslations } from "use-intl/react";
import { useOrganization } from "@/features/shell/organization-context";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { grantableRoles } from "./grantable-roles";

interface RoleSelectProps {
  value: Role;
  onChange: (role: Role) => void;
  error?: string | null | undefined;
}

/** The roles that the signed-in user may give, with what each is for. */
export function RoleSelect({ value, onChange, error }: RoleSelectProps) {
  const t = useTranslations("members.roleMeans");
  const common = useTranslations("common");
  const { role } = useOrganization();
  return (
    <Field label={common("role")} hint={t(value)} error={error}>
      <Select
        value={value}
        onChange={(event) => {
          const chosen = grantableRoles(role).find((each) => each === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {grantableRoles(role).map((each) => (
          <option key={each} value={each}>
            {capitalized(common(`roles.${each}`))}
          </option>
        ))}
      </Select>
    </Field>
  );
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
