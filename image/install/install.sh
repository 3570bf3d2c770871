#!/bin/sh
# Makes this machine an Indium host, or upgrades the agent of one that is.
#
#   curl -fsSL https://indium.example:7780/install.sh | sudo sh -s -- --token indium-enrol-…
#
# Everything is in functions and the last line calls one: a download that breaks off runs nothing. Nothing here touches
# the uplink's addresses, and no firewall is changed unless --allow-firewall is given. See docs/operations/install.md.
# shellcheck disable=SC2015  # `a && b || fail`: fail is meant for either
set -u
umask 022
export LC_ALL=C PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${PATH:-}"

# Filled in by the dashboard that serves this file.
SERVED_URL='@INDIUM_URL@'
SERVED_PIN='@INDIUM_PIN@'

PREFIX=${INDIUM_INSTALL_PREFIX:-/opt/indium}
STATE_DIR=${INDIUM_AGENT_STATE_DIR:-/var/lib/indium-agent}
UNIT_DIR=${INDIUM_UNIT_DIR:-/etc/systemd/system}
UNIT=indium-agent.service
APPARMOR_DIR=${INDIUM_APPARMOR_DIR:-/etc/apparmor.d}
# What a host runs. fdisk, mmdebstrap and the like are for building images, which hosts do not.
PACKAGES="qemu-system-x86 qemu-utils ovmf swtpm nftables iproute2 util-linux kmod procps passwd tar gzip ca-certificates"
FREE_STATE_MIB=10240
FREE_PREFIX_MIB=600
MAX_SKEW_S=300

usage() {
  cat <<'USAGE'
Makes this machine an Indium host, or upgrades its agent.

  install.sh --url <dashboard> --token <token> [--pin sha256//…] [--centre-key <key>]    enrol
  install.sh                                                              upgrade in place
  install.sh --rollback                                                   back to the version before

  --dry-run          check this machine and say what would be done; change nothing
  --without-systemd  unpack and enrol only; start the agent yourself
  --allow-firewall   let Docker, ufw or firewalld forward VMs' traffic (else only told)

The token may also come in INDIUM_ENROL_TOKEN, which keeps it out of the process list.
USAGE
}

say() { printf '%s\n' "$*"; }
step() { printf '\n> %s\n' "$*"; }
note() { printf '  note: %s\n' "$*"; }

# fail WHAT NEXT: the one way to end in failure.
fail() {
  printf '\nERROR: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

# problem WHAT FIX: collected, so that all of them are shown at once.
PROBLEMS=0
problem() {
  PROBLEMS=$((PROBLEMS + 1))
  printf '  x %s\n    FIX: %s\n' "$1" "$2" >&2
}

cleanup() {
  code=$?
  trap - EXIT
  case ${WORK:-} in */.indium-install.*) rm -rf "$WORK" ;; esac
  exit "$code"
}

parse_arguments() {
  URL='' PIN='' TOKEN=${INDIUM_ENROL_TOKEN:-} CENTRE_KEY='' DRY_RUN='' WITHOUT_SYSTEMD='' ALLOW_FIREWALL='' ROLLBACK=''
  unset INDIUM_ENROL_TOKEN
  # Unfilled when the file is run from the source tree.
  case $SERVED_URL in @*) ;; *) URL=$SERVED_URL ;; esac
  case $SERVED_PIN in @*) ;; *) PIN=$SERVED_PIN ;; esac
  while [ $# -gt 0 ]; do
    case $1 in
      --url | --pin | --token | --centre-key)
        [ $# -ge 2 ] && [ -n "$2" ] || fail "$1 wants a value." "Copy the whole command from the dashboard's Add host page."
        case $1 in --url) URL=$2 ;; --pin) PIN=$2 ;; --token) TOKEN=$2 ;; --centre-key) CENTRE_KEY=$2 ;; esac
        shift 2
        ;;
      --dry-run) DRY_RUN=1 && shift ;;
      --without-systemd) WITHOUT_SYSTEMD=1 && shift ;;
      --allow-firewall) ALLOW_FIREWALL=1 && shift ;;
      --rollback) ROLLBACK=1 && shift ;;
      -h | --help) usage && exit 0 ;;
      *) fail "There is no option $1." "Run it with --help, or copy the whole command from the dashboard's Add host page." ;;
    esac
  done
  URL=${URL%/}
  ENROLLED=
  [ -s "$STATE_DIR/membership.json" ] && ENROLLED=1
  return 0
}

