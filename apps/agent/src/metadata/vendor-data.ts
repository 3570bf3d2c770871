import { stringify } from "yaml";

export const REPORT_PATH = "/indium/v1/report";
export const PHONE_HOME_PATH = "/indium/v1/phone-home";
export const SERVICE_ORIGIN = "http://169.254.169.254";

/**
 * Our share of the guest's cloud-config. cloud-init merges it below the user's own (cloudinit/helpers.py, ConfigMerger: user data
 * wins key by key), so everything here may be overridden by the user.
 *
 * - `password` is the default user's, as SHA-512-crypt; cloud-init knows a hash by its `$6$` (config/cc_set_passwords.py) and
 *   `chpasswd -e` unlocks the account that the distribution's `lock_passwd` locked.
 * - one host key kind instead of four, and no locale generation, save a third of a first boot.
 * - `reporting` makes cloud-init post each stage's start and end (reporting/handlers.py, WebHookHandler); it takes effect once
 *   the first stage has read this, so the very first events do not come. One retry: a guest must not wait for its reporter.
 */
export function renderVendorCloudConfig(passwordHash: string | null): string {
  const config = {
    ssh_genkeytypes: ["ed25519"],
    locale: false,
    reporting: { indium: { type: "webhook", endpoint: `${SERVICE_ORIGIN}${REPORT_PATH}`, timeout: 5, retries: 1 } },
    ...(passwordHash === null ? {} : { password: passwordHash, chpasswd: { expire: false }, ssh_pwauth: true }),
  };
  return `#cloud-config\n${stringify(config)}`;
}
