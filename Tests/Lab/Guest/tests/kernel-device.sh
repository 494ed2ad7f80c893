# A kernel that has the device itself, and nothing that changes it at a resume: our own character device plays it. A daemon
# drives it, and serves nothing.
# kernels: one
# seconds: 120

modprobe cuse
identity=/run/identity
drives() { says daemon "driving $device, $1"; }
generation_is() { [ "$(cat /run/sysgenid/generation 2>/dev/null)" = "$1" ]; }
resume() { printf '%016d' "$1" >/run/identity.new && mv /run/identity.new $identity; }

# drive OPTIONS...: starts a daemon, and waits until it drives the device.
drive() {
    : >/run/daemon.log
    start_daemon --backend file --backend-file $identity "$@"
    until_true 20 has_begun || give_up "the daemon drives the device"
}
has_begun() { says daemon "driving $device" || { is_over "$daemon" && give_up "$(tail -n 1 /run/daemon.log)"; }; }
end_driving() {
    kill -TERM "$daemon"
    exit_code "$daemon"
    equal "the daemon ends on SIGTERM" "$code" 0
    equal "and leaves the device" "$(kind_of $device)" "character special file"
}

resume 1
start kernel sysgenidd --frontend cuse --backend manual --runtime-dir /run/kernel
kernel=$pid
until_true 20 says kernel "serving $device" || give_up "the device is there"
check "somebody has triggered it" sysgenidctl trigger --minimum 5

# One of ours is driven only by who says so.
check "auto would drive no device of CUSE" \
    sh -c "sysgenidd --check --backend manual | grep -q 'chosen .*frontend cuse'"
check "a check says what it is" \
    sh -c "sysgenidd --check --frontend kernel --backend manual | grep -q 'kernel      yes: the device of another daemon'"

drive --frontend kernel
check "it says whose it drives" drives "the device of another daemon"
equal "the frontend" "$(frontends)" kernel
check "the generation is the device's" until_true 5 generation_is 5
client reader read
resume 2
exit_code "$pid"
equal "a resume wakes a reader" "$code" 0
equal "with the next generation" "$(after_ready reader)" 6
check "which is published" until_true 5 generation_is 6
equal "a trigger by hand" "$(sysgenidctl trigger --minimum 9)" 9
check "is followed" until_true 5 generation_is 9
check "all are up to date" sysgenidctl wait --timeout 10000
check "status says what it knows" sh -c "sysgenidctl status | grep -q 'generation: *9'"
check "and what it does not" sh -c "sysgenidctl status | grep -q 'watchers: *unknown'"
end_driving

# To a system in which nothing says that CUSE serves it, it is the kernel's own.
mkdir -p /run/recorded
check "a check says that auto takes it" \
    sh -c "sysgenidd --check --system-root /run/recorded --backend manual | grep -q 'chosen .*frontend kernel'"
resume 3
resume 4
drive --frontend auto --system-root /run/recorded
check "auto drives the kernel's own" drives "the kernel's own device"
check "what was missed is one change" until_true 5 generation_is 10
end_driving
drive --frontend auto --system-root /run/recorded
sleep 1
equal "a restart is no change" "$(generation)" 10
equal "the device was changed four times" "$(wc -l </run/kernel/changes)" 4

# Somebody takes the device away.
kill -KILL "$kernel"
exit_code "$daemon"
equal "the daemon ends with the device" "$code" 1
check "and says so" says daemon "$device was taken away"