installed_version() { readlink "$PREFIX/agent/current" 2>/dev/null || true; }

# ---- preflight ---------------------------------------------------------------------------------------------------------

check_arguments() {
  case $URL in
    https://?*) ;;
    http://localhost | http://localhost:* | http://127.* | http://\[::1\]*) ;;
    http://*)
      [ -n "${INDIUM_ALLOW_HTTP:-}" ] || problem "The dashboard's address $URL is plain http: whoever is between could take over this host." \
        "Give Indium an https address (it makes a certificate by itself beyond loopback), or set INDIUM_ALLOW_HTTP=1 in a laboratory."
      ;;
    '') problem "The dashboard's address is not known." "Add --url https://<address of the dashboard>, as in the copied command." ;;
    *) problem "The address $URL is none." "It looks like https://indium.example:7780" ;;
  esac
  case $URL in *[!A-Za-z0-9:/._\[\]-]*) problem "The address $URL holds characters that an address here may not." "Give scheme, host and port only." ;; esac
  if [ -n "$PIN" ] && ! printf '%s' "$PIN" | grep -Eqx 'sha256//[A-Za-z0-9+/]{43}='; then
    problem "The pin is malformed." "It is sha256// and 44 characters; copy the whole command, with its quotes."
  fi
  if [ -n "$CENTRE_KEY" ] && ! printf '%s' "$CENTRE_KEY" | grep -Eqx '[A-Za-z0-9+/=]{20,200}'; then
    problem "The centre's key is malformed." "Copy the whole command, with its quotes."
  fi
  if [ -n "$ENROLLED" ]; then
    [ -z "$TOKEN" ] || problem "This machine is a host already ($STATE_DIR/membership.json), so the token is not used." \
      "To upgrade, run the command without --token. To enrol it anew, remove the host in the dashboard, stop indium-agent and delete that file."
  elif [ -z "$TOKEN" ]; then
    problem "This machine is not enrolled and there is no token." "Copy the command from the dashboard's Add host page; it carries one."
  elif ! printf '%s' "$TOKEN" | grep -Eqx 'indium-enrol-[0-9a-f]{64}'; then
    problem "The token is malformed (it is not shown here)." "Copy the whole command from the Add host page again."
  fi
}

check_machine() {
  [ "$(id -u)" = 0 ] || problem "This is not root." "Run it with sudo: curl … | sudo sh -s -- …"
  id_like=unknown
  # shellcheck source=/dev/null
  [ -r /etc/os-release ] && id_like=$(. /etc/os-release && printf '%s %s' "${ID:-?}" "${VERSION_ID:-?}")
  case $id_like in
    'debian 12' | 'debian 13' | 'ubuntu 24.04') say "  ok $id_like" ;;
    *) [ -n "${INDIUM_ANY_OS:-}" ] || problem "This system is $id_like; the agent is made for Debian 12, Debian 13 and Ubuntu 24.04." \
      "Install one of them, or set INDIUM_ANY_OS=1 to try on a close relative with apt." ;;
  esac
  ARCH=$(uname -m)
  case $ARCH in
    x86_64) ;;
    *) problem "This machine is $ARCH." "Indium's hosts are x86_64 for now." ;;
  esac
  for tool in curl apt-get dpkg-query sha256sum awk sed grep df; do
    command -v "$tool" >/dev/null 2>&1 || problem "The program $tool is missing." "Install it: apt-get install $tool"
  done
  if [ -z "$WITHOUT_SYSTEMD" ] && [ ! -d /run/systemd/system ]; then
    problem "systemd does not run this machine." "Add --without-systemd and start the agent yourself."
  fi
}

