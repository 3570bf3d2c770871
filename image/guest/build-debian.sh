#!/bin/bash
# Builds a Debian 12 cloud image from Debian's packages: stock cloud-init, GRUB for BIOS and UEFI (with Debian's signed shim),
# a root file system that grows, consoles on VGA and serial, the user `debian`.
#
#   build-debian.sh [OUT.qcow2]        default: dist/guest/debian-12-built.qcow2
#
# Needs root (packages are configured in a chroot), but no loop device and no KVM: file systems are composed with `mke2fs -d`
# and mtools. The mirror is the machine's own Debian mirror, INDIUM_DEBIAN_MIRROR, or deb.debian.org.
# One command in braces: the shell reads all of it first, so that an update of this file does not change a running build.
{
set -Eeuo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image/guest/common.sh
. "$here/common.sh"

out=$(realpath -m "${1:-$here/../../dist/guest/debian-12-built.qcow2}")
suite=bookworm
begin "the Debian 12 image" 15 "$out"

progress "checking this machine"
[ "$(id -u)" = 0 ] || die "it needs root, since packages are configured in a chroot." "Run the same command with sudo."
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || die "it is built on amd64 only." "Build it on an x86-64 Debian or Ubuntu."
need_tools mmdebstrap:mmdebstrap sfdisk:fdisk mke2fs:e2fsprogs mformat:mtools qemu-img:qemu-utils apt-get:apt
need_room "$WORK" 3000
need_room "$(dirname "$out")" 600

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -s "$keyring" ] || die "Debian's archive keys are not on this machine." "Run: apt-get install debian-archive-keyring"

