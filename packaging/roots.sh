# What builds in clean systems of Debian have in common. The systems are kept below .build/roots; remove one to have it
# made anew.

roots=$PWD/.build/roots

# Where this machine's own packages come from. Before it has fetched their lists it does not know which are Debian's.
own_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' |
        awk '$2 !~ /-/ { print $1; exit }'
}
mirror=$(own_mirror)
if [ -z "$mirror" ]; then
    apt-get -q update
    mirror=$(own_mirror)
fi

# make_root NAME PACKAGE,... OPTION... RELEASE SOURCE...: a system of the release with these packages, unless there is one.
# The lists of a release in the making may be out of date.
make_root() {
    local root=$roots/$1 packages=$2
    shift 2
    [ ! -d "$root" ] || return 0
    rm -rf "$root.part"
    mkdir -p "$roots"
    # Its folder comes behind the release.
    local options=()
    while [[ $1 == -* ]]; do
        options+=("$1")
        shift
    done
    mmdebstrap --include="$packages" --aptopt='Acquire::Check-Valid-Until "false"' \
        "${options[@]}" "$1" "$root.part" "${@:2}"
    mv "$root.part" "$root"
}

# in_root NAME FOLDER... -- COMMAND...: runs the command in a system, where these folders of this machine are, too.
in_root() {
    local root=$roots/$1
    shift
    unshare --mount --fork --kill-child bash -euc '
        root=$1
        shift
        mount --make-rprivate /
        while [ "$1" != -- ]; do
            mkdir -p "$root$1"
            mount --bind "$1" "$root$1"
            shift
        done
        shift
        mount -t proc proc "$root/proc"
        for device in null zero full random urandom; do mount --bind /dev/$device "$root/dev/$device"; done
        exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' - "$root" "$@"
}

# copy_fetched FOLDER: what Swift has fetched here is not fetched again for a build in that folder.
copy_fetched() {
    swift package resolve
    mkdir -p "$1"
    cp -a .build/checkouts .build/repositories .build/workspace-state.json "$1/"
}