# The nearest folder above that exists.
existing() {
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  printf '%s' "$folder"
}

check_disk() {
  set -- "$STATE_DIR" "$FREE_STATE_MIB" "VMs' disks and images" "$PREFIX" "$FREE_PREFIX_MIB" "the agent"
  while [ $# -gt 0 ]; do
    free=$(df -Pm "$(existing "$1")" 2>/dev/null | awk 'NR == 2 {print $4}')
    if [ "${free:-0}" -lt "$2" ]; then
      problem "$1 has ${free:-0} MiB free; $3 need $2 MiB." "Free some space, or mount a larger disk there."
    fi
    shift 3
  done
}

check_virtualization() {
  if ! grep -Eqw 'vmx|svm' /proc/cpuinfo; then
    note "this processor offers no virtualization here, so VMs will be emulated (slow). In the firmware it is called VT-x or SVM; in a VM, nested virtualization."
  elif [ ! -e /dev/kvm ]; then
    note "/dev/kvm is missing, so VMs will be emulated (slow). Try: modprobe kvm_intel || modprobe kvm_amd"
  else
    say "  ok /dev/kvm is there; the agent boots a kernel on it before it counts"
  fi
}

# fetch PATH FILE [HEADERS]: from the dashboard, by its pin when there is one. Sets REASON on failure.
fetch() {
  set -- "$1" "$2" "${3:-/dev/null}" --silent --show-error --fail --max-time "${FETCH_SECONDS:-60}" --connect-timeout 15
  path=$1 file=$2 headers=$3
  shift 3
  case $URL in https:*) set -- "$@" --proto =https --tlsv1.2 ;; *) set -- "$@" --proto =http ;; esac
  # The pin takes the place of the certificate authorities: curl checks it also with -k.
  [ -z "$PIN" ] || set -- "$@" --insecure --pinnedpubkey "$PIN"
  REASON=$(curl "$@" --dump-header "$headers" --output "$file" "$URL$path" 2>&1)
  code=$?
  [ $code -eq 0 ] || REASON=${REASON:-curl ended with $code}
  return $code
}

check_reach() {
  [ "$PROBLEMS" -eq 0 ] || return 0
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/.indium-install.XXXXXX") || fail "No temporary folder could be made." "Set TMPDIR to a folder that can be written."
  if fetch /download/agent.json "$WORK/agent.json" "$WORK/headers"; then
    say "  ok $URL answers"
  else
    case $code in
      6) problem "The name in $URL cannot be resolved." "Check /etc/resolv.conf and the address." ;;
      7 | 28) problem "$URL cannot be reached from here ($REASON)." "Let this machine out to it (a firewall, a proxy, a wrong port?). Indium needs this one outbound address only." ;;
      22) problem "$URL answers, but has no agent to download ($REASON)." "On the machine that runs Indium, run npm start once more: it builds the agent." ;;
      35 | 51 | 58 | 60 | 77) problem "The certificate of $URL is not trusted here ($REASON)." "Copy the command again: it pins the certificate when Indium made it itself." ;;
      90) problem "$URL showed another key than the pinned one." "Its certificate was replaced, or something stands between. Copy the command again from the dashboard." ;;
      *) problem "$URL could not be asked ($REASON)." "Try: curl -v $URL/download/agent.json" ;;
    esac
    return 0
  fi
  date=$(sed -n 's/^[Dd]ate: *//p' "$WORK/headers" | tr -d '\r' | tail -n 1)
  theirs=$([ -n "$date" ] && date -u -d "$date" +%s 2>/dev/null)
  if [ -n "$theirs" ]; then
    skew=$(($(date +%s) - theirs))
    [ "${skew#-}" -le "$MAX_SKEW_S" ] || problem "This machine's clock is ${skew#-} s away from the dashboard's; signatures would count as expired." \
      "Set it: timedatectl set-ntp true"
  fi
}

