import { NewPassword } from "@indium/contract/api/organization-views";
import { z } from "zod";
import { KNOWN_WORDS } from "@/lib/i18n/known-words";

export const PasswordChange = z.object({ currentPassword: z.string().min(1, KNOWN_WORDS.currentPassword), newPassword: NewPassword });
