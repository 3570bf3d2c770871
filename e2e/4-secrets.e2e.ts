import { expect, test } from "@playwright/test";
import { type ApiClient, signIn } from "./api-client";
import { BASE_URL, OWNER, STATE_DIR, serialLog } from "./helpers";
import { leftBehind } from "./left-behind";

/**
 * What an unprivileged user inside a real Debian is told by the metadata service: during its first boot, after it, after a reboot, after
 * live changes, and when it is re-provisioned. The guest itself says it, on its serial port: three boots of an emulated Debian.
 */
test.describe.configure({ mode: "serial" });
test.skip(
  process.env.INDIUM_LONG !== "1",
  "an emulated Debian boots three times, in npm run test:long; 1-first-vm asks after the first boot in every run",
);

const name = `secret-${Date.now().toString(36)}`;
const BOOT_MS = 1_500_000;
let api: ApiClient;
let instanceId: `i-${string}`;

/** `nobody` asks every three seconds, and prints when an answer changes; root says at each boot what cloud-init left behind. */
const ASKS = `#!/bin/sh
get() { curl -s -m 5 "$@"; }
status() { get -o /dev/null -w '%{http_code}' "http://169.254.169.254/$1"; }
while sleep 3; do
  now="user_data=$(status openstack/latest/user_data) ec2=$(status latest/user-data) password=$(status openstack/latest/password)"
  now="$now hashes=$(get http://169.254.169.254/openstack/latest/vendor_data.json | grep -c '[$]6[$]')"
  now="$now $(get http://169.254.169.254/openstack/latest/meta_data.json | grep -o '"hostname":"[^"]*"' | tr -d '"')"
  now="$now $(get http://169.254.169.254/openstack/latest/meta_data.json | grep -o '"tier":"[^"]*"' | tr -d '"')"
  [ "$now" = "$last" ] || echo "ASKS-$(id -un) $now ."
  last=$now
done
`;
const BOOTED = `#!/bin/sh
{
  echo "BOOTED source=$(cloud-id) host=$(hostname) hash=$(getent shadow debian | cut -d: -f2 | md5sum | cut -c1-8)" \\
    "key=$(md5sum </etc/ssh/ssh_host_ed25519_key.pub | cut -c1-8) address=$(ip -4 -o addr show scope global | grep -o 'inet [0-9./]*' | tr -d ' ')" \\
    "kept=$(cat /root/kept 2>/dev/null) ."
} >/dev/ttyS0
touch /root/kept; [ -s /root/kept ] || echo first >/root/kept
systemd-run --unit=asks --property=User=nobody --property=StandardOutput=file:/dev/ttyS0 /bin/sh /usr/local/bin/asks
(sleep 40; journalctl -q -b -o cat -u 'cloud-*' -p warning | sed 's/^/CLOUD-WARNING /'; cloud-init status --wait --long | sed 's/^/STATUS /'; echo "RAN times=$(wc -l </root/runs) .") >/dev/ttyS0 2>&1 &
`;
const indent = (text: string) => text.replace(/^(?=.)/gm, "      ");
const userData = (run: string) => `#cloud-config
write_files:
  - path: /usr/local/bin/asks
    content: |
${indent(ASKS)}
  - path: /var/lib/cloud/scripts/per-boot/booted
    permissions: "0755"
    content: |
${indent(BOOTED)}
runcmd:
  - [sh, -c, "echo ${run} >> /root/runs"]
`;

const view = () => api.instance.get.query({ instanceId });
const lines = (start: string) =>
  serialLog(instanceId)
    .split(/\r?\n/)
    .filter((line) => line.includes(start) && line.trimEnd().endsWith("."))
    .map((line) => line.slice(line.indexOf(start)).trimEnd());
