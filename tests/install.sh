#!/bin/sh
# Install what the tests need beside Python by the system's package manager, if it is missing:
# Chromium for the browser tests, redis-server for those of the workers, PostgreSQL for the notes.
set -u
has() {
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 && return 0
    done
    return 1
}
wanted=""
has chromium chromium-browser google-chrome || wanted="chromium"
has redis-server || wanted="$wanted redis"
# Debian and Alpine keep the server's programs out of the path.
has postgres /usr/lib/postgresql/*/bin/postgres /usr/libexec/postgresql*/postgres ||
    wanted="$wanted postgresql"
[ -n "$wanted" ] || exit 0

without="without Chromium the browser tests are skipped, without redis-server those of the workers fail,
without PostgreSQL those of the notes on it are skipped."
as_root=""
if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "Missing, and not to be installed without root: $wanted; $without"
        exit 0
    fi
fi

# The packages of one program, by the names that a package manager gives them: chromium, redis, postgresql.
packages() {
    for program in $wanted; do
        [ "$program" = chromium ] && printf '%s ' "$1"
        [ "$program" = redis ] && printf '%s ' "$2"
        [ "$program" = postgresql ] && printf '%s ' "$3"
    done
}
echo "Installing:$(printf ' %s' $wanted) ..."
# The lists of packages are words to split.
# shellcheck disable=SC2046
if has apt-get; then
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            $(packages "chromium fonts-dejavu-core" redis-server postgresql) >/dev/null
elif has dnf; then
    $as_root dnf install -y -q $(packages "chromium dejavu-sans-fonts" redis postgresql-server)
elif has pacman; then
    $as_root pacman -S --noconfirm --quiet $(packages "chromium ttf-dejavu" redis postgresql)
elif has apk; then
    $as_root apk add --quiet $(packages "chromium ttf-dejavu" redis postgresql)
else
    false
fi || echo "Could not be installed:$(printf ' %s' $wanted); $without"
exit 0
