import { NewPassword } from "@indium/contract/api/organization-views";
import { z } from "zod";

export const PasswordChange = z.object({ currentPassword: z.string().min(1, "Give your current password."), newPassword: NewPassword });
