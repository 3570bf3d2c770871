import { Email, NewPassword } from "@indium/contract/api/organization-views";
import { z } from "zod";

export const NewAccount = z.object({ name: z.string().trim().min(1, "Tell us your name."), email: Email, password: NewPassword });
