/** What a re-provision does to a guest, for whoever is about to ask for one. Verified with Debian 12's cloud-init. */
export function ReprovisionConsequences() {
  return (
    <ul className="list-disc space-y-1.5 pl-5 text-ink-2">
      <li>The guest reboots under a new instance id, and cloud-init takes this for its first boot.</li>
      <li>Its password and user data are served once more, replaced ones included, until that boot has ended.</li>
      <li>
        cloud-init sets the hostname, the password and the network configuration again, makes new SSH host keys, and runs the user data's
        commands again.
      </li>
      <li>The disk and everything else on it stay, and so do the instance's addresses.</li>
    </ul>
  );
}
