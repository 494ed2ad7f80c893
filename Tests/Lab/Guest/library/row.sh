# What the tests have in common in which the machine is resumed ten times in a row. `identity_address` says where its
# identity is.

as_unit="TestClient real-time"

# serve_through_ten_resumes OPTIONS...: looks at each of them, and measures.
serve_through_ten_resumes() {
    serve "$@"
    client reader read 11
    look_at_phase
    before=$resumes
    measure_ten_resumes "$device"
    # A change too many would be here by then.
    sleep 2
    look_at_phase
    equal "the machine was resumed ten times" "$((resumes - before))" 10
    equal "ten resumes are ten generations" "$(generation)" 10
    equal "the daemon made ten changes" "$(grep -c 'the system was resumed' /run/daemon.log)" 10
    equal "the kernel counts as many" "$(reseeds)" "$resumes"
    equal "the mapped page showed each, one after the other" "$(column generation)" "1 2 3 4 5 6 7 8 9 10"
    equal "and read returned each" "$(after_ready reader)" "1 2 3 4 5 6 7 8 9 10"
    column changed | report_times "from the resume to the changed page"
    column reseeded | report_times "from the resume to the kernel's own line"
    behind_the_line | report_times "from the kernel's own line to the changed page"
    [ ! -e /run/floor-measure.log ] || behind_the_line floor-measure |
        report_times "from the kernel's own line to the word of a program that does no more"
}

# measure_floor: ten resumes without a daemon, with a program that does nothing but what it takes to store a word.
measure_floor() {
    head -c 4096 /dev/zero >/run/floor-word
    start floor $as_unit TestClient floor /run/floor-word
    floor=$pid
    until_true 10 says floor ready || give_up "the floor waits: $(cat /run/floor.log)"
    measure_ten_resumes /run/floor-word
    kill "$floor"
    mv /run/measure.log /run/floor-measure.log
}

# measure_ten_resumes PATH: how long each takes to be in the first word of the file.
measure_ten_resumes() {
    rm -f /run/measure
    mkfifo /run/measure
    start measure sh -c "exec TestClient measure $1 $(identity_address) >/run/measure"
    measure=$pid
    exec 7</run/measure
    expect_of_measure "ready"
    for number in 1 2 3 4 5 6 7 8 9 10; do
        # Nobody has anything to do meanwhile but the kernel and who stores: what is measured is their time.
        report snapshot
        expect_of_measure "generation $number "
    done
    kill "$measure"
}

# expect_of_measure BEGINNING: waits for the next line of the client that measures, which has to begin so.
expect_of_measure() {
    read -r -t 20 line <&7
    echo "$line" >>/run/measure.log
    case $line in "$1"*) ;; *) give_up "the client that measures says '$1', but said '$line'" ;; esac
}

# column WORD [LOG]: what was measured under that name.
column() { echo $(sed -n "s/.*$1 \(-*[0-9]*\).*/\1/p" "/run/${2:-measure}.log"); }

# behind_the_line [LOG]: how much later than the kernel's line each change was.
behind_the_line() {
    sed -n 's/.*changed \([0-9]*\) reseeded \([0-9]*\).*/\1 \2/p' "/run/${1:-measure}.log" |
        while read -r changed reseeded; do echo $((changed - reseeded)); done
}

# report_times WHAT: of ten times, the median and the greatest.
report_times() {
    tr ' ' '\n' | sort -n >/run/times
    figure "$1, median of ten" "$(sed -n 5p /run/times)" µs
    figure "$1, longest of ten" "$(sed -n 10p /run/times)" µs
}
