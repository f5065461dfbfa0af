#!/bin/sh
# usage: build.sh VERSION FILE     (a kube-apiserver of this version with an etcd of its own, out of their Go modules)
#
# Any Go will do. Where it is older than go.mod wants, as Debian's is, it fetches a newer one, which is a module as well.
# Of another version than go.mod's its own modules are taken, in the versions that Kubernetes itself names (FILE.mod).
set -eu
version=$1
mkdir -p "$(dirname "$2")"
file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/server"
wanted=$(sed -n 's/^go //p' go.mod)
# No Go changes itself into another one.
export GOTOOLCHAIN=local

# In a folder without a go.mod, which an old Go might not understand.
is_new() {
    found=$(cd / && "$1" env GOVERSION 2>/dev/null) || return 1
    [ "$(printf '%s\n' "$wanted" "${found#go}" | sort -V | head -n 1)" = "$wanted" ]
}

go=
for candidate in go /usr/local/go/bin/go; do
    if is_new "$candidate"; then go=$candidate && break; fi
done
if [ -z "$go" ]; then
    command -v go >/dev/null || { echo "build.sh: no go: install one (Debian: golang-go)" >&2 && exit 1; }
    module=golang.org/toolchain@v0.0.1-go$wanted.$(go env GOOS)-$(go env GOARCH)
    echo "build.sh: $(go version) is older than $wanted: fetching $module"
    home=$(cd / && go mod download -json "$module" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
    # A module has no executable files.
    chmod -R a+x "$home/bin" "$home/pkg/tool"
    go=$home/bin/go
    unset GOROOT
fi
modules=
tags=nodes
if ! grep -q "k8s.io/kubernetes v$version\$" go.mod; then
    # The controllers of another version are begun otherwise, and it has not all of the modules.
    tags=
    modules="-mod=mod -modfile=$file.mod"
    {
        printf 'module kubernetes.test/server\n\ngo %s\n\nrequire k8s.io/kubernetes v%s\n\n' "$wanted" "$version"
        sed -n "/^replace (/,/^)/s/ v0\..*/ v0.${version#*.}/p" go.mod | sed 's/^\t/replace /'
    } >"$file.mod"
fi
name=k8s.io/component-base/version
major=${version%%.*}
minor=${version#*.}
# shellcheck disable=SC2086 # two options, or none
"$go" build $modules -tags "$tags" -buildvcs=false -o "$file" \
    -ldflags "-s -w -X $name.gitVersion=v$version -X $name.gitMajor=$major -X $name.gitMinor=${minor%%.*}" .
