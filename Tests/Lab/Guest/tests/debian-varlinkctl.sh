# systemd's own client of Varlink asks the overseer: it believes the description, and takes the answers by it.
# kernels: one
# system: debian
# release: trixie
# seconds: 120

. /lab/debian/hooks.sh
install_package
install_overseer
socket=/run/sysgenid/org.sysgenid.Overseer
until_true 10 [ -S $socket ] || give_up "the socket of the overseer is there"

# ask WHAT ARGUMENTS...: the answer is in /run/answer.
ask() {
    what=$1
    shift
    timeout 30 varlinkctl "$@" >/run/answer 2>&1
    equal "$what" "$?" 0
}
answers() { grep -q -- "$1" /run/answer; }

ask "the installed description is one" validate-idl /usr/share/varlink/org.sysgenid.Overseer.varlink
ask "the service says what it is" info $socket
check "with its interface" answers org.sysgenid.Overseer
ask "and describes it" introspect $socket org.sysgenid.Overseer
check "with its methods" answers "method WaitReady"
ask "that of each service, too" introspect $socket org.varlink.service

ask "a call is answered" --json=short call $socket org.sysgenid.Overseer.WaitReady '{"deadline":20000}'
check "with the proof" answers '"watchers"'
ask "a stream is, too" --json=short --more call $socket org.sysgenid.Overseer.Get '{}'
check "with the state" answers '"state":"ready"'

timeout 30 varlinkctl call $socket org.sysgenid.Overseer.Watch '{}' >/run/answer 2>&1
equal "who does not take more is refused a stream" "$?" 1
check "by the error of all services" answers ExpectedMore
timeout 30 varlinkctl call $socket org.sysgenid.Overseer.WaitReady '{"deadline":"soon"}' >/run/answer 2>&1
check "a wrong value is refused" answers InvalidParameter
as outsider timeout 30 varlinkctl call $socket org.sysgenid.Overseer.Get '{}' >/run/answer 2>&1
check "nobody else may connect" [ "$?" != 0 ]
usermod -a -G sysgenid member
as member timeout 30 varlinkctl call $socket org.sysgenid.Overseer.Get '{}' >/run/answer 2>&1
equal "a member of the group may ask" "$?" 0
as member timeout 30 varlinkctl call $socket org.sysgenid.Overseer.Quiesce '{}' >/run/answer 2>&1
check "and does not quiesce the system" answers NotPermitted