const asked = () => lines("ASKS-nobody").at(-1) ?? "";
const facts = (boot: number): Record<string, string> =>
  Object.fromEntries([...(lines("BOOTED")[boot - 1] ?? "").matchAll(/(\w+)=(\S*)/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
const booted = (times: number) => expect.poll(() => lines("BOOTED").length, { timeout: BOOT_MS, intervals: [2_000] }).toBe(times);
const told = (text: string | RegExp, timeout = 120_000) => expect.poll(asked, { timeout, intervals: [1_000] }).toMatch(text);
/** How often the user data's commands have run in all, some time after the boot of this number. */
const ran = (boot: number, line: string) => expect.poll(() => lines("RAN ")[boot - 1], { timeout: 300_000 }).toBe(line);
const WITHHELD = /user_data=404 ec2=404 password=404 hashes=0/;

test.beforeAll(async () => {
  api = await signIn(BASE_URL, OWNER.email, OWNER.password);
  const acme = (await api.session.get.query()).organizations.find((each) => each.name === "Acme")?.id ?? "org-";
  let images = await api.image.list.query({ organizationId: acme });
  const debian = () => images.find((image) => image.name.startsWith("Debian 12, built here") && image.state === "ready");
  await expect
    .poll(
      async () => {
        images = await api.image.list.query({ organizationId: acme });
        return debian() !== undefined;
      },
      { timeout: 150_000 },
    )
    .toBe(true);
  const sizes = await api.size.list.query();
  ({ instanceId } = await api.instance.create.mutate({
    organizationId: acme,
    name,
    imageId: debian()?.id ?? "img-",
    sizeId: sizes.find((size) => size.name === "small")?.id ?? "size-",
    password: "first-password-1",
    userData: userData("one"),
    requestKey: `e2e-${name}`,
  }));
});
test.afterAll(async () => {
  if (instanceId === undefined) return;
  await api.instance.delete.mutate({ instanceId });
  await expect.poll(() => leftBehind(STATE_DIR), { timeout: 150_000, intervals: [1_000] }).toEqual([]);
});

test("a guest's secrets are withheld from its users once its first boot has ended", async () => {
  test.setTimeout(BOOT_MS + 900_000);
  await booted(1);
  await told(WITHHELD, 900_000);
  expect((await view()).secrets).toMatchObject({ state: "sealed", reason: "cloud-init" });
  expect(facts(1)).toMatchObject({ source: "openstack", host: name });
  await ran(1, "RAN times=1 .");
});

test("a guest's secrets: live changes are told at the next request, without a restart", async () => {
  await api.instance.update.mutate({ instanceId, name: `${name}-b`, tags: { tier: "web" } });
  await told(`hostname:${name}-b tier:web`, 60_000);
  expect(lines("BOOTED")).toHaveLength(1);
  const replaced = await api.instance.replaceSecrets.mutate({
    instanceId,
    password: { kind: "set", password: "second-password-2" },
    userData: { kind: "set", userData: userData("two") },
  });
  expect(replaced).toMatchObject({ pendingSecrets: { hasPassword: true, hasUserData: true }, secrets: { state: "sealed" } });
});

test("a guest's secrets stay withheld after a reboot, which undoes nothing", async () => {
  test.setTimeout(BOOT_MS + 900_000);
  await api.instance.reboot.mutate({ instanceId });
  await booted(2);
  await expect.poll(() => lines("ASKS-nobody").filter((line) => WITHHELD.test(line)).length, { timeout: 120_000 }).toBeGreaterThan(1);
  const { hash, key, address, source } = facts(1);
  expect(facts(2)).toMatchObject({ hash, key, address, source, kept: "first" });
  await ran(2, "RAN times=1 .");
  expect((await view()).secrets).toMatchObject({ state: "sealed" });
  await expect.poll(() => serialLog(instanceId), { timeout: 120_000 }).toMatch(/STATUS status: done[\s\S]*STATUS status: done/);
  expect(serialLog(instanceId)).not.toContain("CLOUD-WARNING");
});

test("a guest's secrets are served once more to a re-provisioned guest", async () => {
  test.setTimeout(BOOT_MS + 900_000);
  const sealedBefore = (await view()).secrets.since;
  const operation = await api.instance.reprovision.mutate({ instanceId });
  await booted(3);
  await expect
    .poll(async () => (await view()).secrets, { timeout: 900_000, intervals: [2_000] })
    .toMatchObject({ state: "sealed", reason: "cloud-init" });
  expect((await view()).secrets.since).not.toEqual(sealedBefore);
  await expect
    .poll(() => serialLog(instanceId).split("BOOTED").at(-1), { timeout: 300_000, intervals: [1_000] })
    .toMatch(/ASKS-nobody user_data=404 ec2=404 password=404 hashes=0/);
  await expect
    .poll(async () => (await api.operation.get.query({ operationId: operation.id })).state, { timeout: 120_000 })
    .toBe("succeeded");
  const before = facts(2);
  const after = facts(3);
  expect(after).toMatchObject({ host: `${name}-b`, address: before.address, kept: "first" });
  await ran(3, "RAN times=2 .");
  expect(after.hash).not.toBe(before.hash);
  expect(after.key).not.toBe(before.key);
  expect(await view()).toMatchObject({ secrets: { state: "sealed", reason: "cloud-init" }, pendingSecrets: null, hasUserData: true });
});
