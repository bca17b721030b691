#!/bin/sh
# Install Chromium for the browser tests by the system's package manager, if it is missing.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "Chromium is missing and cannot be installed without root: the browser tests are skipped."
        exit 0
    fi
fi
echo "Installing Chromium ..."
if command -v apt-get >/dev/null 2>&1; then
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium fonts-dejavu-core >/dev/null
elif command -v dnf >/dev/null 2>&1; then
    $as_root dnf install -y -q chromium dejavu-sans-fonts
elif command -v pacman >/dev/null 2>&1; then
    $as_root pacman -S --noconfirm --quiet chromium ttf-dejavu
elif command -v apk >/dev/null 2>&1; then
    $as_root apk add --quiet chromium ttf-dejavu
else
    false
fi || echo "Chromium could not be installed: the browser tests are skipped."
exit 0
