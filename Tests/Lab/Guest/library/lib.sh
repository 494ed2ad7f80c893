# What the tests have in common. Every wait has its limit, so that a guest reports what is missing instead of
# being ended by the host.

device=/dev/sysgenid

# report LINE: tells the host.
report() { echo "$*" >&9; }

# check WHAT COMMAND...: the command has to succeed.
check() {
    what=$1
    shift
    if "$@"; then report "ok $what"; else report "fail $what"; failures=yes; fi
}

# equal WHAT GOT EXPECTED
equal() {
    if [ "$2" = "$3" ]; then
        report "ok $1"
    else
        report "fail $1: expected '$3', got '$2'"
        failures=yes
    fi
}

# figure WHAT VALUE UNIT: tells the host what was measured. Nothing judges it.
figure() { report "figure $1: $2 $3"; }

# tell_what_was_seen: to the console.
tell_what_was_seen() {
    for file in /run/*.log; do
        echo "--- $file"
        cat "$file"
    done
    echo "--- kernel"
    dmesg
    echo "--- processes"
    ps
}

# finish: the test is over.
finish() {
    [ -z "$failures" ] || tell_what_was_seen
    sleep 0.2 # the daemon's log is on its way to the host
    report "done"
    touch /run/finished
    exit
}

# give_up WHAT: nothing that follows makes sense.
give_up() {
    report "fail $1"
    failures=yes
    finish
}

failures=

# has PROPERTY: whether the kernel has it; the table of kernels says so.
has() { grep -qw "lab.has=$1" /proc/cmdline; }

# until_true SECONDS COMMAND...: tries the command until it succeeds.
until_true() {
    tries=$(($1 * 20))
    shift
    while ! "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

is_over() { case $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null) in Z | '') true ;; *) false ;; esac; }
is_gone() { ! [ -e "$1" ]; }
is_mounted() { grep -q " $device " /proc/self/mountinfo; }
is_unmounted() { ! is_mounted; }
says() { grep -qF -- "$2" "/run/$1.log"; }
is_silent() { ! says "$@"; }

# exit_code PID: waits for the end of a program of this shell, and sets `code` to how it ended.
exit_code() {
    if until_true 15 is_over "$1"; then
        wait "$1"
        code=$?
    else
        code="no end within 15 s"
    fi
}

# start NAME COMMAND...: starts a program that writes to /run/NAME.log, and sets `pid`.
start() {
    log=/run/$1.log
    shift
    "$@" >>"$log" 2>&1 8>&- 9>&- &
    pid=$!
}

# start_daemon OPTIONS...: starts one that may not come to serve.
start_daemon() {
    start daemon ${as_unit-} sysgenidd "$@"
    daemon=$pid
}

# serve OPTIONS...: starts a daemon and waits until it serves.
serve() {
    served=$(grep -c 'sysgenidd: serving' /run/daemon.log)
    start_daemon "$@"
    until_true 20 serves_again || give_up "the daemon serves: $(tail -n 1 /run/daemon.log)"
}
serves_again() { [ "$(grep -c 'sysgenidd: serving' /run/daemon.log)" -gt "$served" ] || is_over "$daemon"; }

# stop_daemon: ends it as a service manager does.
stop_daemon() {
    kill -TERM "$daemon"
    exit_code "$daemon"
    equal "the daemon ends on SIGTERM" "$code" 0
    check "no node is left" is_gone "$device"
    check "nothing is left mounted" is_unmounted
}

# client NAME ARGUMENTS...: a plain client that blocks; sets `pid`.
client() {
    start "$1" TestClient "$2" "$device" $3
    until_true 10 says "$1" ready || give_up "the client $1 comes to block: $(cat "/run/$1.log")"
    # It says so just before the call that blocks.
    sleep 0.2
}

# after_ready NAME: what a client has said since it blocked, in one line.
after_ready() { echo $(grep -vx ready "/run/$1.log"); }
has_said() { [ "$(after_ready "$1")" = "$2" ]; }

# attribute NAME: in one line. Where the daemon is only known to be ready most are on their way: see attribute_becomes.
attribute() { echo $(cat "/run/sysgenid/$1"); }
has_attribute() { [ "$(attribute "$1")" = "$2" ]; }
# attribute_becomes TEXT NAME VALUE: all but those that clients wait for are written just after the daemon is ready.
attribute_becomes() {
    until_true 10 has_attribute "$2" "$3"
    equal "$1" "$(attribute "$2")" "$3"
}
frontends() { attribute frontends; }
generation() { attribute generation; }
has_generation() { has_attribute generation "$1"; }
# generation_becomes TEXT NUMBER: whoever asked for a change has his answer before it is in the file.
generation_becomes() { attribute_becomes "$1" generation "$2"; }
# access_of PATH: mode and group.
access_of() { stat -c '%a %G' "$1"; }
kind_of() { stat -c '%F' "$1"; }

# conformance OPTIONS...: every row of the interface. A row that is skipped has failed.
conformance() {
    SYSGENID_REQUIRE_ALL=1 sysgenid-conformance --device "$device" --wrap "$@" >/run/conformance.log 2>&1 9>&-
    code=$?
    grep '^FAIL' /run/conformance.log >/run/failed-rows
    while read -r line; do report "fail ${line#FAIL }"; failures=yes; done </run/failed-rows
    equal "the conformance suite ends well" "$code" 0
    rows=$(grep -c '^ok ' /run/conformance.log)
    equal "no row failed" "$(tail -n 1 /run/conformance.log)" "$rows passed, 0 failed"
    check "there are rows enough" [ "$rows" -ge 80 ]
    report "rows $rows"
}

# dispenser NAME COMMAND...: starts a program that answers each line that it reads with a line, in a session of its own.
dispenser() {
    dispenser=$1
    shift
    mkfifo "/run/$dispenser.fifo"
    start "$dispenser" setsid sh -c "exec $* <>/run/$dispenser.fifo"
    until_true 30 says "$dispenser" ready || give_up "$dispenser starts: $(cat "/run/$dispenser.log")"
}

# dispense NAME: has it answer once, and sets `handed_out`.
dispense() {
    answers=$(wc -l <"/run/$1.log")
    echo >"/run/$1.fifo"
    until_true 10 has_answered "$1" || give_up "$1 answers: $(cat "/run/$1.log")"
    handed_out=$(tail -n 1 "/run/$1.log")
}
has_answered() { [ "$(wc -l <"/run/$1.log")" -gt "$answers" ]; }
