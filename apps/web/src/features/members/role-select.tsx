"use client";

import type { Role } from "@indium/contract/states";
import { useOrganization } from "@/features/shell/organization-context";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { grantableRoles, ROLE_WORDS } from "./role-words";

interface RoleSelectProps {
  value: Role;
  onChange: (role: Role) => void;
  error?: string | null | undefined;
}

/** The roles that the signed-in user may give, with what each is for. */
export function RoleSelect({ value, onChange, error }: RoleSelectProps) {
  const { role } = useOrganization();
  return (
    <Field label="Role" hint={ROLE_WORDS[value]} error={error}>
      <Select
        value={value}
        onChange={(event) => {
          const chosen = grantableRoles(role).find((each) => each === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {grantableRoles(role).map((each) => (
          <option key={each} value={each}>
            {each.charAt(0).toUpperCase() + each.slice(1)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