# What apt itself says of this machine's sources, in either file format: `<label>|<uri>` for each release of Debian.
# shellcheck disable=SC2016  # the fields are apt's
sources=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sort -u || true)
mirror=${INDIUM_DEBIAN_MIRROR:-$(awk -F'|' '$1 == "Debian" && $2 == "Debian" && !seen++ {print $3}' <<<"$sources")}
security=${INDIUM_DEBIAN_SECURITY_MIRROR:-$(awk -F'|' '$1 == "Debian" && $2 == "Debian-Security" && !seen++ {print $3}' <<<"$sources")}
mirror=${mirror:-http://deb.debian.org/debian}
security=${security:-http://deb.debian.org/debian-security}
for uri in "$mirror" "$security"; do
  case $uri in
    http://* | https://* | file:/*) ;;
    *) die "the mirror '$uri' cannot be used." "Set INDIUM_DEBIAN_MIRROR to the address of a Debian mirror, as http://deb.debian.org/debian" ;;
  esac
done
cat >"$WORK/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite $suite-updates
Components: main
Signed-By: $keyring

Types: deb
URIs: $security
Suites: $suite-security
Components: main
Signed-By: $keyring
SOURCES

# The machine's way out may be a proxy, and its mirror may be a frozen one.
apt_options=(--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' --aptopt='Acquire::http::Timeout "30"' \
  --aptopt='Acquire::Languages "none"')
for option in Acquire::http::Proxy Acquire::https::Proxy Acquire::Check-Valid-Until; do
  eval "$(apt-config shell value "$option")"
  # shellcheck disable=SC2154  # set by the eval
  if [ -n "${value:-}" ]; then apt_options+=("--aptopt=$option \"$value\""); fi
  value=
done

packages=(
  systemd-sysv systemd-resolved systemd-timesyncd libpam-systemd udev dbus kmod initramfs-tools zstd
  linux-image-cloud-amd64 grub-cloud-amd64 grub-efi-amd64-signed shim-signed
  cloud-init cloud-guest-utils fdisk gdisk isc-dhcp-client netplan.io python3-netifaces
  openssh-server qemu-guest-agent sudo apt ca-certificates
  e2fsprogs dosfstools iproute2 iputils-ping nftables procps login passwd locales
  bash-completion curl less nano vim-tiny
)
include=$(IFS=,; echo "${packages[*]}")
root=$WORK/root
mkdir "$root"

# Runs inside mmdebstrap, once all packages are configured; $1 is the root.
cat >"$WORK/customize" <<'CUSTOMIZE'
#!/bin/bash
set -euo pipefail
root=$1
cat >"$root/etc/fstab" <<FSTAB
LABEL=root / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1
LABEL=UEFI /boot/efi vfat umask=0077,nofail 0 0
FSTAB
mkdir -p "$root/boot/efi" "$root/boot/grub" "$root/etc/default/grub.d"
cat >"$root/etc/default/grub.d/10_cloud.cfg" <<GRUB
GRUB_TIMEOUT=0
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8 loglevel=4"
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --speed=115200"
GRUB
# As Debian's own cloud images do: the mirror is the image's, and /etc/hosts follows the name that metadata gives.
cat >"$root/etc/cloud/cloud.cfg.d/01_image.cfg" <<CLOUD
apt:
  preserve_sources_list: true
manage_etc_hosts: true
CLOUD
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
cp "$SOURCES_FILE" "$root/etc/apt/sources.list.d/debian.sources"
chmod 644 "$root/etc/apt/sources.list.d/debian.sources"
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
chroot "$root" systemctl enable systemd-networkd systemd-resolved systemd-timesyncd ssh >/dev/null 2>&1
# Their persistent timers would fire in the first minute of every new VM.
chroot "$root" systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service >/dev/null 2>&1
# Each VM makes its own identity.
echo localhost >"$root/etc/hostname"
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed"
rm -f "$root/etc/resolv.conf"
ln -s ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
rm -rf "$root"/var/log/{apt,dpkg.log,alternatives.log,bootstrap.log} "$root"/var/lib/cloud/*
CUSTOMIZE
chmod +x "$WORK/customize"
export SOURCES_FILE=$WORK/debian.sources

# mmdebstrap's own words become steps; one that comes again (initramfs) is not counted back.
reach() {
  [ "$1" -gt "$STEP" ] || return 0
  STEP=$(($1 - 1))
  progress "$2"
}
follow() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$LOG"
    case $line in
      "I: running apt-get update"*) reach 2 "reading the package lists of $mirror" ;;
      "I: downloading packages with apt"*) reach 3 "downloading the base system" ;;
      "I: extracting archives"*) reach 4 "unpacking the base system" ;;
      "I: installing essential packages"*) reach 5 "setting up the base system" ;;
      "I: installing remaining packages"*) reach 6 "installing the kernel, cloud-init and the rest" ;;
      "Unpacking linux-image"*) reach 7 "unpacking the kernel" ;;
      "Setting up linux-image"*) reach 8 "setting up the kernel" ;;
      "Processing triggers for initramfs-tools"*) reach 9 "making the initramfs" ;;
      "I: running --customize-hook"*) reach 10 "configuring the image" ;;
    esac
  done
}
mkfifo "$WORK/words"
follow <"$WORK/words" &
follower=$!
# Documentation is left out, licences are kept; /usr/share/locale stays, since cloud-init's locale module needs it.
# In a process group of its own, so that all of it can be told to stop.
# shellcheck disable=SC2016  # $1 is mmdebstrap's
setsid mmdebstrap --verbose --mode=root --variant=minbase --format=directory --include="$include" "${apt_options[@]}" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt=force-unsafe-io --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"; echo COMPRESS=zstd >"$1/etc/initramfs-tools/conf.d/compress"' \
  --customize-hook="$WORK/customize" "$suite" "$root" "$WORK/debian.sources" </dev/null >"$WORK/words" 2>&1 &
CHILD=$!
if ! wait "$CHILD"; then
  CHILD=
  wait "$follower"
  if grep -qE 'Could not resolve|Could not connect|Connection (failed|refused|timed out)|Temporary failure|Unable to connect|Failed to fetch' "$LOG"; then
    die "the mirror $mirror (or $security) cannot be reached or lacks files." \
      "See that apt-get update works here, or name another with INDIUM_DEBIAN_MIRROR=http://…/debian, then run this again."
  fi
  if grep -qE 'NO_PUBKEY|EXPKEYSIG|not signed' "$LOG"; then
    die "the mirror's signature could not be checked." "Run: apt-get install --only-upgrade debian-archive-keyring"
  fi
  if grep -q 'No space left' "$LOG"; then die "the disk of $WORK is full." "Free 3 GB there, or set TMPDIR to a folder on a larger disk."; fi
  die "mmdebstrap did not finish." "Read the log lines above, then run this again."
fi
CHILD=
wait "$follower"

STEP=10
progress "making the boot loader"
kernel=$(find "$root/boot" -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' | sort -V | tail -n 1)
if [ -z "$kernel" ] || [ ! -s "$root/boot/initrd.img-$kernel" ]; then
  die "the root file system has no kernel or no initramfs." "Run this again."
fi
# The first boot's menu. A kernel upgrade in the guest replaces it: update-grub writes the usual one, from /etc/default/grub.
cat >"$root/boot/grub/grub.cfg" <<CFG
set timeout=0
search --no-floppy --label root --set=root
linux /boot/vmlinuz-$kernel root=LABEL=root ro console=tty0 console=ttyS0,115200n8 loglevel=4
initrd /boot/initrd.img-$kernel
boot
CFG
cp -r "$root/usr/lib/grub/i386-pc" "$root/boot/grub/i386-pc"
# shellcheck disable=SC2016  # $root is GRUB's
printf 'search.fs_label root root\nset prefix=($root)/boot/grub\nconfigfile ($root)/boot/grub/grub.cfg\n' >"$root/boot/grub/embedded.cfg"
# The guest's own grub-mkimage: its modules and the tool have one version, whatever the builder runs.
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/core.img -p /boot/grub -c /boot/grub/embedded.cfg \
  biosdisk part_gpt ext2 search search_label configfile normal linux echo test serial terminal gzio >>"$LOG" 2>&1
mv "$root/boot/grub/core.img" "$root/boot/grub/embedded.cfg" "$WORK/"
for file in usr/lib/shim/shimx64.efi.signed usr/lib/shim/mmx64.efi.signed usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed; do
  [ -s "$root/$file" ] || die "the package that brings $file is missing from the image." "Run this again."
done

# Partitions, in sectors of 512 bytes. Root comes last on disk though it is number 1, so that growpart can grow it; the
# numbers are those of Debian's own cloud images.
#   14  BIOS boot (core.img)   2048 …   3 MiB
#   15  EFI system             8192 …  64 MiB
#    1  root                 139264 …  the rest
progress "making the disk"
raw=$WORK/disk.raw
root_start=$((2048 + 6144 + 131072))
size_mib=$(($(du -sm "$root" | cut -f1) + 68 + 450))
need_room "$WORK" "$((size_mib / 2 + 300))"
truncate -s "${size_mib}M" "$raw"
sfdisk -q "$raw" >>"$LOG" 2>&1 <<TABLE
label: gpt
first-lba: 2048
1: start=$root_start, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root
14: start=2048, size=6144, type=21686148-6449-6E6F-744E-656564454649
15: start=8192, size=131072, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TABLE
# Features that Debian 12's GRUB cannot read are off, whatever this machine's mke2fs has as its default.
root_kib=$(((size_mib * 2048 - root_start - 2048) / 2))
mke2fs -q -t ext4 -L root -m 1 -O ^metadata_csum_seed,^orphan_file -E "offset=$((root_start * 512)),lazy_itable_init=1,root_owner=0:0" \
  -d "$root" "$raw" "${root_kib}k" >>"$LOG" 2>&1

progress "making the EFI partition"
esp=$raw@@$((8192 * 512))
export MTOOLS_SKIP_CHECK=1
mformat -i "$esp" -F -v UEFI -T 131072 -h 16 -s 63 :: >>"$LOG" 2>&1
mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/debian
mcopy -i "$esp" "$root/usr/lib/shim/shimx64.efi.signed" ::EFI/BOOT/BOOTX64.EFI
mcopy -i "$esp" "$root/usr/lib/shim/mmx64.efi.signed" ::EFI/BOOT/mmx64.efi
mcopy -i "$esp" "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::EFI/BOOT/grubx64.efi
# Debian's signed GRUB looks for its configuration under /EFI/debian.
mcopy -i "$esp" "$WORK/embedded.cfg" ::EFI/debian/grub.cfg
install_bios_boot "$raw" "$WORK/core.img" 2048 "$root/usr/lib/grub/i386-pc"

progress "compressing"
qemu-img convert -q -c -m 4 -W -o compression_type=zstd -O qcow2 "$raw" "$WORK/out.qcow2" >>"$LOG" 2>&1
publish "$WORK/out.qcow2" "$out"
progress "done"
exit 0
}