check_packages() {
  MISSING=
  for package in $PACKAGES; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || MISSING="$MISSING $package"
  done
  [ -n "$MISSING" ] || return 0
  # dpkg locks by fcntl, which /proc/locks shows by inode.
  for lock in /var/lib/dpkg/lock-frontend /var/lib/apt/lists/lock; do
    [ -e "$lock" ] || continue
    if grep -q ":$(stat -c %i "$lock") " /proc/locks 2>/dev/null; then
      note "another program installs packages just now; it is waited for, up to five minutes."
      break
    fi
  done
}

# What stands in the way of VMs on NAT networks. Told with the exact exception; changed only with --allow-firewall.
check_firewalls() {
  EXCEPTIONS=
  if command -v iptables >/dev/null 2>&1 && iptables -S FORWARD 2>/dev/null | grep -q '^-P FORWARD DROP'; then
    if iptables -S DOCKER-USER >/dev/null 2>&1; then
      found "Docker lets no forwarded traffic through but its own." docker-user
    else
      found "The FORWARD policy of this machine drops." forward
    fi
  fi
  if command -v ufw >/dev/null 2>&1 && ufw status 2>/dev/null | grep -q '^Status: active'; then
    found "ufw is active and may drop what VMs send through this machine." ufw
  fi
  if command -v firewall-cmd >/dev/null 2>&1 && [ "$(firewall-cmd --state 2>/dev/null)" = running ]; then
    found "firewalld runs and may drop what VMs send through this machine." firewalld
  fi
}

found() {
  EXCEPTIONS="$EXCEPTIONS $2"
  note "$1 Indium's agent adds rules for its own networks only; if VMs still have no way out, add this exception:"
  exception_commands "$2" | sed 's/^/          /'
}

exception_commands() {
  case $1 in
    docker-user) printf '%s\n' "iptables -I DOCKER-USER -i $BRIDGES -j ACCEPT" "iptables -I DOCKER-USER -o $BRIDGES -j ACCEPT" ;;
    forward) printf '%s\n' "iptables -I FORWARD -i $BRIDGES -j ACCEPT" "iptables -I FORWARD -o $BRIDGES -j ACCEPT" ;;
    ufw) printf '%s\n' "ufw default allow routed" ;;
    firewalld) printf '%s\n' "firewall-cmd --permanent --new-policy indium-forward" \
      "firewall-cmd --permanent --policy indium-forward --add-ingress-zone ANY --add-egress-zone ANY --set-target ACCEPT" "firewall-cmd --reload" ;;
  esac
}

preflight() {
  step "Checking $(hostname)"
  check_arguments
  check_machine
  check_disk
  check_virtualization
  check_packages
  check_firewalls
  check_reach
  if [ "$PROBLEMS" -gt 0 ]; then
    fail "$PROBLEMS of the checks above failed; nothing was changed." "Do what each FIX says, then run the same command again."
  fi
}

# ---- doing -------------------------------------------------------------------------------------------------------------

# A field of agent.json, which is flat.
field() { sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\{0,1\}\([^\",}]*\).*/\1/p" "$WORK/agent.json" | head -n 1; }

read_manifest() {
  VERSION=$(field version) FILE=$(field file) SHA256=$(field sha256) THEIR_ARCH=$(field arch)
  # They become paths and names.
  if ! printf '%s' "$VERSION" | grep -Eqx '[0-9][A-Za-z0-9._+-]{0,60}' || ! printf '%s' "$FILE" | grep -Eqx 'agent-[A-Za-z0-9._+-]{1,100}\.tar\.gz' ||
    ! printf '%s' "$SHA256" | grep -Eqx '[0-9a-f]{64}'; then
    fail "The agent's description at $URL/download/agent.json is not what this script understands." "Is $URL really Indium's dashboard? If so, build it anew there: npm start"
  fi
  [ "$THEIR_ARCH" = "$ARCH" ] || fail "The agent that $URL offers is for $THEIR_ARCH; this machine is $ARCH." "Run Indium on a machine of the same architecture as its hosts."
}

install_packages() {
  [ -n "$MISSING" ] || return 0
  step "Installing packages:$MISSING"
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  log=$WORK/apt.log
  # shellcheck disable=SC2086  # a list of words
  apt-get -q -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 &&
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $MISSING >>"$log" 2>&1 && return 0
  grep -E '^(E|W|Err):' "$log" | tail -n 5 >&2
  case $(cat "$log") in
    *"Could not get lock"*) fail "Another program has held apt for five minutes." "Let it finish (often unattended-upgrades), then run the same command again." ;;
    *"No space left"*) fail "The disk is full." "Free some space, then run the same command again." ;;
  esac
  fail "apt could not install the packages." "Run by hand: apt-get update && apt-get install --no-install-recommends$MISSING"
}

