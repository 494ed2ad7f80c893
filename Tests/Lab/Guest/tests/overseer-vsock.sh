# The host asks over vsock. A guest under emulation has no host there: the loopback of the kernel stands for it, whose
# context is 1.
# kernels: one

modprobe fuse
modprobe vsock_loopback
serve --frontend fuse

# oversee NAME OPTIONS...: an overseer that listens at the port.
oversee() {
    name=$1
    shift
    start "$name" sysgenid-overseerd --vsock --overseer-dir "/run/overseer-$name" --hooks-dir /run/hooks "$@"
    overseer=$pid
    until_true 20 says "$name" "ready with generation" || give_up "the overseer is ready: $(tail -n 1 "/run/$name.log")"
}

# ask NAME COMMAND...: sets `code`.
ask() {
    start "$@"
    exit_code "$pid"
}

# By default the loopback is not the host.
oversee closed
ask stranger sysgenidctl --host 1 ready
equal "a program of the guest is not served at the port" "$code" 1
check "and is told that it was closed" says stranger "the overseer of the machine 1 has closed the connection"
ask stranger-again sysgenidctl --host 1 quiesce
equal "nor is it for anything else" "$code" 1
ask inside sysgenidctl --json ready
equal "over the socket it is" "$code" 0
kill -TERM "$overseer"
exit_code "$overseer"
equal "the overseer ends" "$code" 0

ask nobody sysgenidctl --host 1 ready
equal "where nobody listens, the question fails" "$code" 1
check "and says what to look at" says nobody "sysgenid-overseerd-vsock.socket"

oversee open --host-cid 1
ask host sysgenidctl --host 1 ready --timeout 10000
equal "the host is answered" "$code" 0
check "with the proof" says host '"generation":0'

mkdir -p /run/hooks/changed
printf '#!/bin/sh\nexit 0\n' >/run/hooks/changed/10-a
chmod 755 /run/hooks/changed/10-a
ask announced sysgenidctl --host 1 announce --identity first --entropy 32 --timeout 20000
equal "the host announces a resume" "$code" 0
check "which is a change" says announced '"generation":1'
check "with its hook" says announced '"name":"10-a"'
ask again sysgenidctl --host 1 announce --identity first --entropy 32 --timeout 20000
equal "the same again" "$code" 0
check "is the same change" says again '"generation":1'
generation_becomes "and there was one" 1

printf '#!/bin/sh\nexit 7\n' >/run/hooks/changed/20-b
chmod 755 /run/hooks/changed/20-b
ask failed sysgenidctl --host 1 announce --identity second --timeout 20000
equal "a hook that fails fails the change" "$code" 1
check "and is named" says failed "the hook 20-b of the phase changed has failed with the status 7"

kill -TERM "$overseer"
exit_code "$overseer"
equal "this one ends, too" "$code" 0
stop_daemon
