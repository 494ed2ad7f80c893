# Other names, and names that are taken.
# kernels: one

modprobe cuse
serve --frontend cuse
node=$(ls -l $device)

start second sysgenidd --frontend cuse
exit_code "$pid"
equal "a second daemon with the same state ends" "$code" 1
check "and says who is in the way" says second "another sysgenidd (pid $daemon)"
equal "in one line" "$(grep -c 'error:' /run/second.log)" 1

start third sysgenidd --frontend cuse --runtime-dir /run/other
exit_code "$pid"
equal "a second daemon with the same name ends" "$code" 1
check "and says what is taken" says third "the character device sysgenid is registered by another daemon"
equal "in one line" "$(grep -c 'error:' /run/third.log)" 1
equal "the first one's node stays as it was" "$(ls -l $device)" "$node"

client reader read
start other sysgenidd --frontend cuse --runtime-dir /run/other --device /dev/other
other=$pid
until_true 10 says other "serving /dev/other" || give_up "a second device serves"
equal "another name, mode and group" "$(access_of /dev/other)" "664 sysgenid"
TestClient trigger /dev/other
equal "a trigger there" "$?" 0
sleep 0.5
equal "is no change here" "$(generation)" 0
kill -TERM "$other"
exit_code "$other"
equal "the other daemon ends" "$code" 0
check "and takes its node away" is_gone /dev/other
check "but not ours" [ -c $device ]

echo mine >/dev/taken
start taken sysgenidd --frontend cuse --runtime-dir /run/other --device /dev/taken
exit_code "$pid"
equal "a file in the way ends the daemon" "$code" 1
check "and is named" says taken "/dev/taken is in the way"
equal "and stays" "$(cat /dev/taken)" mine

start below sysgenidd --frontend cuse --runtime-dir /run/other --device /dev/below/sysgenid
exit_code "$pid"
equal "a name that CUSE cannot make" "$code" 1

TestClient trigger $device
until_true 10 grep -qx 1 /run/reader.log
check "the reader was never disturbed" grep -qx 1 /run/reader.log
stop_daemon
