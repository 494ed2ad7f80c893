# The daemon is killed while clients block.

modprobe cuse
serve --frontend cuse
client overseer wait
overseer=$pid
client reader read 2
reader=$pid
client poller poll
poller=$pid
kill -KILL "$daemon"
exit_code "$daemon"
equal "the daemon is dead" "$code" 137
exit_code "$reader"
equal "read ends with ECONNABORTED" "$code" 103
exit_code "$overseer"
equal "the overseer's wait ends with ECONNABORTED" "$code" 103
exit_code "$poller"
equal "poll ends" "$code" 0
check "poll tells of the end" says poller POLLERR
check "the node vanishes" until_true 5 is_gone $device

serve --frontend cuse
equal "the next daemon goes on with the generation" "$(generation)" 1
client again read
TestClient trigger $device
exit_code "$pid"
equal "a client of the next daemon works" "$code" 0
check "and reads the next generation" grep -qx 2 /run/again.log
stop_daemon

# The same with the counter file over the character device.
serve --frontend auto
client file-reader read
reader=$pid
mkfifo /run/look
start mapper sh -c "exec TestClient map $device </run/look"
exec 7>/run/look
until_true 10 says mapper ready || give_up "a client maps the page"
looks() { [ "$(grep -cx 2 /run/mapper.log)" = "$1" ]; }
# Without passthrough a page that was never looked at is not there yet.
echo >&7
check "the mapping shows the generation" until_true 5 looks 1
kill -KILL "$daemon"
exit_code "$daemon"
exit_code "$reader"
check "read of the counter file ends with an error" [ "$code" != 0 ]
echo >&7
check "the mapping stays readable" until_true 5 looks 2
# The kernel takes a mount away with the node that it covers.
check "no dead mount is left" until_true 5 is_unmounted
check "and no node" is_gone $device
serve --frontend auto
equal "the next daemon serves both" "$(frontends)" "cuse fuse"
equal "and goes on with the generation" "$(generation)" 2
client new-reader read
TestClient trigger $device
exit_code "$pid"
equal "a client of it works" "$code" 0
stop_daemon
