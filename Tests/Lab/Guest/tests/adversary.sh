# Users without rights do to the device whatever can be done with a descriptor, while root uses it.
# seconds: 200

modprobe cuse

# hurts_nobody WHAT OPTIONS...
hurts_nobody() {
    kind=$1
    shift
    adversary $device --clients 6 --daemon "$daemon" "$@" >/run/adversary.log 2>&1 8>&- 9>&-
    code=$?
    grep '^FAIL' /run/adversary.log >/run/found
    while read -r line; do report "fail $kind: ${line#FAIL }"; failures=yes; done </run/found
    equal "$kind" "$code" 0
    # It goes on until there were ten kinds of calls, whatever time that takes.
    check "$kind: something was done" [ "$(grep -c ' [1-9][0-9]* ' /run/adversary.log)" -ge 10 ]
    figure "$kind" "$(grep '^[0-9]* rounds' /run/adversary.log)" ""
    figure "$kind" "$(grep '^nobody was counted' /run/adversary.log)" ""
    [ "$code" = 0 ] || cat /run/adversary.log
}

nobody_is_counted() { [ "$(cat /run/sysgenid/watchers)" = 0 ]; }

for frontend in fuse cuse; do
    serve --frontend $frontend
    hurts_nobody "$frontend, without a change" --seconds 22 --seed 1
    # What has hung was ended, and the daemon with it.
    is_over "$daemon" || hurts_nobody "$frontend, with changes" --seconds 8 --seed 2 --changes --container
    check "$frontend: nobody is counted any longer" until_true 10 nobody_is_counted
    is_over "$daemon" || stop_daemon
done
