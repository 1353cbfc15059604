#!/usr/bin/env bash
# Installs the Debian packages that building and testing uds needs, and only those that are missing.
#
#   scripts/setup.sh [--yes] [--tests] [--full] [--peers] [--packages]
#
# This is the one place that names packages. It prints what is missing, asks once on a terminal
# (not with --yes), and runs apt-get only if something is missing. It asks for no removal or upgrade.
# --peers adds what scripts/bench.sh compares udsd with; where systemd runs, Debian starts Redis.
# --packages adds what scripts/package.sh needs; --full tries it, too, but goes on without.
# Exit: 0 all there (or only what can be left out is missing and cannot be installed), 64 usage,
# 69 this system or apt-get cannot provide them, 77 not permitted (no root, or a "no").
set -euo pipefail

build_packages=(g++ cmake ninja-build ccache pkg-config libboost1.81-dev libboost-program-options1.81-dev
  nlohmann-json3-dev libncurses-dev libre2-dev libsimdjson-dev libspdlog-dev libtomlplusplus-dev nettle-dev)
test_packages=(libgtest-dev python3)
# Without these some tests or phases are skipped, with a message; UDS_REQUIRE_ALL=1 forbids that.
optional_packages=(groff jq scdoc socat strace systemd tmux valgrind)
peer_packages=(redis-server dbus-broker libsystemd-dev libgrpc++-dev libprotobuf-dev protobuf-compiler
  protobuf-compiler-grpc)
package_packages=(debhelper dpkg-dev git lintian scdoc)
full_packages=(clang-19 libclang-rt-19-dev clang-tidy-19 clang-format-19 doxygen fish golang-go nodejs rustc
  shellcheck systemd-container zsh)

ask=yes
wanted=("${build_packages[@]}")
for argument in "$@"; do
  case $argument in
    --yes) ask=no ;;
    --tests) wanted+=("${test_packages[@]}" "${optional_packages[@]}") ;;
    --full)
      full_packages+=("${package_packages[@]}")
      wanted+=("${test_packages[@]}" "${optional_packages[@]}" "${full_packages[@]}")
      ;;
    --peers) wanted+=("${peer_packages[@]}") ;;
    --packages) wanted+=("${package_packages[@]}") ;;
    *)
      echo "setup.sh: unknown argument '$argument'" \
        "(usage: setup.sh [--yes] [--tests] [--full] [--peers] [--packages])" >&2
      exit 64
      ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  {
    echo "setup.sh: this is no Debian system. uds is built and tested on Debian 12."
    echo "Elsewhere, install the equivalents of:"
    printf '  %s\n' "${wanted[@]}"
    echo "and then build with: cmake --preset dev && cmake --build --preset dev"
  } >&2
  exit 69
fi

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "Every package needed is installed."
  exit 0
fi

# give_up STATUS MESSAGE: ends here; with success if all that is missing can be done without.
give_up() {
  local package
  echo "setup.sh: $2" >&2
  if [[ ${UDS_REQUIRE_ALL:-0} == 1 ]]; then exit "$1"; fi
  for package in "${missing[@]}"; do
    [[ " ${optional_packages[*]} ${full_packages[*]} ${peer_packages[*]} " == *" $package "* ]] || exit "$1"
  done
  echo "setup.sh: going on without them; the tests and peers that need them will be left out." >&2
  exit 0
}
by_hand="As root, run: apt-get update && apt-get install --no-install-recommends ${missing[*]}"

echo "These Debian packages are needed and not installed yet:"
printf '  %s\n' "${missing[@]}"

root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    give_up 77 "installing needs root, and there is no sudo. $by_hand"
  fi
  root=(sudo)
  # Without a terminal nobody could type a password: fail at once instead of waiting.
  [[ -t 0 ]] || root+=(-n)
fi

if [[ $ask == yes && -t 0 && -t 2 ]]; then
  read -r -p "Install them now? [Y/n] " answer || answer=no
  if [[ ! ${answer:-y} =~ ^[Yy] ]]; then
    give_up 77 "nothing was installed. $by_hand"
  fi
fi

if ! "${root[@]}" true; then
  give_up 77 "sudo was refused. $by_hand"
fi
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --option Dpkg::Use-Pty=0)
"${apt[@]}" update </dev/null || echo "setup.sh: apt-get update failed; trying with the package lists at hand." >&2
if ! "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null; then
  give_up 69 "apt-get could not install everything; its messages above say why."
fi
