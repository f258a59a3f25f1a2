# setup.sh: what ./dev needs on this machine, in the order in which it is needed. Sourced by ./dev.
#
# Each function says what it does, does nothing when that was done before, keeps a log in
# build-setup/log, and ends ./dev with the end of that log and a sentence when something fails.

NODE_MIN=20.19.0
NODE_MAJOR=22 # taken from the npm registry where node is older or absent
LOGS=$ROOT/build-setup/log
STAMPS=$ROOT/build-setup/stamp

say() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }

die() {
    printf 'dev: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'What to do: %s\n' "$2" >&2
    exit 1
}

# step NAME ADVICE COMMAND…: runs it with its output in a log, and shows that time passes.
step() {
    local name=$1 advice=$2 log started=$SECONDS
    shift 2
    mkdir -p "$LOGS"
    log=$LOGS/$(tr -cs 'a-z0-9\n' - <<<"${name,,}" | sed 's/-*$//').log
    say "$name"
    "$@" >"$log" 2>&1 &
    local job=$! beat=0
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        beat=$((beat + 1))
        [ $((beat % 25)) -ne 0 ] || progress "$log" $((SECONDS - started))
    done
    [ ! -t 1 ] || printf '\r\033[K'
    if wait "$job"; then
        printf '  done in %d s\n' $((SECONDS - started))
        return
    fi
    tail -n 40 "$log" >&2
    die "$name: failed (the whole log: ${log#"$ROOT"/})" "$advice"
}

# Every five seconds on a terminal, every thirty into a file: the newest line of the log.
progress() {
    local line
    line=$(tail -c 300 "$1" | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | cut -c 1-70) || true
    if [ -t 1 ]; then
        printf '\r\033[K  %d s  %s' "$2" "$line"
    elif [ $(($2 % 30)) -lt 5 ]; then
        printf '  %d s  %s\n' "$2" "$line"
    fi
}

# stamp NAME TEXT: true when NAME was stamped with this text before. stamp_set remembers it.
stamp() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
stamp_set() { mkdir -p "$STAMPS" && printf '%s' "$2" >"$STAMPS/$1"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root: $*" "run ./dev as root once, or install sudo"
    fi
}

# packages SECTION…: installs what is missing of these sections of tools/packages.txt.
packages() {
    command -v dpkg-query >/dev/null || die "this is not Debian (no dpkg)" \
        "use Debian 12, or install the packages named in tools/packages.txt and their like yourself"
    local wanted missing=() name
    wanted=$(awk -v list=" $* " '/^#/ || /^$/ { next }
        /^\[/ { gsub(/[][]/, ""); on = index(list, " " $0 " "); next } on' tools/packages.txt)
    for name in $wanted; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q ' installed$' ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    packages_install "${missing[@]}"
}

packages_install() {
    say "Installing ${#*} Debian packages: $*"
    [ "$(id -u)" = 0 ] || as_root true # asks for the password before output goes to a log
    local offline="is there a network, and does \`apt-get update\` work? Then run ./dev again"
    step "Fetching the list of packages" "$offline" as_root apt-get update
    quiet_services_begin
    trap quiet_services_end EXIT
    step "Installing packages" "$offline" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
    quiet_services_end
    trap - EXIT
}

# While packages are installed no service starts and no database cluster is made: the tests bring
# their own. Files that were there before are left alone.
quiet_services_begin() {
    POLICY=/usr/sbin/policy-rc.d CLUSTER=/etc/postgresql-common/createcluster.conf MADE=()
    if [ ! -e $POLICY ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $POLICY >/dev/null
        as_root chmod 755 $POLICY
        MADE+=("$POLICY")
    fi
    if [ ! -e $CLUSTER ]; then
        as_root mkdir -p "${CLUSTER%/*}"
        echo 'create_main_cluster = false' | as_root tee $CLUSTER >/dev/null
    fi
}

quiet_services_end() {
    [ ${#MADE[@]} -eq 0 ] || as_root rm -f "${MADE[@]}"
    MADE=()
}

version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# A Node that Vite runs on: the machine's own, else one unpacked under build-setup/node.
node_ready() {
    local own=$ROOT/build-setup/node/bin
    [ ! -x "$own/node" ] || export PATH=$own:$PATH
    local have=0
    command -v node >/dev/null && command -v npm >/dev/null && have=$(node --version | tr -d v)
    version_at_least "$have" $NODE_MIN && return
    command -v npm >/dev/null || packages_install npm
    step "Fetching Node $NODE_MAJOR from the npm registry (this machine has ${have/#0/none})" \
        "can \`npm view npm version\` reach a registry? Set one with \`npm config set registry\`" \
        node_fetch
    export PATH=$own:$PATH
}

node_fetch() {
    local machine at=$ROOT/build-setup/node
    case $(uname -m) in
        x86_64) machine=x64 ;;
        aarch64) machine=arm64 ;;
        *) echo "no ready-made Node for $(uname -m): install Node $NODE_MIN or newer" && return 1 ;;
    esac
    rm -rf "$at" && mkdir -p "$at/bin" "$at/npm" && cd "$at" || return
    npm pack "node-linux-$machine@$NODE_MAJOR" "npm@10" || return
    tar -xzf node-linux-*.tgz --strip-components=1 && tar -xzf npm-*.tgz -C npm --strip-components=1 || return
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/npm/bin/npm-cli.js" "$@"\n' "$at" "$at" >bin/npm
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/npm/bin/npx-cli.js" "$@"\n' "$at" "$at" >bin/npx
    chmod +x bin/npm bin/npx && rm -f ./*.tgz && bin/node --version
}

# npm_ci FOLDER: its node_modules, as its lock file says.
npm_ci() {
    [ -e "$1/package.json" ] || return 0
    local hash
    hash=$(cat "$1/package-lock.json" | sha256sum; node --version)
    [ -d "$1/node_modules" ] && stamp "npm-${1//\//-}" "$hash" && return
    step "Installing npm packages of $1" \
        "can \`npm view npm version\` reach a registry? Then run ./dev again" \
        npm ci --prefix "$1" --no-audit --no-fund
    stamp_set "npm-${1//\//-}" "$hash"
}

# The user interface, built by Vite into web/dist, from where Meson embeds it.
web_build() {
    [ -e web/package.json ] || return 0
    npm_ci web
    local hash
    hash=$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum)
    [ -e web/dist/index.html ] && stamp web "$hash" && return
    step "Building the user interface" "read the log, mend, run ./dev again" \
        npm run build --prefix web
    stamp_set web "$hash"
}

# kith_build FOLDER MESON-OPTION…: configures once, then compiles what changed: everything, or
# only what the environment's GOAL names.
kith_build() {
    local folder=$1
    shift
    if ! stamp "meson-$folder" "$*" || [ ! -e "$folder/build.ninja" ]; then
        local fresh=()
        [ ! -e "$folder/meson-private" ] || fresh=(--wipe)
        step "Configuring $folder" "read the log, mend, run ./dev again" \
            meson setup "$folder" "${fresh[@]}" "$@"
        stamp_set "meson-$folder" "$*"
    fi
    if [ -n "$(ninja -C "$folder" -n ${GOAL:-} | grep '^\[')" ]; then
        step "Compiling $folder" "read the log, mend, run ./dev again" ninja -C "$folder" ${GOAL:-}
    fi
}
