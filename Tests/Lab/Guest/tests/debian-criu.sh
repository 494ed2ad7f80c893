# Programs are dumped by criu and restored twice. The hook of docs/clients.md makes a change of each restore, also where the
# counter has begun anew in between.
# kernels: one
# system: debian
# needs: checkpoints
# seconds: 240

install_package
criu check >/run/criu.log 2>&1
equal "criu can work here: $(tail -n 1 /run/criu.log)" "$?" 0
sed -n '/^## CRIU/,/^## [^C]/ { /^```sh$/,/^```$/ p }' /lab/docs/clients.md | sed '/^```/d' >/run/hook
chmod 755 /run/hook
check "the page has a hook" grep -q post-restore /run/hook

# dump NAME OPTIONS...: the program that was started last. It is gone then.
dump() {
    name=$1
    shift
    mkdir /run/images-$name
    timeout "${limit:-20}" criu dump --tree "$pid" --images-dir /run/images-$name "$@" >>/run/criu.log 2>&1
    code=$?
    size=$(stat -c %s "/run/$name.log")
}

# restore NAME OPTIONS...: sets `code`.
restore() {
    name=$1
    shift
    criu restore --images-dir /run/images-$name --restore-detached --file-validation filesize "$@" >>/run/criu.log 2>&1
    code=$?
}

# restored_tokens NAME OPTIONS...: restores it, has it answer twice, ends it, and sets `tokens`.
restored_tokens() {
    restore "$@"
    equal "$name is restored" "$code" 0
    dispense "$name"
    tokens=$handed_out
    dispense "$name"
    tokens="$tokens $handed_out"
    kill -KILL "$pid"
    until_true 5 is_over "$pid"
    # criu restores only where files are as long as they were.
    truncate -s "$size" "/run/$name.log"
}

# expect_other_tokens NAME: from each restore with the hook.
expect_other_tokens() {
    before=$(generation)
    restored_tokens "$1" --action-script /run/hook
    first=$tokens
    generation_becomes "$1: a restore is a change" $((before + 1))
    restored_tokens "$1" --action-script /run/hook
    generation_becomes "$1: the next is another one" $((before + 2))
    equal "$1: it draws others each time" "$(echo $first $tokens | xargs -n 1 | sort -u | wc -l)" 4
}

# expect_same_tokens NAME: from restores without it.
expect_same_tokens() {
    restored_tokens "$1"
    first=$tokens
    restored_tokens "$1"
    equal "$1: without the hook it draws the same again" "$tokens" "$first"
}

dispenser unaware TestClient uuids-unaware $device
dump unaware --file-validation filesize --action-script /run/hook
equal "a program that knows nothing is dumped" "$code" 0
unaware=$pid
expect_same_tokens unaware

# It has mapped the device, and closed it.
dispenser aws-lc python3 /lab/programs/python/tokens.py aws-lc
dump aws-lc --file-validation filesize --action-script /run/hook
equal "a program that maps the device is dumped" "$code" 0
expect_same_tokens aws-lc
expect_other_tokens aws-lc

# The system was started anew since the dump, and its counter comes to the very number that the program knows.
dispenser anew python3 /lab/programs/python/tokens.py aws-lc
dispense anew
known=$(generation)
dump anew --file-validation filesize --action-script /run/hook
equal "the generation is with the images" "$(cat /run/images-anew/sysgenid-generation)" "$known"
systemctl stop sysgenidd
rm -rf /run/sysgenid/*
systemctl start sysgenidd
equal "the counter begins anew" "$(generation)" 0
sysgenidctl trigger --minimum $((known - 1)) >/dev/null
generation_becomes "a change would bring the number that is known" $((known - 1))
restored_tokens anew --action-script /run/hook
first=$tokens
generation_becomes "a restore brings a number that was not there" $((known + 1))
restored_tokens anew --action-script /run/hook
equal "anew: it draws others each time" "$(echo $first $tokens | xargs -n 1 | sort -u | wc -l)" 4
# As it is where the script failed at the dump.
: >/run/images-anew/sysgenid-generation
restore anew --action-script /run/hook
check "images with an empty generation are not restored" [ "$code" != 0 ]
rm /run/images-anew/sysgenid-generation
restore anew --action-script /run/hook
check "images without a generation are not restored" [ "$code" != 0 ]
check "nothing of them runs" is_over "$pid"
check "images without a generation bring no change" [ "$(generation)" = $((known + 2)) ]

# It holds the device open.
dispenser uuids TestClient uuids $device
dump uuids --file-validation filesize --action-script /run/hook
equal "a program that holds the device open is dumped" "$code" 0
if has passthrough; then
    expect_same_tokens uuids
    expect_other_tokens uuids
    dispenser blocking TestClient uuids $device
    limit=8 dump blocking
    equal "without --file-validation filesize a dump would wait for the next change" "$code" 124
    kill -KILL "$pid"
else
    restore uuids
    equal "but without passthrough not restored, since the device has no position" "$code" 1
fi

# The hook fails.
systemctl stop sysgenidd
restore unaware --action-script /run/hook
check "what could not be told of a restore does not run" [ "$code" != 0 ]
check "it is gone" is_over "$unaware"
