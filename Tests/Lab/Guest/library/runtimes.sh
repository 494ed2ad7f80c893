# What the tests of runtimes have in common: programs that draw from several generators at once. docs/runtimes.md says what
# comes of it.

. /lab/library/resume.sh

# draw "NAME..." COMMAND...: starts a program that answers with a token of each of the generators. It is given their names,
# by which the test's header has them, too.
draw() { draw_as "" "$@"; }

# draw_as SUFFIX "NAME..." COMMAND...: the same with a suffix to the header's names, for a program that is helped.
draw_as() {
    drawing=${2%% *}$1
    dispensers="$dispensers $drawing"
    echo "$2" | sed -E "s/[^ ]+/&$1/g" >"/run/$drawing.names"
    names=$2
    shift 2
    dispenser "$drawing" "$@" "$names"
}
dispensers=

# draw_restarted "NAME..." COMMAND...: one that is restarted after each change.
draw_restarted() {
    names=$1
    shift
    draw_as -restarted "$names" sysgenidctl run --restart -- "$@"
}

# try_all: each of them hands out its tokens.
try_all() {
    for drawing in $dispensers; do
        dispense "$drawing"
        equal "$drawing gives tokens" "$(echo "$handed_out" | sed -E 's/[^ ]{16,}/token/g')" \
            "$(sed -E 's/[^ ]+/token/g' "/run/$drawing.names")"
    done
}
