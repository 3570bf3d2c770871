import { UserDataCheck } from "@indium/contract/api/instance-views";
import { z } from "zod";
import { cloudConfigSchema } from "../../services/cloud-config-schema";
import { checkUserData as check } from "../../services/user-data-check";
import { userProcedure } from "../trpc";

/** Reads nothing of anybody's: it only parses what it is given. */
export const checkUserData = userProcedure
  .input(z.object({ userData: z.string().max(65_536, "User data is at most 64 KiB.") }))
  .output(UserDataCheck)
  .query(({ input }) => check(input.userData, cloudConfigSchema()));
