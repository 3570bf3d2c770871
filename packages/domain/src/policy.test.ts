import { Role } from "@indium/contract/states";
import { describe, expect, it } from "vitest";
import { mayGrant, PERMISSIONS, roleMay, strongerRole } from "./policy";

describe("the policy table", () => {
  it("gives each role all that the weaker one has", () => {
    const order: Role[] = ["viewer", "operator", "admin", "owner"];
    order.slice(1).forEach((role, index) => {
      for (const permission of PERMISSIONS)
        if (roleMay(order[index] as Role, permission)) expect(roleMay(role, permission), `${role} ${permission}`).toBe(true);
    });
  });
  it("lets a viewer change nothing", () => {
    for (const permission of PERMISSIONS) if (!permission.endsWith(".read")) expect(roleMay("viewer", permission)).toBe(false);
  });
  it("lets only an owner make an owner", () => {
    expect(Role.options.filter((role) => mayGrant(role, "owner"))).toEqual(["owner"]);
    expect(mayGrant("operator", "viewer")).toBe(false);
    expect(strongerRole("viewer", "admin")).toBe("admin");
  });
});
