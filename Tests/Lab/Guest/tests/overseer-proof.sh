# Whether a clone may be let in is asked before it has noticed that it was resumed, and is answered when all is done: the
# reseed, the hooks and the tracked programs. What fails is named, and the clone is not called ready.
# kernels: one
# needs: acpi
# seconds: 120
# clones: changed changed

. /lab/library/hardware.sh
socket=/run/sysgenid/org.sysgenid.Overseer

# hook PHASE NAME SCRIPT: what it does before it says that it has run.
hook() {
    mkdir -p "/etc/sysgenid/hooks.d/$1"
    printf '#!/bin/sh\n%s\necho "$SYSGENID_PHASE ${0##*/} $SYSGENID_GENERATION $SYSGENID_CAUSE" >>/run/ran\n' "$3" \
        >"/etc/sysgenid/hooks.d/$1/$2"
    chmod 755 "/etc/sysgenid/hooks.d/$1/$2"
}
ran() { grep -c "^$1" /run/ran; }
has_run() { [ "$(ran "$1")" = 1 ]; }

# ask NAME OPTIONS...: the question of a host; sets `asking`.
ask() {
    name=$1
    shift
    start "$name" sysgenidctl ready --socket $socket "$@"
    asking=$pid
}
# answer TEXT CODE: how the question ended.
answer() {
    until_true 60 is_over "$asking"
    exit_code "$asking"
    equal "$1" "$code" "$2"
}

# Each generation meets something else.
hook changed 10-waits '[ $SYSGENID_GENERATION != 1 ] || until [ -e /run/go ]; do sleep 0.1; done'
hook changed 20-fails '[ $SYSGENID_GENERATION != 2 ] || exit 7'
hook changed 30-hangs '[ $SYSGENID_GENERATION != 3 ] || sleep 1000'
hook ready 10-ready :
hook failed 10-failed :
: >/run/ran

serve --backend acpi
# oversee MILLISECONDS TEXT: starts an overseer that allows a phase so much, and waits until it says so.
oversee() {
    start overseer sysgenid-overseerd --deadline "$1"
    overseer=$pid
    until_true 20 says overseer "$2" || give_up "the overseer says '$2': $(cat /run/overseer.log)"
}
stop_overseer() {
    kill -TERM "$overseer"
    exit_code "$overseer"
    equal "the overseer ends on SIGTERM" "$code" 0
}
oversee 600000 'ready with generation 0'
# A tracked program that readjusts when it is told to.
mkfifo /run/take
start slow sysgenidctl run --signal USR1 -- sh -c 'read -r _ </run/take; trap : USR1; while :; do sleep 0.1; done'
until_true 20 grep -qx 1 /run/sysgenid/tracked || give_up "the program is tracked"
ask asked --generation 1 --timeout 600000 --json
sleep 1
check "the question waits for a change" is_running "$asking"
be_snapshotted

check "the hook runs, for the resume" until_true 20 says overseer 'generation 1: the system was resumed'
sleep 1
check "the question waits for the hook" is_running "$asking"
touch /run/go
check "the hooks of changed are done" until_true 20 has_run 'changed 30-hangs 1 resume'
sleep 1
check "the question waits for the program" is_running "$asking"
equal "nothing was called ready" "$(ran ready)" 0
echo >/run/take
answer "the question is answered" 0
for part in '"generation":1' '"cause":"resume"' '"taken":true' '"name":"10-waits"' '"name":"10-ready"' '"tracked":1'; do
    check "the proof has $part" says asked "$part"
done
equal "each hook has run once" "$(sort /run/ran | uniq | wc -l) $(wc -l </run/ran)" "4 4"

# From here on nobody waits long for what hangs.
stop_overseer
oversee 5000 'going on with generation 1, which is ready'
for failure in \
    '2 the hook 20-fails of the phase changed has failed with the status 7 in generation 2' \
    '3 the hook 30-hangs was not done within'; do
    next=${failure%% *}
    ask "asked-$next" --generation "$next" --timeout 600000
    sysgenidctl trigger >/dev/null
    answer "generation $next is not ready" 1
    check "it says why: ${failure#* }" says "asked-$next" "${failure#* }"
    check "the hooks of failed have run" until_true 10 has_run "failed 10-failed $next"
done
# A program that makes nothing of a change.
start stubborn sysgenidctl run --signal USR2 -- sleep 1000
stubborn=$pid
until_true 10 grep -qx 2 /run/sysgenid/tracked || give_up "the second program is tracked"
ask asked-4 --generation 4 --timeout 600000
sysgenidctl trigger >/dev/null
answer "generation 4 is not ready" 1
check "it names the program" says asked-4 "still outdated in generation 4: $stubborn sysgenidctl"
equal "nothing of these was called ready" "$(ran ready)" 1
kill -TERM "$stubborn"
exit_code "$stubborn"
sysgenidctl trigger >/dev/null
ask asked-5 --generation 5 --timeout 600000
answer "the next change is another chance" 0
stop_overseer