# Optional: without it the host's link goes over websocket alone, and its page says so.
install_wireguard() {
  package=wireguard-go program=wireguard-go
  if [ -d /sys/module/wireguard ] || modprobe -q -n wireguard 2>/dev/null; then package=wireguard-tools program=wg; fi
  ! command -v "$program" >/dev/null 2>&1 || return 0
  if ! apt-cache show "$package" >/dev/null 2>&1; then
    note "$package is not in this machine's package lists; the WireGuard overlay is left out (optional)."
    return 0
  fi
  step "Installing $package (optional, for the WireGuard overlay)"
  # Four times as fast as Debian 12's own, where backports are among the sources already.
  backports=$(apt-cache madison "$package" 2>/dev/null | sed -n 's/.* \([a-z]*-backports\)\/.*/\1/p' | head -n 1)
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends ${backports:+-t "$backports"} "$package" >>"$WORK/apt.log" 2>&1 ||
    note "apt could not install it; the WireGuard overlay is left out. By hand: apt-get install $package"
  return 0
}

# Downloaded, compared and unpacked aside; the version's folder appears whole or not at all.
unpack() {
  agents=$PREFIX/agent
  if [ "$(cat "$agents/$VERSION/VERSION" 2>/dev/null)" = "$VERSION" ]; then
    say "  ok version $VERSION is here already"
    return 0
  fi
  step "Downloading agent $VERSION"
  mkdir -p "$agents" || fail "$agents cannot be made." "See that $PREFIX is on a disk that can be written."
  FETCH_SECONDS=1800
  tries=0
  until fetch "/download/$FILE" "$WORK/$FILE"; do
    tries=$((tries + 1))
    [ "$tries" -lt 3 ] || fail "The agent could not be downloaded from $URL ($REASON)." "Check the connection, then run the same command again; nothing was changed."
    sleep 2
  done
  got=$(sha256sum "$WORK/$FILE" | cut -d' ' -f1)
  [ "$got" = "$SHA256" ] || fail "The downloaded agent is not the one $URL announced: its checksum is $got, not $SHA256. It was thrown away." \
    "Run the same command again. If it happens again, something between changes downloads (a proxy?), or Indium was just being built anew."
  aside=$agents/.unpack.$$
  rm -rf "$aside"
  mkdir "$aside" || fail "$agents cannot be written." "See that $PREFIX is on a disk that can be written."
  if ! tar -xzf "$WORK/$FILE" -C "$aside" --no-same-owner || [ "$(cat "$aside/VERSION" 2>/dev/null)" != "$VERSION" ] || ! "$aside/bin/indium-agent" version >/dev/null 2>"$WORK/words"; then
    tail -n 3 "$WORK/words" 2>/dev/null >&2
    rm -rf "$aside"
    fail "The agent $VERSION could not be unpacked or does not start here." "Is the disk full, or mounted noexec? Then run the same command again."
  fi
  rm -rf "${agents:?}/$VERSION"
  mv "$aside" "$agents/$VERSION"
}

