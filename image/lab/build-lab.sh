#!/bin/bash
# Builds the lab: a stock Debian 12 server with systemd, Debian's full kernel (802.1Q, bridge conntrack, WireGuard) and every package that
# install.sh would fetch, in which tests run what the machine outside cannot (docs/lab.md). Booted by its kernel directly.
#
#   build-lab.sh [OUT.qcow2]        default: dist/lab/lab.qcow2; beside it lab-vmlinuz and lab-initrd
#
# Needs root, no loop device and no KVM. The mirror is found as image/guest/build-debian.sh finds it. With INDIUM_LAB_SYSTEM=ubuntu it is an Ubuntu
# 24.04 instead, of INDIUM_UBUNTU_MIRROR (http://archive.ubuntu.com/ubuntu), whose keys are in Ubuntu's package ubuntu-keyring.
{
set -Eeuo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image/guest/common.sh
. "$here/../guest/common.sh"

out=$(realpath -m "${1:-$here/../../dist/lab/lab.qcow2}")
system=${INDIUM_LAB_SYSTEM:-debian}
case $system in
  debian) suite=bookworm title="Debian 12" linux=linux-image-amd64 keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  ubuntu) suite=noble title="Ubuntu 24.04" linux=linux-image-generic keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
  *) die "INDIUM_LAB_SYSTEM is '$system'." "Make it debian or ubuntu, or leave it away." ;;
esac
# As large as install.sh's check of free space wants; the file holds only what is used.
disk_mib=16384
begin "the lab" 6 "$out"

progress "checking this machine"
[ "$(id -u)" = 0 ] || die "it needs root, since packages are configured in a chroot." "Run the same command with sudo."
need_tools mmdebstrap:mmdebstrap mke2fs:e2fsprogs qemu-img:qemu-utils apt-get:apt
need_room "$WORK" 5000
need_room "$(dirname "$out")" 1200
[ -s "$keyring" ] || die "$title's archive keys are not on this machine: $keyring is missing." "Install $system-archive-keyring, or on Ubuntu ubuntu-keyring."

# shellcheck disable=SC2016  # the fields are apt's
sources=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sort -u || true)
mirror=${INDIUM_DEBIAN_MIRROR:-$(awk -F'|' '$1 == "Debian" && $2 == "Debian" && !seen++ {print $3}' <<<"$sources")}
security=${INDIUM_DEBIAN_SECURITY_MIRROR:-$(awk -F'|' '$1 == "Debian" && $2 == "Debian-Security" && !seen++ {print $3}' <<<"$sources")}
if [ $system = ubuntu ]; then
  mirror=${INDIUM_UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu} security=$mirror
  components="main restricted universe"
