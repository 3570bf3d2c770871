/** The field for user data, wherever it is given. */
export const userData = {
  label: "User data",
  hint: "cloud-config (starts with #cloud-config) or a script (starts with #!). Runs once, at the first boot.",
  examples: "Examples",
  replaced: "The example took the place of your text.",
  putBack: "Put it back",
  good: {
    "cloud-config": "Read as cloud-config. No problems found.",
    script: "Read as a script. No problems found.",
    unknown: "Not a format cloud-init is known to read. No problems found.",
  },
  findings: "Findings",
  error: "Error",
  warning: "Warning",
  yamlOnly: "Only the YAML is checked: this installation has not been able to take cloud-init's schema from Debian.",
  checked: "Checked against the schema of cloud-init {version}, from Debian. A guest with another version may take more or less.",
  example: {
    packages: { name: "Install packages", about: "Refreshes the lists, upgrades, installs" },
    users: { name: "Users and SSH keys", about: "One person with sudo, one without a password" },
    files: { name: "Write files", about: "With owner and permissions" },
    commands: { name: "Run commands", about: "At the end of the first boot, in order" },
    web: { name: "Web server", about: "nginx with a page of its own" },
    docker: { name: "Docker", about: "From Debian's packages, with one container" },
    swap: { name: "Swap and time zone", about: "A swap file, the clock, unattended upgrades" },
    script: { name: "Shell script", about: "Run once as root, at the end of the first boot" },
  },
} as const;
