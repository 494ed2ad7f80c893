# Clients of all kinds look closely at what they are told, while the daemon is killed again and again.
# kernels: one
# needs: passthrough
# seconds: 180

. /lab/library/supervised.sh
modprobe cuse
# As many as an emulated processor can serve in a minute or two; the end-to-end test has ten times as many.
clients=100 changes=60 kills=30

supervise --frontend auto
mkfifo /run/torture
start torture sh -c "exec TestClient torture $device $clients <>/run/torture"
torture=$pid
until_true 60 says torture ready || give_up "all clients come to wait: $(cat /run/torture.log)"
echo "$changes 400000" >/run/torture
killed=0
while [ $killed -lt $kills ]; do
    killed=$((killed + 1))
    # Every third is killed wherever it is in its start.
    if [ $((killed % 3)) = 0 ]; then kill_daemon; else replace; fi
    sleep 0.$(od -A n -t u1 -N 1 /dev/urandom | tr -d ' ')
done
until_true 120 says torture changed || give_up "all changes are made: $(tail -n 3 /run/torture.log)"
echo 0 >/run/torture
until_true 60 is_over "$torture"
exit_code "$torture"
equal "no client has anything to complain of" "$code" 0
equal "everybody saw the last change" "$(grep "^$clients clients" /run/torture.log)" \
    "$clients clients, $clients told of generation $changes, 0 failures"
generation_becomes "the generation is the last one" $changes
figure "daemons that were started" "$(grep -c '^started' /run/daemon.log)" ""