# link NAME VERSION: atomic, since a symlink is renamed over the one before.
link() {
  ln -s "$2" "$PREFIX/agent/.$1.$$" && mv -T "$PREFIX/agent/.$1.$$" "$PREFIX/agent/$1" ||
    fail "$PREFIX/agent/$1 could not be switched to $2." "See that $PREFIX can be written, then run the same command again."
}

switch_version() {
  before=$(installed_version)
  [ "$before" = "$VERSION" ] && return 0
  [ -z "$before" ] || link previous "$before"
  link current "$VERSION"
  # The one before stays for --rollback; older ones go.
  for folder in "$PREFIX/agent"/*; do
    name=${folder##*/}
    case $name in current | previous | "$VERSION" | "${before:-$VERSION}") ;; *) rm -rf "$folder" ;; esac
  done
}

# `indium-agent doctor` for whoever is at the keyboard; a file of that name that is not ours stays.
link_command() {
  if [ "$PREFIX" = /opt/indium ]; then bin=/usr/local/bin; else bin=${INDIUM_BIN_DIR:-}; fi
  [ -n "$bin" ] || return 0
  command=$bin/indium-agent
  [ ! -e "$command" ] || [ -L "$command" ] || return 0
  mkdir -p "$bin" && ln -sfn "$PREFIX/agent/current/bin/indium-agent" "$command" || note "$command could not be made; use $PREFIX/agent/current/bin/indium-agent."
}

# Ubuntu confines swtpm by AppArmor to libvirt's folders, and leaves a file for what a site adds; Debian ships no such profile.
allow_swtpm() {
  profile=$APPARMOR_DIR/usr.bin.swtpm additions=$APPARMOR_DIR/local/usr.bin.swtpm
  [ -f "$profile" ] || return 0
  rules="owner $STATE_DIR/vms/*/tpm/{,**} rwk, $STATE_DIR/vms/*/tpm.log w, owner /run/indium*/*/tpm rwk, unix (send, receive, connect, accept, bind, listen) type=stream, # indium-agent"
  grep -qxF "$rules" "$additions" 2>/dev/null && return 0
  step "Letting swtpm keep VMs' TPMs in $STATE_DIR (AppArmor)"
  mkdir -p "$APPARMOR_DIR/local" && { grep -v '# indium-agent$' "$additions" 2>/dev/null; printf '%s\n' "$rules"; } >"$additions.indium.$$" &&
    mv "$additions.indium.$$" "$additions" && apparmor_parser -r "$profile" >/dev/null 2>&1 ||
    note "that did not work: VMs with a TPM will not start here. Add to $additions, then run apparmor_parser -r $profile: $rules"
}

write_unit() {
  [ -z "$WITHOUT_SYSTEMD" ] || return 0
  mkdir -p "$UNIT_DIR"
  sed -e "s|@PREFIX@|$PREFIX|g" -e "s|@STATE_DIR@|$STATE_DIR|g" "$PREFIX/agent/$VERSION/systemd/$UNIT" >"$UNIT_DIR/.$UNIT.$$" &&
    mv "$UNIT_DIR/.$UNIT.$$" "$UNIT_DIR/$UNIT" || fail "$UNIT_DIR/$UNIT could not be written." "See that $UNIT_DIR can be written."
  systemctl daemon-reload || fail "systemd did not take the new unit." "See: systemctl status $UNIT"
}

enrol() {
  [ -z "$ENROLLED" ] || return 0
  step "Enrolling with $URL"
  set -- enrol --url "$URL" --state-dir "$STATE_DIR"
  [ -z "$PIN" ] || set -- "$@" --pin "$PIN"
  [ -z "$CENTRE_KEY" ] || set -- "$@" --centre-key "$CENTRE_KEY"
  # By the environment, which only root may read: arguments show in the process list.
  if INDIUM_ENROL_TOKEN=$TOKEN "$PREFIX/agent/$VERSION/bin/indium-agent" "$@" >"$WORK/words" 2>&1; then
    sed 's/^/  ok /' "$WORK/words" | tail -n 1
    TOKEN=
    return 0
  fi
  case $(cat "$WORK/words") in
    *token_used* | *"used already"*) next="A token works once. Make a new one on the Add host page and run its command." ;;
    *token_expired*) next="Make a new token on the Add host page and run its command." ;;
    *token_invalid*) next="Copy the whole command from the Add host page again; an expired or revoked token has to be made anew." ;;
    *) next="Mend what it says, then run the same command again; the token was not used unless it says so." ;;
  esac
  # The agent names no secret; its own words are the best there are.
  fail "The host was not enrolled: $(tail -n 1 "$WORK/words" | cut -c1-600)" "$next"
}

