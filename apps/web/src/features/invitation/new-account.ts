import { Email, NewPassword } from "@indium/contract/api/organization-views";
import { INPUT_WORDS } from "@indium/contract/plain/input-words";
import { z } from "zod";

export const NewAccount = z.object({ name: z.string().trim().min(1, INPUT_WORDS.yourName), email: Email, password: NewPassword });
