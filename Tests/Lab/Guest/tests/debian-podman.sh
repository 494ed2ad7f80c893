# Podman gives containers devices of their own, as root and without, with and without a user namespace: by a mount, by the
# names of the package (CDI), and by its hook.
# kernels: one
# system: debian
# seconds: 220

. /lab/debian/containers.sh
install_package
prepare_podman

# rootless COMMAND...: as somebody without privileges, who has no session.
mkdir -m 700 /run/user-1000 /home/outsider
chown outsider: /run/user-1000 /home/outsider
rootless() { as outsider env -C / HOME=/home/outsider XDG_RUNTIME_DIR=/run/user-1000 "$@"; }
rootless podman import -q /run/image.tar client >/run/import.log 2>&1 ||
    give_up "somebody without privileges makes an image: $(cat /run/import.log)"

# contain NAME TOOL... OPTIONS: a container with a client that maps its /dev/sysgenid, and one of busybox's that reads it.
inside='exec 3</dev/sysgenid
    dd bs=4 count=1 <&3 2>/dev/null | hexdump -e "\"read %d\n\"" >/tmp/read &
    exec TestClient follow /dev/sysgenid'
contain() {
    contained=$1
    shift
    start "$contained" "$@" --name "$contained" client sh -c "$inside"
    until_true 60 has_said "$contained" 0 || give_up "$contained sees its generation: $(cat "/run/$contained.log")"
}
by_mount() { echo "--mount type=bind,src=$containers/$1/sysgenid,dst=/dev/sysgenid"; }
others_map="--uidmap 0:100000:65536"

sysgenidctl container add web
sysgenidctl container add db --owner 100000:100000
sysgenidctl container add app --owner 1000:1000
contain web podman run $(by_mount web)
contain db podman run --runtime runc $others_map $(by_mount db)
contain app rootless podman run $(by_mount app)
contain shared rootless podman run --device sysgenid.org/device=system
contain looking podman run --device sysgenid.org/device=system-read-only
contain named podman run $others_map --device sysgenid.org/device=own
contain hooked podman run --runtime runc --annotation org.sysgenid.device=own

# everybody_has LINES...: what the client in each container has seen, in the order of `everybody`.
everybody="web db app shared looking named hooked"
expect_everybody() {
    what=$1
    shift
    for container in $everybody; do
        until_true 10 has_said "$container" "$1"
        equal "$what: $container" "$(after_ready "$container")" "$1"
        shift
    done
}
id_of() { podman inspect --format '{{.Id}}' "$1"; }

equal "who has a device" "$(sysgenidctl container list | sort | xargs)" \
    "$(printf '%s\n' "web 0 0:0" "db 0 100000:100000" "app 0 1000:1000" "$(id_of named) 0 100000:100000" \
        "$(id_of hooked) 0 0:0" | sort | xargs)"

sysgenidctl --container web trigger >/dev/null
expect_everybody "a change of web" "0 1" 0 0 0 0 0 0
sysgenidctl --container "$(id_of hooked)" trigger >/dev/null
expect_everybody "a change of hooked" "0 1" 0 0 0 0 0 "0 1"
podman exec db TestClient trigger /dev/sysgenid
equal "root of a user namespace changes what it owns" "$?" 0
podman exec named TestClient trigger /dev/sysgenid
equal "and what the hook has made for it" "$?" 0
rootless podman exec app TestClient trigger /dev/sysgenid
equal "and so does who made a container without privileges" "$?" 0
expect_everybody "changes from within" "0 1" "0 1" "0 1" 0 0 "0 1" "0 1"
equal "the system's has not changed" "$(generation)" 0
sysgenidctl trigger >/dev/null
expect_everybody "a change of the system" "0 1 2" "0 1 2" "0 1 2" "0 1" "0 1" "0 1 2" "0 1 2"
equal "busybox has read the change of its device" "$(podman exec web busybox cat /tmp/read)" "read 1"
podman exec looking sh -c 'TestClient trigger /dev/sysgenid; echo $?; : >>/dev/sysgenid' >/run/exec.log 2>&1
check "a container without the capability does not trigger the system's" says exec 13
check "the read-only one cannot be opened for writing" says exec "Read-only file system"
systemctl restart sysgenidd
sysgenidctl --container web trigger >/dev/null
sysgenidctl --container "$(id_of named)" trigger >/dev/null
expect_everybody "after a restart of the daemon" "0 1 2 3" "0 1 2" "0 1 2" "0 1" "0 1" "0 1 2 3" "0 1 2"

podman kill named hooked >/dev/null
is_alone() { [ "$(sysgenidctl container list | cut -d ' ' -f 1 | xargs)" = "app db web" ]; }
check "the hook takes away what it has made" until_true 20 is_alone
podman start named >/run/started.log 2>&1
equal "started again, it has a new one" "$(generation_of "$(id_of named)")" 0
podman rm -f -t 0 named >/dev/null
check "which goes, too" until_true 20 is_alone

rootless podman run --rm --device sysgenid.org/device=own client sh -c 'echo started' >/run/refused.log 2>&1
check "who is not root gets none by the hook" [ "$?" != 0 ]
check "and is not started without" is_silent refused started
check "no device is left of it" is_alone
systemctl stop sysgenidd
podman run --rm --annotation org.sysgenid.device=own client sh -c 'echo started' >/run/unserved.log 2>&1
check "without a daemon a container that wants one is not started" [ "$?" != 0 ]
check "nor anything of it" is_silent unserved started
