# A container is checkpointed by podman, and restored several times: with the script of docs/containers.md that is a change of
# its generation alone, also where all devices have begun anew in between.
# kernels: one
# system: debian
# needs: checkpoints
# seconds: 200

. /lab/debian/containers.sh
install_package
prepare_podman
sed -n '/^## Checkpoints by Podman/,/^## / { /^```sh$/,/^```$/ p }' /lab/docs/containers.md | sed '/^```/d' >/run/by-podman
chmod 755 /run/by-podman
check "the page has a script" grep -q 'container restore' /run/by-podman
mkdir -p /etc/criu /run/kept
echo file-validation filesize >/etc/criu/runc.conf

# What it hands out is known to who has a copy of its memory, but for what a change brings.
contain() {
    # Of a network namespace of its own this criu cannot make sense on a newer kernel.
    podman run -d --name web --runtime runc --network host \
        --mount type=bind,src=$containers/web/sysgenid,dst=/dev/sysgenid client sh -c 'mkfifo /tmp/ask
        exec TestClient uuids /dev/sysgenid <>/tmp/ask' >/run/podman.log 2>&1
    until_true 20 says_ready || give_up "it is started: $(cat /run/podman.log)"
}
# From the file of its log: podman itself takes long to show that.
said() { sed 's/^[^ ]* [^ ]* [^ ]* //' /var/lib/containers/storage/vfs-containers/*/userdata/ctr.log; }
says_ready() { said | grep -q ready; }

# draw: has it hand out one, and sets `drawn`.
draw() {
    answers=$(said | wc -l)
    podman exec web sh -c 'echo >/tmp/ask'
    until_true 20 has_drawn || give_up "it answers: $(said)"
    drawn=$(said | tail -n 1)
}
has_drawn() { [ "$(said | wc -l)" -gt "$answers" ]; }

# why ACTION: what criu has said last.
why() { cat /var/lib/containers/storage/vfs-containers/*/userdata/$1.log | tee /run/criu-$1.log | grep Error | xargs; }

# restore WHAT COMMAND...: brings it back.
restore() {
    what=$1
    shift
    "$@" --keep >/run/restore.log 2>&1 || give_up "$what: $(cat /run/restore.log) $(why restore)"
    report "ok $what"
}
with_script="/run/by-podman restore web /run/kept"
without_script="podman container restore web"

# end: of what was restored, whose images are kept.
end() { podman stop -t 0 web >/dev/null || give_up "it ends"; }

sysgenidctl container add web
sysgenidctl container add other
contain
draw
for change in 1 2 3; do sysgenidctl --container web trigger >/dev/null; done
known=$(generation_of web)
draw
/run/by-podman checkpoint web /run/kept --keep >/run/checkpoint.log 2>&1 ||
    give_up "a container is checkpointed: $(cat /run/checkpoint.log) $(why dump)"
equal "the generation is with the checkpoint" "$(cat /run/kept/sysgenid-generation)" "$known"

restore "it is restored" $with_script
equal "that is a change of its generation" "$(generation_of web)" $((known + 1))
equal "and of no other" "$(generation_of other) $(generation)" "0 0"
draw
first=$drawn
end
restore "it is restored again" $with_script
equal "that is another change" "$(generation_of web)" $((known + 2))
draw
check "each copy draws another one" [ "$drawn" != "$first" ]
end

# The daemon starts afresh, as on another system. Its generations come to what programs of the container know.
begin_anew() {
    systemctl stop sysgenidd
    rm -rf /run/sysgenid/*
    systemctl start sysgenidd
    equal "all counters begin anew" "$(generation) $(sysgenidctl container list)" "0 "
}
begin_anew
restore "it is restored where all has begun anew" $with_script
equal "with a number that was not there before" "$(generation_of web)" $((known + 1))
equal "and the system's has not changed" "$(generation)" 0
draw
check "this copy draws another one, too" [ "$drawn" != "$first" ]
end

begin_anew
sysgenidctl container add web --minimum $((known - 1))
sysgenidctl container add other
equal "a change would bring the number that is known" "$(generation_of web)" $((known - 1))
restore "it is restored with the device of another one" $with_script
equal "with a number that was not there before, either" "$(generation_of web)" $((known + 1))
equal "and no other device has changed" "$(generation_of other) $(generation)" "0 0"
draw
check "this copy draws another one as well" [ "$drawn" != "$first" ]
end

# Without the script, and with the number that is known: the fault that it is for.
begin_anew
sysgenidctl container add web --minimum "$known"
restore "it is restored without the script" $without_script
draw
same=$drawn
end
restore "and once more" $without_script
draw
equal "copies draw the same then" "$drawn" "$same"
end
: >/run/kept/sysgenid-generation
/run/by-podman restore web /run/kept --keep >/run/nothing.log 2>&1
check "without a generation nothing is restored" [ "$?" != 0 ]
equal "nothing of it runs" "$(podman inspect --format '{{.State.Running}}' web)" false
