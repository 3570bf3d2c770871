#!/bin/bash
# Builds Tiny: the machine's own Debian (or Ubuntu) kernel and a busybox initramfs in a BIOS-bootable qcow2 of about 14 MB.
#
#   build-tiny.sh [OUT.qcow2]          default: dist/guest/tiny.qcow2
#
# Beside it go `<name>-vmlinuz` and `<name>-initrd`, for booting without a disk (the agent's probe of KVM).
# Needs no root, no loop device and no KVM; packages come through the machine's apt. INDIUM_CACHE_DIR keeps the downloads.
# One command in braces: the shell reads all of it first, so that an update of this file does not change a running build.
{
set -Eeuo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image/guest/common.sh
. "$here/common.sh"

out=$(realpath -m "${1:-$here/../../dist/guest/tiny.qcow2}")
# The launcher builds under a name ending in .unfinished and renames.
base=${out%.unfinished}
base=${base%.qcow2}
begin "Tiny" 6 "$out"
if [ "$(id -u)" = 0 ]; then default_cache=/var/cache/indium; else default_cache=${XDG_CACHE_HOME:-$HOME/.cache}/indium; fi
cache=${INDIUM_CACHE_DIR:-$default_cache}/tiny
mkdir -p "$cache"

progress "checking this machine"
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || die "Tiny is built on amd64 only." "Build it on an x86-64 Debian or Ubuntu."
need_tools apt-get:apt dpkg-deb:dpkg modprobe:kmod depmod:kmod cpio:cpio zstd:zstd sfdisk:fdisk mke2fs:e2fsprogs \
  grub-mkimage:grub-common /usr/lib/grub/i386-pc/boot.img:grub-pc-bin qemu-img:qemu-utils
need_room "$WORK" 400
need_room "$(dirname "$out")" 60

progress "downloading the kernel and busybox"
# The metapackage names the kernel that the machine's mirror serves today.
case $(. /etc/os-release && echo "$ID") in
  ubuntu) meta=linux-image-virtual ;;
  *) meta=linux-image-cloud-amd64 ;;
esac
ensure_lists "$meta"
kernel=$(apt-cache depends --important "$meta" | awk '/ Depends: *linux-image-[0-9]/ && !seen++ {print $2}')
[ -n "$kernel" ] || die "apt does not say which kernel $meta brings." "Run apt-get update, then try again."
version=${kernel#linux-image-}
version=${version#unsigned-}
packages=("$kernel" busybox-static)
# Ubuntu keeps the modules in a package of their own.
if apt-cache show "linux-modules-$version" >/dev/null 2>&1; then packages+=("linux-modules-$version"); fi
for package in "${packages[@]}"; do
  deb=$(fetch_deb "$package" "$cache") || die "the package $package could not be downloaded from this machine's apt mirror." \
    "See that apt-get update works here (network, proxy, /etc/apt/sources.list*), then try again."
  dpkg-deb -x "$deb" "$WORK/packages"
done
packages_root=$WORK/packages
# From Debian 13 on, modules lie under /usr/lib; kmod looks under lib.
[ -e "$packages_root/lib" ] || ln -s usr/lib "$packages_root/lib"
vmlinuz=$packages_root/boot/vmlinuz-$version
busybox=$(find "$packages_root" -path '*bin/busybox' -type f -print -quit)
if [ ! -f "$vmlinuz" ] || [ -z "$busybox" ]; then
  die "the packages do not hold what they should (kernel, busybox)." "Remove $cache and try again."
fi
applets=" $("$busybox" --list | tr '\n' ' ') "
for applet in getty login udhcpc acpid wget; do
  [[ $applets == *" $applet "* ]] || die "this busybox-static has no $applet." "Build on Debian 12, Debian 13 or Ubuntu 24.04."
done
epoch=$(stat -c %Y "$vmlinuz")
export SOURCE_DATE_EPOCH=$epoch E2FSPROGS_FAKE_TIME=$epoch

progress "laying out the initramfs"
root=$WORK/initramfs
mkdir -p "$root"/{bin,etc/acpi/PWRF,lib/modules,proc,sys,dev,run,tmp,root}
install -m 755 "$busybox" "$root/bin/busybox"
for applet in $applets; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
ln -s bin "$root/sbin"
mkdir "$root/usr"
ln -s ../bin "$root/usr/bin"
ln -s bin/busybox "$root/init"
cp "$here"/tiny/{inittab,boot,network,dhcp,session,ask,autologin,user-data,json.awk} "$root/etc/"
install -m 755 "$here/tiny/power-button" "$root/etc/acpi/PWRF/00000080"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\ntty:x:5:\n' >"$root/etc/group"
printf 'root:*:19000:0:99999:7:::\n' >"$root/etc/shadow"
chmod 600 "$root/etc/shadow"
printf 'Indium Tiny\n\n' >"$root/etc/issue"
cat >"$root/etc/motd" <<'MOTD'
Indium Tiny: busybox in memory; nothing you write here is kept. "poweroff" and "reboot" work.
MOTD
printf "export PS1='\\\\u@\\\\h:\\\\w\\\\$ ' PATH=/bin\n" >"$root/etc/profile"

# Modules in the order that insmod needs them; what the kernel has built in falls away by itself.
depmod -b "$packages_root" "$version" >>"$LOG" 2>&1
for module in virtio_pci virtio_net virtio-rng virtio_blk virtio_scsi virtio_balloon button evdev; do
  modprobe -d "$packages_root" -S "$version" --show-depends "$module" 2>>"$LOG" | awk '$1 == "insmod" {print $2}' || true
done | awk '!seen[$0]++' >"$WORK/modules"
while read -r path; do
  file=$(basename "$path")
  case $file in
    *.ko.zst) file=${file%.zst} && zstd -qdf "$path" -o "$root/lib/modules/$file" ;;
    *.ko.xz) file=${file%.xz} && "$busybox" xzcat "$path" >"$root/lib/modules/$file" ;;
    *) cp "$path" "$root/lib/modules/$file" ;;
  esac
  echo "$file" >>"$root/lib/modules/order"