else
  mirror=${mirror:-http://deb.debian.org/debian} security=${security:-http://deb.debian.org/debian-security}
  components=main
fi
cat >"$WORK/lab.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite $suite-updates
Components: $components
Signed-By: $keyring

Types: deb
URIs: $security
Suites: $suite-security
Components: $components
Signed-By: $keyring
SOURCES
apt_options=(--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' --aptopt='Acquire::http::Timeout "30"' \
  --aptopt='Acquire::Languages "none"')
for option in Acquire::http::Proxy Acquire::https::Proxy Acquire::Check-Valid-Until; do
  eval "$(apt-config shell value "$option")"
  # shellcheck disable=SC2154  # set by the eval
  if [ -n "${value:-}" ]; then apt_options+=("--aptopt=$option \"$value\""); fi
  value=
done

# What install.sh would fetch: it finds it there, since nothing leaves the lab's namespace.
wanted=$(sed -n 's/^PACKAGES="\(.*\)"$/\1/p' "$here/../install/install.sh")
[ -n "$wanted" ] || die "image/install/install.sh has no line PACKAGES=\"…\"." "Let this recipe read its list again."
read -ra wanted <<<"$wanted"
packages=(
  "${wanted[@]}"
  # A server as the installer leaves one, seen from the agent.
  systemd-sysv udev dbus libpam-systemd initramfs-tools zstd "$linux" openssh-server sudo curl apt
  # What install.sh installs where it can be had, and the kernel has WireGuard.
  wireguard-tools
  # What docs/operations/scale.md installs on a machine of the centre's; it is not started before that test does.
  postgresql
  # For looking, and for tests to come.
  iputils-ping tcpdump conntrack socat busybox-static less
)
# Ubuntu's confinement of swtpm and of unprivileged namespaces is in force there, as on any server of theirs.
[ $system != ubuntu ] || packages+=(apparmor)
include=$(IFS=,; echo "${packages[*]}")
root=$WORK/root
mkdir "$root"

cat >"$WORK/customize" <<'CUSTOMIZE'
#!/bin/bash
set -euo pipefail
root=$1
echo '/dev/vda / ext4 rw,discard,errors=remount-ro 0 1' >"$root/etc/fstab"
echo lab >"$root/etc/hostname"
echo '127.0.0.1 localhost lab' >"$root/etc/hosts"
chroot "$root" systemd-machine-id-setup >/dev/null 2>&1
# Its end of the cable (lab/cable.ts), and who may come in: said at boot, so that no key is in the image: lab.key=<base64 of a line of
# authorized_keys>.
cat >"$root/usr/local/sbin/lab-setup" <<'SETUP'
#!/bin/sh
until [ -e /sys/class/net/eth0 ]; do sleep 1; done
ip link set eth0 up
ip addr replace 192.0.2.10/24 dev eth0
ip route replace default via 192.0.2.1
mkdir -p -m 700 /root/.ssh
sed -n 's/.*lab\.key=\([^ ]*\).*/\1/p' /proc/cmdline | base64 -d >/root/.ssh/authorized_keys
SETUP
chmod 755 "$root/usr/local/sbin/lab-setup"
cat >"$root/etc/systemd/system/lab-setup.service" <<UNIT
[Unit]
Before=network-pre.target network.target ssh.service
Wants=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-setup
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p "$root/etc/ssh/sshd_config.d" "$root/var/log/journal"
printf 'UseDNS no\nPermitRootLogin prohibit-password\nMaxSessions 50\n' >"$root/etc/ssh/sshd_config.d/lab.conf"
chroot "$root" systemctl enable ssh lab-setup >/dev/null 2>&1
# Nothing here is reached in the test; each costs emulated seconds.
chroot "$root" systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer >/dev/null 2>&1 || true
chroot "$root" systemctl disable postgresql >/dev/null 2>&1
chroot "$root" systemctl mask getty@tty1.service >/dev/null 2>&1
rm -rf "$root"/var/log/{apt,dpkg.log,alternatives.log,bootstrap.log}
CUSTOMIZE
chmod +x "$WORK/customize"

progress "installing $title with systemd, its full kernel and QEMU"
# Only what finds the root disk goes into the initramfs: the rest would be unpacked at each emulated boot.
# shellcheck disable=SC2016  # $1 is mmdebstrap's
setsid mmdebstrap --verbose --mode=root --variant=minbase --format=directory --include="$include" "${apt_options[@]}" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt=force-unsafe-io \
  --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" && printf "COMPRESS=zstd\nMODULES=list\n" >"$1/etc/initramfs-tools/conf.d/lab"' \
  --essential-hook='printf "virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n" >>"$1/etc/initramfs-tools/modules"' \
  --customize-hook="$WORK/customize" "$suite" "$root" "$WORK/lab.sources" </dev/null >"$LOG" 2>&1 &
CHILD=$!
wait "$CHILD" || die "mmdebstrap did not finish." "See that apt-get update works here, or name a mirror with INDIUM_DEBIAN_MIRROR, then run this again."
CHILD=

progress "taking the kernel"
kernel=$(find "$root/boot" -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' | sort -V | tail -n 1)
if [ -z "$kernel" ] || [ ! -s "$root/boot/initrd.img-$kernel" ]; then die "the root file system has no kernel or no initramfs." "Run this again."; fi
# MODULES=list is asked for before initramfs-tools is configured, which may have written its own default.
cp "$root/boot/vmlinuz-$kernel" "$WORK/vmlinuz"
cp "$root/boot/initrd.img-$kernel" "$WORK/initrd"

progress "making the disk"
raw=$WORK/disk.raw
truncate -s "${disk_mib}M" "$raw"
mke2fs -q -t ext4 -L root -m 1 -E lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0 -d "$root" "$raw" >>"$LOG" 2>&1

progress "compressing"
qemu-img convert -q -c -m 4 -W -o compression_type=zstd -O qcow2 "$raw" "$WORK/out.qcow2" >>"$LOG" 2>&1
publish "$WORK/vmlinuz" "$(dirname "$out")/lab-vmlinuz"
publish "$WORK/initrd" "$(dirname "$out")/lab-initrd"
publish "$WORK/out.qcow2" "$out"
progress "done"
exit 0
}
