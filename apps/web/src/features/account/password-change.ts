import { NewPassword } from "@indium/contract/api/organization-views";
import { z } from "zod";
import { OWN_WORDS } from "@/lib/i18n/own-words";

export const PasswordChange = z.object({ currentPassword: z.string().min(1, OWN_WORDS.currentPassword), newPassword: NewPassword });
