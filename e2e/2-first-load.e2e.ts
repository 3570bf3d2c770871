import { expect, test } from "@playwright/test";
import { signIn } from "./api-client";
import { firstLoadBudget, firstLoadBytes } from "./first-load";
import { BASE_URL, OWNER, OWNER_SESSION } from "./helpers";

test.use({ storageState: OWNER_SESSION });

/** A page of something that is not there loads the same scripts as one of something that is. */
const NOBODY = "0".repeat(17);
const PAGES = [
  "",
  "/instances",
  "/instances/new",
  `/instances/i-${NOBODY}`,
  "/hosts",
  "/hosts/new",
  `/hosts/h-${NOBODY}`,
  "/images",
  "/networks",
  "/security-groups",
  `/security-groups/sg-${NOBODY}`,
  "/ssh-keys",
  "/sizes",
  "/operations",
  "/audit",
  "/settings",
  "/settings/members",
  "/settings/sites",
  "/settings/account",
  "/settings/installation",
];

test("no page's first load of script is over its budget", async ({ page }) => {
  const session = await (await signIn(BASE_URL, OWNER.email, OWNER.password)).session.get.query();
  const organization = session.organizations[0]?.id ?? "org-";
  const over: string[] = [];
  for (const path of [...PAGES.map((each) => `/o/${organization}${each}`), "/setup?token=nobody", `/invite/${NOBODY}`]) {
    const document = await page.request.get(path, { headers: { accept: "text/html" } });
    const kilobytes = (await firstLoadBytes(await document.text(), BASE_URL)) / 1_000;
    // A page without any script would be under every budget.
    expect(kilobytes, path).toBeGreaterThan(100);
    const name = path.replace(`/o/${organization}`, "") || "/";
    const budget = firstLoadBudget(name);
    if (kilobytes > budget) over.push(`${name}: ${kilobytes.toFixed(0)} kB of ${budget}`);
  }
  expect(over, "first-load script over its budget (what it is made of: npx next build --experimental-analyze, in apps/web)").toEqual([]);
});
