# Somebody sets the clock of the day, by hours and by years, forth and back, while clients wait and the backend watches
# a file: no change comes of it, no wait ends early or late, and a resume is told with the time that the clock has then.
# kernels: one
# seconds: 120

modprobe cuse
# identity LETTER: makes the file another one, as a resume would.
identity() {
    head -c 16 /dev/zero | tr '\0' "$1" >/run/next
    mv /run/next /run/identity
}
# step SECONDS: sets the clock by so much.
step() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
# steps: hours and years, forth and back; at the end the clock is where it was.
steps() {
    for seconds in 3600 -7200 3600 43200 -86400 43200 315360000 -315360000; do
        step $seconds
        sleep 0.1
    done
}
# last_change: when, which, why.
last_change() { tail -n 1 /run/sysgenid/changes; }

for frontend in fuse cuse; do
    rm -rf /run/short.log /run/reader.log /run/poller.log /run/overseer.log /run/sysgenid
    identity a
    serve --frontend $frontend --backend file --backend-file /run/identity
    client short expire 3000
    short=$pid
    client reader read
    reader=$pid
    client poller poll
    poller=$pid
    check "$frontend: the change that the wait is for" until_true 5 has_generation 1
    steps
    equal "$frontend: the steps are no change" "$(generation)" 1
    check "$frontend: a blocked read stays blocked" [ "$(cat /run/reader.log)" = ready ]
    check "$frontend: a sleeping poll sleeps on" [ "$(cat /run/poller.log)" = ready ]
    exit_code "$short"
    equal "$frontend: the wait ends with ETIME" "$code" 62
    check "$frontend: and not early" [ "$(after_ready short)" -ge 3000 ]

    # A deadline that lies on the other side of a step.
    client overseer expire 2000
    overseer=$pid
    check "$frontend: the first waiters are told of its change" until_true 5 has_generation 2
    step -31536000
    exit_code "$overseer"
    equal "$frontend: a wait ends, though it is a year earlier" "$code" 62
    check "$frontend: and not early" [ "$(after_ready overseer)" -ge 2000 ]
    exit_code "$reader"
    equal "$frontend: the read has returned" "$code" 0
    exit_code "$poller"
    equal "$frontend: the poll has returned" "$code" 0

    year=$(date -u +%Y)
    identity b
    check "$frontend: a resume is noticed" until_true 5 has_generation 3
    check "$frontend: and told with the time of the clock" until_true 5 eval \
        'last_change | grep -q "^$year-.* 3 the system was resumed"'
    step 31536000
    steps
    equal "$frontend: no change follows" "$(generation)" 3
    check "$frontend: the backend has no complaint" is_silent daemon "cannot read"
    stop_daemon
done
