/** How the kinds of user data begin that cloud-init's user data processor knows (cloudinit/handlers/__init__.py, INCLUSION_TYPES_MAP). */
const CLOUD_INIT_KINDS = ["#!", "#cloud-config", "#cloud-boothook", "#include", "#part-handler", "## template: jinja"];
const MIME_HEADER = /^(content-type:\s*multipart\/|mime-version:)/i;
const BOUNDARY = "==indium-vendor-config==";

/**
 * User data with our cloud-config before it, for EC2, which has no vendor data. The user's part comes last and wins key by key
 * (cloud-init merges by `dict(replace)`), as it does over vendor data elsewhere. It travels as text/plain in base64, from which cloud-init
 * tells the kind by how it begins (user_data.py, TYPE_NEEDED); a MIME message of the user's own becomes a part as it stands.
 *
 * What is not for cloud-init (an Ignition configuration, a PowerShell script) passes byte for byte, and ours stays away.
 */
export function withVendorConfig(userData: string | null, vendorConfig: string): string {
  if (userData === null || userData.trim() === "") return vendorConfig;
  const isMime = MIME_HEADER.test(userData);
  if (!isMime && !CLOUD_INIT_KINDS.some((start) => userData.startsWith(start))) return userData;
  const plain = (content: string): string =>
    `Content-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${base64(content)}\n`;
  return [
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "MIME-Version: 1.0",
    "",
    `--${BOUNDARY}`,
    `${plain(vendorConfig)}--${BOUNDARY}`,
    `${isMime ? userData : plain(userData)}`,
    `--${BOUNDARY}--`,
    "",
  ].join("\n");
}

/** Lines of 76 characters (RFC 2045 section 6.8). */
const base64 = (content: string): string =>
  (
    Buffer.from(content, "utf8")
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\n");
