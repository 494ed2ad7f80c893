# What is there only in a guest with Debian: the package, its service, and users who are somebody.

# The service's own lines, as the daemon would write them to a terminal.
journalctl -q -b -f -n all -o cat -t sysgenidd 8>&- 9>&- | sed -u 's/^/sysgenidd: /' >/run/daemon.log 8>&- 9>&- &

# tell_what_was_seen: to the console.
tell_what_was_seen() {
    for file in /run/*.log; do
        echo "--- $file"
        cat "$file"
    done
    echo "--- journal"
    journalctl -q -b -o short-monotonic
    echo "--- units"
    systemctl list-units --all --no-pager --plain
}

# reboot_guest: the script starts anew, with the next number in `boot`.
reboot_guest() {
    [ -z "$failures" ] || finish
    report reboot
    systemctl --no-block start reboot.target
    sleep infinity
}

# install_package: also where it is installed already.
install_package() {
    DEBIAN_FRONTEND=noninteractive dpkg -i /lab/sysgenid.deb >>/run/dpkg.log 2>&1
    equal "the package is installed" "$?" 0
    equal "the service is active" "$(systemctl is-active sysgenidd)" active
}

# install_client LANGUAGE...: what unchanged programs in it are helped by.
install_client() {
    for language in "$@"; do
        DEBIAN_FRONTEND=noninteractive dpkg -i "/lab/sysgenid-$language.deb" >>/run/dpkg.log 2>&1
        equal "the client for $language is installed" "$?" 0
    done
}

# What packages make, apart from what is written while any system runs.
files() {
    for folder in /var/log /var/cache /var/lib/dpkg /var/lib/systemd; do echo -path $folder -prune -o; done |
        xargs sh -c 'find / -xdev "$@" -printf "%P %y %m %u:%g\n"' find | sort
}
users() { cat /etc/passwd /etc/group | cut -d : -f 1 | sort; }

# news_since NAME COMMAND: what there is, and what is gone, since the command's answer went to the file.
news_since() { "$2" | comm -3 "/run/$1" - | awk '{ print $1 }' | xargs; }

# property NAME: what systemd knows of the service.
property() { systemctl show -P "$1" sysgenidd; }

# as USER COMMAND...: becomes the user, with all groups, and the program.
as() {
    user=$1
    shift
    setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

# client_of USER NAME ARGUMENTS...: as `client`, of a user.
client_of() {
    start "$2" as "$1" TestClient "$3" "$device" $4
    until_true 10 says "$2" ready || give_up "the client $2 comes to block: $(cat "/run/$2.log")"
    sleep 0.2
}

# mapper NAME: starts a client of an outsider that maps the page; `look NAME` has it look.
mapper() {
    mkfifo -m 666 "/run/$1.fifo"
    start "$1" as outsider sh -c "exec TestClient map $device <>/run/$1.fifo"
    until_true 10 says "$1" ready || give_up "a client maps the page: $(cat "/run/$1.log")"
    look "$1"
}
look() {
    looks=$(wc -l <"/run/$1.log")
    echo >"/run/$1.fifo"
    until_true 5 has_looked "$1"
    tail -n 1 "/run/$1.log"
}
has_looked() { [ "$(wc -l <"/run/$1.log")" -gt "$looks" ]; }

# expect_silence BOOT: the journal of the service holds no warning.
expect_silence() { equal "$1: the journal has no warning" "$(journalctl -q -b "$2" -u sysgenidd -p warning -o cat)" ""; }
