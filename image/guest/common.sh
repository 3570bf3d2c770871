# shellcheck shell=bash
# What both image builders share. Sourced, never run.
#
# Output contract: stdout carries only `PROGRESS <done> <total> <message>` lines, for the launcher and for people; the
# tools' own chatter goes to a log whose tail is shown when something fails.

WORK=
LOG=
CHILD=
STEP=0
STEPS=1
BUILDING="the image"

progress() {
  STEP=$((STEP + 1))
  printf 'PROGRESS %d %d %s\n' "$STEP" "$STEPS" "$1"
}

# die WHAT-FAILED WHAT-TO-DO
die() {
  # What follows an EXIT trap must not be reported twice.
  trap - ERR
  if [ -n "$LOG" ] && [ -s "$LOG" ]; then
    echo "--- last lines of the build log ---" >&2
    tail -n 15 "$LOG" >&2
    echo "---" >&2
  fi
  printf 'ERROR: %s is not built: %s\nWHAT TO DO: %s\n' "$BUILDING" "$1" "$2" >&2
  exit 1
}

# begin NAME STEPS OUT: makes the work folder (removed at exit) and refuses what would fail later.
begin() {
  BUILDING=$1
  STEPS=$2
  local out=$3
  mkdir -p "$(dirname "$out")" || die "the folder of $out cannot be made." "Choose an output path that can be written."
  WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/indium-image.XXXXXX") || die "no work folder could be made in ${TMPDIR:-/var/tmp}." \
    "Set TMPDIR to a folder with room."
  LOG=$WORK/build.log
  : >"$LOG"
  trap 'finish' EXIT
  trap 'stop 130' INT
  trap 'stop 143' TERM HUP
  trap 'die "the command at line $LINENO failed: $BASH_COMMAND" "Read the log lines above; then run the same command again: what was downloaded is kept."' ERR
}

# The shell sees a signal only between commands, so that a long one runs as CHILD, leader of its
# process group, and is waited for; it cleans up after itself.
stop() {
  trap - ERR
  if [ -n "$CHILD" ]; then
    kill -TERM -- "-$CHILD" 2>/dev/null || true
    wait "$CHILD" || true
  fi
  exit "$1"
}

finish() {
  local code=$?
  trap - EXIT ERR
  # Only a folder that begin() made: an unset WORK must never become `rm -rf /`.
  case $WORK in */indium-image.*) rm -rf --one-file-system "$WORK" ;; esac
  exit "$code"
}

# need_room FOLDER MEBIBYTES
need_room() {
  local free
  free=$(df -Pm "$1" | awk 'NR==2 {print $4}')
  [ "$free" -ge "$2" ] || die "$1 has $free MiB free and $2 MiB are needed." "Free some space there, or set TMPDIR to a folder on a larger disk."
}

# need_tools TOOL:PACKAGE…
need_tools() {
  local pair missing=
  for pair in "$@"; do
    case ${pair%%:*} in
      /*) [ -e "${pair%%:*}" ] || missing="$missing ${pair##*:}" ;;
      *) PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}" ;;
    esac
  done
  [ -z "$missing" ] || die "this machine lacks the packages:$missing." "Run: apt-get install --no-install-recommends$missing"
}

# The machine's own apt sources and keyrings are used as they are: a place with only a Debian mirror can build.
apt_quick=(-o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Sandbox::User=root)

# ensure_lists PACKAGE: refreshes the package lists when they do not know PACKAGE.
ensure_lists() {
  if ! apt-cache show "$1" >/dev/null 2>&1; then
    apt-get "${apt_quick[@]}" update >>"$LOG" 2>&1 || true
    apt-cache show "$1" >/dev/null 2>&1 || die "apt knows no package $1 on this machine." \
      "Run apt-get update and see that it reaches a mirror, then try again."
  fi
}

# fetch_deb PACKAGE FOLDER: prints the path of the package's current version, downloaded once and checked by apt.
fetch_deb() {
  local package=$1 folder=$2 file
  mkdir -p "$folder"
  # apt itself keeps a file that is already there with the right hash.
  if ! (cd "$folder" && apt-get "${apt_quick[@]}" download "$package" >>"$LOG" 2>&1); then
    # The lists may name a version the mirror has replaced.
    apt-get "${apt_quick[@]}" update >>"$LOG" 2>&1 || true
    (cd "$folder" && apt-get "${apt_quick[@]}" download "$package" >>"$LOG" 2>&1) || return 1
  fi
  file=$(find "$folder" -maxdepth 1 -name "${package}_*.deb" -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-)
  [ -n "$file" ] || return 1
  # Only the newest version is kept in the cache.
  find "$folder" -maxdepth 1 -name "${package}_*.deb" ! -path "$file" -delete
  printf '%s\n' "$file"
}

# publish FILE OUT: the file appears whole or not at all.
publish() {
  cp "$1" "$2.part"
  chmod 644 "$2.part"
  mv "$2.part" "$2"
}

# le64 NUMBER: eight bytes, little-endian.
le64() {
  local hex i
  hex=$(printf '%016x' "$1")
  for i in 14 12 10 8 6 4 2 0; do
    # shellcheck disable=SC2059  # the format is the escape made here
    printf "\\x${hex:$i:2}"
  done
}

# install_bios_boot RAW CORE CORE-SECTOR [GRUB-MODULES]
#
# What grub-install does without a block device: boot.img goes to the MBR's code area and learns where core.img begins
# (GRUB_BOOT_MACHINE_KERNEL_SECTOR, 0x5c); core.img's first block lists where the rest of it lies (its last 12 bytes, 0x1f4).
# See grub-core/boot/i386/pc/{boot,diskboot}.S.
install_bios_boot() {
  local raw=$1 core=$2 sector=$3 modules=${4:-/usr/lib/grub/i386-pc} boot=$WORK/boot.img
  cp "$modules/boot.img" "$boot"
  le64 "$sector" | dd of="$boot" bs=1 seek=$((0x5c)) conv=notrunc status=none
  le64 $((sector + 1)) | dd of="$core" bs=1 seek=$((0x1f4)) conv=notrunc status=none
  dd if="$boot" of="$raw" bs=1 count=440 conv=notrunc status=none
  dd if="$core" of="$raw" bs=512 seek="$sector" conv=notrunc status=none
}