done <"$WORK/modules"
[ -s "$root/lib/modules/order" ] || : >"$root/lib/modules/order"

progress "packing the initramfs"
find "$root" -exec touch -h -d "@$epoch" {} +
(cd "$root" && find . -mindepth 1 -printf '%P\n' | sort | cpio -o -H newc -R 0:0 --reproducible --quiet) | zstd -q -19 -T1 >"$WORK/initrd"

progress "making the disk"
disk=$WORK/disk
mkdir -p "$disk/boot/grub"
cp "$vmlinuz" "$disk/boot/vmlinuz"
cp "$WORK/initrd" "$disk/boot/initrd"
cat >"$disk/boot/grub/grub.cfg" <<'CFG'
set timeout=0
linux /boot/vmlinuz console=tty0 console=ttyS0,115200n8 random.trust_cpu=on quiet nokaslr edd=off net.ifnames=0 panic=10
initrd /boot/initrd
boot
CFG
find "$disk" -exec touch -h -d "@$epoch" {} +
raw=$WORK/disk.raw
size=$(($(du -sm --apparent-size "$disk" | cut -f1) + 6))
truncate -s $((size + 1))M "$raw"
printf 'label: dos\nlabel-id: 0x1d1d1d1d\nfirst-lba: 2048\n1: start=2048, type=83, bootable\n' | sfdisk -q "$raw" >>"$LOG" 2>&1
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum,^metadata_csum_seed,^orphan_file -L tiny -m 0 -N 32 -U 1d1d1d1d-0000-4000-8000-000000000001 \
  -E "offset=1048576,hash_seed=1d1d1d1d-0000-4000-8000-000000000002,root_owner=0:0" -d "$disk" "$raw" "${size}m" >>"$LOG" 2>&1
# shellcheck disable=SC2016  # $root is GRUB's
printf 'set root=(hd0,msdos1)\nset prefix=($root)/boot/grub\nconfigfile ($root)/boot/grub/grub.cfg\n' >"$WORK/embedded.cfg"
grub-mkimage -O i386-pc -o "$WORK/core.img" -p /boot/grub -c "$WORK/embedded.cfg" biosdisk part_msdos ext2 configfile normal linux >>"$LOG" 2>&1
install_bios_boot "$raw" "$WORK/core.img" 1

progress "compressing"
qemu-img convert -q -c -o compression_type=zstd -O qcow2 "$raw" "$WORK/out.qcow2" >>"$LOG" 2>&1
publish "$vmlinuz" "$base-vmlinuz"
publish "$WORK/initrd" "$base-initrd"
publish "$WORK/out.qcow2" "$out"
exit 0
}