allow_firewall() {
  [ -n "$ALLOW_FIREWALL" ] || return 0
  for kind in $EXCEPTIONS; do
    step "Adding the exception ($kind)"
    exception_commands "$kind" | while IFS= read -r command; do
      say "  $command"
      # Fixed words of this script, no input.
      eval "$command" >/dev/null 2>&1 || note "that did not work; add it by hand."
    done
  done
}

start_agent() {
  if [ -n "$WITHOUT_SYSTEMD" ]; then
    step "Done, without systemd"
    say "  Start the agent as root, and see that it starts with the machine:"
    say "    INDIUM_AGENT_STATE_DIR=$STATE_DIR $PREFIX/agent/current/bin/indium-agent run"
    return 0
  fi
  step "Starting $UNIT"
  since=$(date '+%Y-%m-%d %H:%M:%S')
  systemctl enable --quiet "$UNIT" && systemctl restart "$UNIT" || fail "$UNIT did not start." "See: journalctl -u $UNIT -n 50"
  waited=0
  while [ "$waited" -lt 60 ]; do
    if journalctl -u "$UNIT" --since "$since" -o cat 2>/dev/null | grep -Eq ' linked( |$)|"message":"linked"'; then
      say "  ok the link to $URL is up. Agent $VERSION runs; VMs that were running still are."
      return 0
    fi
    sleep 1
    waited=$((waited + 1))
  done
  journalctl -u "$UNIT" --since "$since" -o cat -n 5 2>/dev/null >&2
  if [ -n "${before:-}" ] && [ "$before" != "$VERSION" ]; then
    fail "The agent runs, but has no link after a minute." "Back to $before: run this script with --rollback. Its log: journalctl -u $UNIT -f"
  fi
  fail "The agent runs, but has no link after a minute; it goes on trying." "Its log says why: journalctl -u $UNIT -f"
}

rollback() {
  VERSION=$(readlink "$PREFIX/agent/previous" 2>/dev/null) || VERSION=
  [ "$(id -u)" = 0 ] || fail "This is not root." "Run it with sudo."
  [ -n "$VERSION" ] && [ -x "$PREFIX/agent/$VERSION/bin/indium-agent" ] || fail "There is no version to go back to under $PREFIX/agent." "Only an upgrade leaves one."
  switch_version
  write_unit
  start_agent
}

main() {
  parse_arguments "$@"
  # Linux interface names of Indium's bridges on NAT networks, in iptables' notation.
  BRIDGES=ibr-+
  trap cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [ -n "$ROLLBACK" ]; then
    rollback
    exit 0
  fi
  preflight
  read_manifest
  if [ -n "$DRY_RUN" ]; then
    step "Would be done (nothing was changed)"
    [ -z "$MISSING" ] || say "  install$MISSING"
    say "  unpack agent $VERSION to $PREFIX/agent/$VERSION$(test -z "$(installed_version)" || printf ', in place of %s' "$(installed_version)")"
    [ -n "$ENROLLED" ] || say "  enrol with $URL"
    [ -n "$WITHOUT_SYSTEMD" ] || say "  write $UNIT_DIR/$UNIT and start it"
    exit 0
  fi
  install_packages
  install_wireguard
  unpack
  enrol
  switch_version
  link_command
  allow_swtpm
  write_unit
  allow_firewall
  start_agent
}

# In braces, so that a line that broke off in its middle is no command either.
{ main "$@"; exit; }
