# What the hooks that come with the overseer renew: a network with a server of DHCP, a clock that is behind, services.

not() { ! "$@"; }

install_overseer() {
    DEBIAN_FRONTEND=noninteractive dpkg -i /lab/sysgenid-overseer.deb >>/run/dpkg.log 2>&1
    equal "the overseer is installed" "$?" 0
}

# give_time: to hooks that make keys under emulation.
give_time() {
    echo 'SYSGENID_OVERSEERD_OPTIONS="--deadline 120000"' >/etc/default/sysgenid-overseerd
    systemctl restart sysgenid-overseerd
}

# link_hooks PHASE NAME...: as an administrator does.
link_hooks() {
    phase_of_hooks=$1
    shift
    for name in "$@"; do ln -s "/usr/share/sysgenid/hooks/$name" "/etc/sysgenid/hooks.d/$phase_of_hooks/$name"; done
}

# Both ends of a pair are here: one gives addresses, the other one asks for one. What is asked is in dhcp.log.
prepare_network() {
    modprobe veth
    folder=/run/systemd/network
    mkdir -p $folder
    printf '[NetDev]\nName=client\nKind=veth\n[Peer]\nName=server\n' >$folder/10-pair.netdev
    printf '[Match]\nName=server\n[Network]\nAddress=10.9.0.1/24\nDHCPServer=yes\nLinkLocalAddressing=no\n' \
        >$folder/10-server.network
    printf '[Match]\nName=client\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' >$folder/10-client.network
    systemctl start systemd-networkd
    until_true 20 [ -e /sys/class/net/server ] || give_up "networkd makes a pair of interfaces"
    start dhcp python3 -u /lab/programs/python/dhcp.py server
}
has_lease() { grep -qs '^ADDRESS=10.9.0' "/run/systemd/netif/leases/$(cat /sys/class/net/client/ifindex)"; }
# As it was sent last.
client_id() { awk '{ print $2 }' /run/dhcp.log | tail -n 1; }

# A server whose clock is an hour ahead, and chrony, which would take days to follow it.
prepare_clock() {
    start ntp python3 -u /lab/programs/python/ntp.py 11123 3600
    printf 'server 127.0.0.1 port 11123 minpoll 1 maxpoll 1\ndriftfile /run/drift\ncmdallow 127.0.0.1\n' \
        >/etc/chrony/chrony.conf
    systemctl -q unmask chrony
    systemctl start chrony
}

# service NAME LINE...: makes one of systemd's.
service() {
    unit=/run/systemd/system/$1.service
    shift
    echo '[Service]' >"$unit"
    for line in "$@"; do echo "$line" >>"$unit"; done
}

# take_part NAME LINE...: one that is started at each change.
take_part() {
    service "$@"
    mkdir -p /run/systemd/system/sysgenid-changed.target.wants
    ln -s "/run/systemd/system/$1.service" /run/systemd/system/sysgenid-changed.target.wants
}

prepare_services() {
    draw='cat /proc/sys/kernel/random/uuid'
    service token "ExecStart=/bin/sh -c '$draw >/run/token; exec sleep infinity'"
    service kept "ExecStart=/bin/sh -c '$draw >/run/token-kept; exec sleep infinity'" \
        "ExecReload=/bin/sh -c 'echo reloaded >>/run/reloaded'"
    service accepting 'ExecStart=/bin/sleep infinity'
    service stopped 'ExecStart=/bin/sleep infinity'
    take_part once Type=oneshot "ExecStart=/bin/sh -c 'echo once \$\$(cat /run/sysgenid/generation) >>/run/once'"
    take_part partner "ExecStart=/bin/sh -c 'echo started >>/run/partner; exec sleep infinity'"
    printf '[Unit]\nPartOf=sysgenid-changed.target\n' >>/run/systemd/system/partner.service
    printf '# what draws once\nrestart token.service\n\nreload kept.service\nrestart stopped.service\n' \
        >/etc/sysgenid/restart-units
    printf 'accepting.service\nstopped.service\n' >/etc/sysgenid/quiesce-units
    systemctl daemon-reload
    systemctl start token kept accepting partner
    until_true 10 [ -s /run/token-kept ]
}

# What is asked of the overseer, with what it says in overseer.log.
quiesce() { sysgenidctl quiesce >>/run/overseer.log 2>&1; }
# become_ready GENERATION
become_ready() { sysgenidctl ready --generation "$1" --timeout 200000 >>/run/overseer.log 2>&1; }
# hooks_said TEXT: to the journal, which has gone on under another machine ID.
hooks_said() { journalctl -q --merge -u sysgenid-overseerd -o cat | grep -qF -- "$1"; }
