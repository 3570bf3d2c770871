/** Working beginnings (their names: `userData.example`), each checked against cloud-init's schema in a test. Keep them short: they are read before they are run. */
export const USER_DATA_EXAMPLES = [
  {
    id: "packages",
    text: `#cloud-config
package_update: true
package_upgrade: true
packages:
  - htop
  - curl
  - git
`,
  },
  {
    id: "users",
    text: `#cloud-config
users:
  - default
  - name: ada
    gecos: Ada Lovelace
    groups: [sudo, adm]
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: true
    ssh_authorized_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPut/your/own/public/key/here ada@example
`,
  },
  {
    id: "files",
    text: `#cloud-config
write_files:
  - path: /etc/motd
    permissions: "0644"
    content: |
      Welcome. This machine is managed by cloud-init.
  - path: /etc/sysctl.d/60-local.conf
    owner: root:root
    permissions: "0644"
    content: |
      vm.swappiness = 10
runcmd:
  - [sysctl, --system]
`,
  },
  {
    id: "commands",
    text: `#cloud-config
runcmd:
  # A list is run as it stands; a text goes through the shell.
  - [mkdir, -p, /srv/data]
  - echo "made by cloud-init on $(date)" > /srv/data/README
`,
  },
  {
    id: "web",
    text: `#cloud-config
package_update: true
packages:
  - nginx
write_files:
  - path: /var/www/html/index.html
    defer: true
    permissions: "0644"
    content: |
      <!doctype html>
      <title>It works</title>
      <h1>It works</h1>
runcmd:
  - [systemctl, enable, --now, nginx]
`,
  },
  {
    id: "docker",
    text: `#cloud-config
package_update: true
packages:
  - docker.io
runcmd:
  - [systemctl, enable, --now, docker]
  - [docker, run, --detach, --restart, always, --publish, "80:80", --name, web, "nginx:stable"]
`,
  },
  {
    id: "swap",
    text: `#cloud-config
timezone: Europe/Berlin
swap:
  filename: /swapfile
  size: 1G
package_update: true
packages:
  - unattended-upgrades
`,
  },
  {
    id: "script",
    text: `#!/bin/sh
set -eu
apt-get update
apt-get install -y --no-install-recommends fail2ban
echo "first boot done at $(date)" >> /var/log/first-boot.log
`,
  },
] as const;
